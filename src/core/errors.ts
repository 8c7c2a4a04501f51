// The errors t2a throws: one base, few classes by who must act, stable codes in one table.
// Messages may change between versions; codes may not. docs/errors.md has a line for each code (checked by a test).

/** Every error code with its meaning. The CLI's exit status is 2 for usage errors and 1 for all others. */
export const ERROR_CODES = {
  T2A_USAGE: "the command line or an option's value is wrong",
  T2A_CONFIG: "a settings file or a T2A_* variable holds something unusable",
  T2A_UNKNOWN_FORMAT: "the input is no recording t2a knows, or a format's name is unknown",
  T2A_FORMAT_UNSUPPORTED: "the format cannot do what was asked (write-only, read-only, no append)",
  T2A_FORMAT_DAMAGED: "a recording is cut short or damaged at a byte offset",
  T2A_FORMAT_HEADER: "a recording's header is missing or holds impossible values",
  T2A_FORMAT_LIMIT: "a recording asks for more memory than a bound allows",
  T2A_CODEC: "compressed input is damaged or cut short",
  T2A_FILE_EXISTS: "the output exists already and neither overwrite nor append was asked for",
  T2A_FILE_NOT_FOUND: "the input does not exist",
  T2A_FILE_IO: "reading or writing a file failed",
  T2A_FILE_LOCKED: "another recording is writing the file",
  T2A_NETWORK: "a URL could not be read",
  T2A_PTY: "the pseudo-terminal or the command in it could not be started",
  T2A_TTY: "the user's terminal could not be used",
  T2A_SCREEN: "the headless screen refused a stream or a saved state",
  T2A_KEY: "a key to sign with cannot be used",
  T2A_STORE_URL: "a store's URL names no driver that t2a has, or is not one of that driver's",
  T2A_STORE_NOT_FOUND: "the store holds no session, recording or file of that name",
  T2A_STORE_EXISTS: "the store holds a session or file of that name already",
  T2A_STORE_CONFLICT: "another writer saved the session first",
  T2A_STORE_VERSION: "the store was written by a newer t2a",
  T2A_STORE_DAMAGED: "the store holds something that is not what was put there",
  T2A_STORE_UNAVAILABLE: "the store's server failed more often than is tried, or another process keeps the store busy",
  T2A_ACCESS: "a folder or file is open to others, or is not the user's own",
  T2A_SESSION_NOT_FOUND: "there is no session of that name",
  T2A_SESSION_OVER: "the session's terminal is gone, so it takes nothing any more",
  T2A_SESSION_LIVE: "the session's terminal lives, which is in the way of what was asked",
  T2A_SESSION_BUSY: "a program runs in the session where a prompt is needed",
  T2A_SESSION_TRANSITION: "a session of that status cannot come to the one that was asked for",
  T2A_SESSION_LIMIT: "a bound on sessions, or one of the session's own limits, is reached",
  T2A_STATE: "a key or a value of state cannot be kept",
  T2A_CHECKPOINT: "there is no checkpoint that can be read",
  T2A_TEMPLATE: "a template is missing, or holds something unusable",
  T2A_DAEMON: "the daemon cannot be started or reached, failed, or a second one was to be started",
  T2A_DAEMON_VERSION: "the daemon, or a holder of terminals, speaks another version of the protocol",
  T2A_HOLDER: "the process that holds terminals cannot be started or reached",
  T2A_ABORTED: "the work was cancelled by a signal",
} as const;

/** A stable error code; see {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What an error carries beside its message. `details` never holds secrets; its `nextStep` is what the user can do, in words. */
export interface ErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The base of all errors that t2a throws on purpose. The message says what, which, and what to do next. */
export class T2aError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The caller asked for something that cannot be meant; the CLI exits with status 2. */
export class UsageError extends T2aError {
  constructor(message: string, options: ErrorOptions & { readonly code?: ErrorCode } = {}) {
    super(options.code ?? "T2A_USAGE", message, options);
  }
}

/** Where in its input a {@link FormatError} stands. */
export interface FormatErrorOptions extends ErrorOptions {
  /** Byte offset in the (uncompressed) input at which the damage begins. */
  readonly offset?: number | undefined;
  /** Number of the event (from 1) that could not be read. */
  readonly eventNumber?: number | undefined;
}

/** A recording is not what its format says. */
export class FormatError extends T2aError {
  readonly offset: number | undefined;
  readonly eventNumber: number | undefined;

  constructor(code: ErrorCode, message: string, options: FormatErrorOptions = {}) {
    super(code, message, options);
    this.offset = options.offset;
    this.eventNumber = options.eventNumber;
  }
}

/** A file, store or network location failed. */
export class StoreError extends T2aError {}

/** Something is open to people who must not see it, or closed to the user. */
export class AccessError extends T2aError {}

/** A pseudo-terminal or the user's own terminal failed. */
export class PtyError extends T2aError {}

/** A session is not what the request needs it to be, or who keeps it cannot be reached. */
export class SessionError extends T2aError {}

/** The system's code of a failed call (`ENOENT`, `ENOSPC` ...), or undefined where the value is no such error. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
