// The HTTP status of an error's code.
import { type ErrorCode, T2aError, UsageError } from "../core/index.js";

const STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = {
  T2A_SESSION_NOT_FOUND: 404,
  T2A_STORE_NOT_FOUND: 404,
  T2A_FILE_NOT_FOUND: 404,
  T2A_CHECKPOINT: 404,
  T2A_ACCESS: 403,
  T2A_SESSION_OVER: 409,
  T2A_SESSION_LIVE: 409,
  T2A_SESSION_BUSY: 409,
  T2A_SESSION_TRANSITION: 409,
  T2A_STORE_EXISTS: 409,
  T2A_STORE_CONFLICT: 409,
  T2A_STATE: 422,
  T2A_DAEMON_VERSION: 426,
  T2A_SESSION_LIMIT: 429,
  T2A_PTY: 422,
  T2A_STORE_UNAVAILABLE: 503,
  T2A_HOLDER: 503,
  T2A_DAEMON: 503,
  T2A_ABORTED: 503,
};

/** The status: 400 for what cannot be meant, 500 for what nobody expected. */
export function httpStatus(error: unknown): number {
  if (!(error instanceof T2aError)) return 500;
  if (error instanceof UsageError) return 400;
  return STATUSES[error.code] ?? 500;
}
