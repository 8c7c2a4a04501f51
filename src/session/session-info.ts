// A session as its manager tells of it: the document, and what is known while its terminal lives.
import type { Session } from "../store/index.js";

/** JSON. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * Where a value of state is kept: with the session; across all sessions of the user; in the whole store; in memory alone, until the session
 * ends.
 */
export const STATE_SCOPES = ["session", "user", "app", "temp"] as const;
/** @see STATE_SCOPES */
export type SessionStateScope = (typeof STATE_SCOPES)[number];

/** What is known of a session while its terminal lives. */
export interface LiveFacts {
  /** Of the command, and of the process that holds its terminal. */
  readonly pid: number;
  readonly holderPid: number;
  /** Cells. */
  readonly cols: number;
  readonly rows: number;
  /** Of the recording that is being made. */
  readonly recordingId: string;
  readonly isRecording: boolean;
  readonly clients: number;
  readonly outputBytes: number;
  /** ISO 8601; absent before the first output. */
  readonly lastOutputAt?: string | undefined;
  readonly title?: string | undefined;
  readonly cwd?: string | undefined;
  /** The command that runs; absent at a prompt, and where the shell does not tell. */
  readonly commandLine?: string | undefined;
  /** Limits that bite, are near or cannot be had, and why it is not recorded any more; in words. */
  readonly warnings: readonly string[];
}

/** A session: its document, and `live` while its terminal lives. */
export type SessionInfo = Session & {
  readonly live?: LiveFacts | undefined;
  /** It is over, and what it recorded last is on its way into the library: its figures are without that. Told of a session alone, not in lists. */
  readonly isSettling?: boolean | undefined;
  /** What was not to be had as it was when it was resumed, in words. */
  readonly notes?: readonly string[] | undefined;
};
