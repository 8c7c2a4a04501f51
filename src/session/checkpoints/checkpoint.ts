// A checkpoint: a point that a session can be resumed from, small, as JSON that carries its own checksum. The screen is not in it: it
// comes from the recording, up to the position that is.
import { createHash } from "node:crypto";
import { ULID } from "../../store/index.js";
import type { JsonObject } from "../session-info.js";

/** Why a checkpoint was written. */
export const CHECKPOINT_REASONS = [
  "interval",
  "command",
  "cwd",
  "state",
  "signal",
  "exit",
  "asked",
  "recovered",
] as const;
/** @see CHECKPOINT_REASONS */
export type CheckpointReason = (typeof CHECKPOINT_REASONS)[number];

/** What a session can be resumed from. */
export interface Checkpoint {
  readonly number: number;
  readonly sessionId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly reason: CheckpointReason;
  readonly recordingId: string;
  /** How far the recording was. */
  readonly timeNs: number;
  readonly events: number;
  /** Cells. */
  readonly cols: number;
  readonly rows: number;
  readonly cwd?: string | undefined;
  /** The command that was running. */
  readonly commandLine?: string | undefined;
  /** Variables that had changed, of those that may be kept; null: was not set any more. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Values of the session's own scope. */
  readonly state: JsonObject;
  /** SHA-256 of the context that it was given, hexadecimal. */
  readonly contextSha256?: string | undefined;
}

const VERSION = 1;
/** A larger file is none, bytes: state takes a megabyte at most. */
export const MAX_CHECKPOINT_BYTES = 4 * 1024 * 1024;

/** The text of a checkpoint's file. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const body = JSON.stringify(checkpoint);
  const sha256 = createHash("sha256").update(body).digest("hex");
  return `${JSON.stringify({ version: VERSION, sha256 })}\n${body}\n`;
}

/** The checkpoint of a file's text; undefined where it is damaged, or of a newer t2a. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [head = "", body = "", end, ...more] = text.split("\n");
  if (end !== "" || more.length > 0) return undefined;
  try {
    const { version, sha256 } = Object(JSON.parse(head)) as Readonly<Record<string, unknown>>;
    if (version !== VERSION || sha256 !== createHash("sha256").update(body).digest("hex")) return undefined;
    const found: unknown = JSON.parse(body);
    return isCheckpoint(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Files are this user's own, but what is not as it should be must not end the daemon. */
function isCheckpoint(value: unknown): value is Checkpoint {
  const found = Object(value) as Readonly<Record<string, unknown>>;
  const isText = (key: string) => found[key] === undefined || typeof found[key] === "string";
  const isCount = (key: string, least: number) => Number.isSafeInteger(found[key]) && Number(found[key]) >= least;
  const { env, state, sessionId, recordingId, createdAt, reason } = found;
  return (
    typeof sessionId === "string" &&
    ULID.test(sessionId) &&
    typeof recordingId === "string" &&
    ULID.test(recordingId) &&
    typeof createdAt === "string" &&
    (CHECKPOINT_REASONS as readonly unknown[]).includes(reason) &&
    isCount("number", 1) &&
    isCount("timeNs", 0) &&
    isCount("events", 0) &&
    isCount("cols", 1) &&
    isCount("rows", 1) &&
    isText("cwd") &&
    isText("commandLine") &&
    isText("contextSha256") &&
    isObject(state) &&
    isObject(env) &&
    Object.values(env).every((one) => one === null || typeof one === "string")
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
