// A path of the API: what it takes, what it gives and what it does, in one place: the server and the API's document are made of a list of these.
import type { z } from "zod";
import type { StopMode } from "../session/client/index.js";
import type { SessionManager } from "../session/index.js";

/** What a path may ask for beside the manager. */
export interface RouteServices {
  readonly manager: SessionManager;
  /** The store, as may be shown. */
  readonly store: string | undefined;
  /** Ends the daemon once the answer is out. @throws SessionError `T2A_SESSION_LIVE`. */
  readonly stop: (sessions: StopMode) => Promise<void>;
}

/** What came in, checked. */
export interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Aborted when the client goes. */
  readonly signal: AbortSignal;
}

/** A path as it is written down. Absent schemas: nothing is taken. */
export interface RouteSpec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Behind `/v1`; parameters in braces. */
  readonly path: string;
  /** Names it in the document. */
  readonly id: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** What it gives; absent: 204. */
  readonly response?: R;
  /** 200, or 204 without a response. */
  readonly status?: number;
  /** What it gives is written in pieces, so that others have their turn meanwhile. */
  readonly isLarge?: boolean;
  readonly run: (
    services: RouteServices,
    input: RouteInput<z.output<P>, z.output<Q>, z.output<B>>,
  ) => Promise<z.input<R>>;
}

/** A path, whatever it takes. */
export interface Route {
  readonly method: RouteSpec<z.ZodType, z.ZodType, z.ZodType, z.ZodType>["method"];
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly response: z.ZodType | undefined;
  readonly status: number;
  readonly isLarge: boolean;
  /** What it is given has been through its schemas. */
  readonly run: (services: RouteServices, input: RouteInput<never, never, never>) => Promise<unknown>;
}

/** Makes a path of what is written down. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  spec: RouteSpec<P, Q, B, R>,
): Route {
  const { method, path, id, summary, params, query, body, response, isLarge = false, run } = spec;
  const status = spec.status ?? (response === undefined ? 204 : 200);
  return { method, path, id, summary, params, query, body, response, status, isLarge, run };
}
