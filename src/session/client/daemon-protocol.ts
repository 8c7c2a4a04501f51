// What a client and the daemon say to each other beside the API's paths: the protocol's version, errors as JSON, and the messages of an
// attached terminal. docs/daemon.md describes it, docs/openapi.json lists the paths.
import type { ErrorCode } from "../../core/index.js";
import type { SessionInfo } from "../session-info.js";
import type { ManagerStats } from "../session-manager.js";

/** The version that is spoken, and the oldest that is understood: this one and the one before it. */
export const DAEMON_PROTOCOL = 1;
export const DAEMON_PROTOCOL_OLDEST = 1;
/** Header of requests and answers alike: the version that the sender speaks. */
export const PROTOCOL_HEADER = "t2a-protocol";
/** Header of answers: the daemon's t2a. */
export const VERSION_HEADER = "t2a-version";
/** A longer body is refused by the daemon, bytes. */
export const MAX_BODY = 4 * 1024 * 1024;
/** What may be typed at once: longer input is sent in parts, bytes. */
export const MAX_INPUT = 256 * 1024;
/** A longer message of a client ends its attachment, bytes. */
export const MAX_CLIENT_MESSAGE = 1024 * 1024;
/** A reference to a session may be as long as a session's name, UTF-16 units. */
export const MAX_REFERENCE = 4096;

/** What the daemon says of itself. */
export interface DaemonAbout extends ManagerStats {
  readonly protocol: number;
  readonly oldestProtocol: number;
  /** The store, as may be shown. */
  readonly store?: string | undefined;
}

/** What becomes of sessions when the daemon ends: they keep it from ending, they end, or they live on. */
export const STOP_MODES = ["refuse", "end", "keep"] as const;
/** @see STOP_MODES */
export type StopMode = (typeof STOP_MODES)[number];

/** An error as it crosses the API. */
export interface ErrorBody {
  readonly error: {
    /** Name of its class. */
    readonly name: string;
    readonly code: ErrorCode;
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
}

/** Text frames to a client, JSON. Binary frames are output, but for the one right behind `screen`: that is its dump. */
export type AttachServerMessage =
  /** The first. */
  | { readonly v: 1; readonly type: "attached"; readonly clientId: string; readonly session: SessionInfo }
  | { readonly type: "screen"; readonly cols: number; readonly rows: number }
  | { readonly type: "resize"; readonly cols: number; readonly rows: number }
  | { readonly type: "session"; readonly session: SessionInfo; readonly hasKeyboard?: boolean | undefined }
  | { readonly type: "exit"; readonly exitStatus: number; readonly signal?: string | undefined }
  | { readonly type: "detached"; readonly reason: string }
  | ({ readonly type: "error" } & ErrorBody);

/** Text frames of a client, JSON. Binary frames are typed. */
export type AttachClientMessage =
  | { readonly type: "resize"; readonly cols: number; readonly rows: number }
  | { readonly type: "detach" };

/** Status with which the daemon closes a client's WebSocket when it ends by itself: it may be there again soon. */
export const CLOSED_BY_DAEMON = 1001;
