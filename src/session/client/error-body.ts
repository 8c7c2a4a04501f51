// Errors as they cross the API: what was thrown on one side is thrown as the same class with the same code on the other.
import {
  AccessError,
  type ErrorCode,
  FormatError,
  PtyError,
  SessionError,
  StoreError,
  T2aError,
  UsageError,
} from "../../core/index.js";
import type { ErrorBody } from "./daemon-protocol.js";

/** Bounds of what is told, UTF-16 units. */
const MAX_MESSAGE = 16 * 1024;
const MAX_DETAILS = 64 * 1024;

/** An error for the other side. What t2a did not throw on purpose is told as the daemon's failure, without its message: that is for its log. */
export function errorBody(error: unknown): ErrorBody {
  if (!(error instanceof T2aError)) {
    return errorBody(new SessionError("T2A_DAEMON", "the daemon failed at this: its log says where (t2a daemon logs)"));
  }
  const { name, code, message } = error;
  const place = error instanceof FormatError ? { offset: error.offset, eventNumber: error.eventNumber } : {};
  return {
    error: { name, code, message: message.slice(0, MAX_MESSAGE), details: jsonDetails({ ...error.details, ...place }) },
  };
}

/** Details are for people and programs that may do without them. */
function jsonDetails(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    const json = JSON.stringify(details);
    return json.length > MAX_DETAILS ? {} : JSON.parse(json);
  } catch {
    return {}; // cycles, big integers
  }
}

/** The error that a body tells of; undefined where it tells of none. */
export function errorOfBody(body: unknown): T2aError | undefined {
  if (!isObject(body) || !isObject(body.error)) return undefined;
  const { name, code, message, details } = body.error;
  if (typeof code !== "string" || !/^T2A_[A-Z_]{1,60}$/.test(code) || typeof message !== "string") return undefined;
  const make = (typeof name === "string" ? MAKERS.get(name) : undefined) ?? makeBase;
  // A newer daemon may have codes that this client does not know: they are codes all the same.
  return make(code as ErrorCode, message.slice(0, MAX_MESSAGE), isObject(details) ? details : {});
}

type MakeError = (code: ErrorCode, message: string, details: Readonly<Record<string, unknown>>) => T2aError;

const makeBase: MakeError = (code, message, details) => new T2aError(code, message, { details });

const MAKERS: ReadonlyMap<string, MakeError> = new Map<string, MakeError>([
  ["UsageError", (code, message, details) => new UsageError(message, { code, details })],
  ["StoreError", (code, message, details) => new StoreError(code, message, { details })],
  ["AccessError", (code, message, details) => new AccessError(code, message, { details })],
  ["PtyError", (code, message, details) => new PtyError(code, message, { details })],
  ["SessionError", (code, message, details) => new SessionError(code, message, { details })],
  ["FormatError", makeFormatError],
]);

function makeFormatError(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>>): FormatError {
  const { offset, eventNumber, ...rest } = details;
  return new FormatError(code, message, {
    details: rest,
    ...(typeof offset === "number" ? { offset } : {}),
    ...(typeof eventNumber === "number" ? { eventNumber } : {}),
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
