// The session document: what a store keeps of one session beside its recordings. JSON, human-readable, about 2 KB.
// docs/session.schema.json is made of this schema (checked by a test).
import { z } from "zod";
import { REVISION, SESSION_STATUSES, SESSION_VERSION, ULID } from "./session-words.js";

export { SESSION_STATUSES, SESSION_VERSION, type SessionStatus, ULID } from "./session-words.js";

const id = z.string().regex(ULID, "is no ULID");
/** ISO 8601 in UTC, as Date.toISOString writes it. */
const time = z.iso.datetime();
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "is no SHA-256 in hexadecimal");
/** What a session may say of itself is bounded: a document is read whole. UTF-16 units. */
const words = z.string().max(4096);
const text = z.string().max(64 * 1024);
const jsonObject = z.record(z.string().max(1024), z.json());

/** Events by kind, bytes of data by kind, and what it takes on disk. */
export const recordingStatsSchema = z.object({
  /** Number of events by kind; kinds that did not occur may be absent. */
  events: z.record(z.string().max(32), count),
  /** Bytes that the program wrote, and that were typed and recorded. */
  outputBytes: count,
  inputBytes: count,
  /** Nanoseconds from the start to the last event. */
  durationNs: count,
  /** Bytes of the recording as it is stored. */
  storedBytes: count,
  /** Events that the recorder could not keep: gaps count as one each. */
  dropped: count,
});
/** @see recordingStatsSchema */
export type RecordingStats = z.infer<typeof recordingStatsSchema>;

/** Not that of the document itself either, in any case of its letters. */
const BLOB = /^(?![Ss][Ee][Ss][Ss][Ii][Oo][Nn]\.[Jj][Ss][Oo][Nn]$)[0-9A-Za-z][0-9A-Za-z._-]{0,127}$/;

/** A file of a session in the store: its name there, its size in bytes and its hash. */
const blobSchema = z.object({
  name: z.string().regex(BLOB, "is no name of a file in a store"),
  sizeBytes: count,
  sha256,
});

/** One recording of a session. */
export const sessionRecordingSchema = blobSchema.extend({
  /** ULID: that of the recording's header where it has one. */
  id,
  /** `t2r`, but for what could not be converted. */
  format: z.string().max(64),
  /** Wall time at its start; the time it was added where it does not say. */
  createdAt: time,
  cols: z.int().min(1),
  rows: z.int().min(1),
  title: words.optional(),
  stats: recordingStatsSchema,
  /** The file that it was made of, kept as it came (`t2a library add --as`). */
  original: blobSchema.extend({ format: z.string().max(64) }).optional(),
});
/** @see sessionRecordingSchema */
export type SessionRecording = z.infer<typeof sessionRecordingSchema>;

/** How a session was started. */
export const sessionConfigSchema = z.object({
  /** As /bin/sh takes it; absent: the user's shell. */
  command: text.optional(),
  cwd: words.optional(),
  /** The part of the environment that was asked to be kept. */
  env: z.record(z.string().max(1024), text),
  cols: z.int().min(1),
  rows: z.int().min(1),
  /** Attached terminals do not change its size. */
  keepsSize: z.boolean().optional(),
  template: words.optional(),
  limits: jsonObject.optional(),
});
/** @see sessionConfigSchema */
export type SessionConfig = z.infer<typeof sessionConfigSchema>;

/** The whole document. Times are ISO 8601 in UTC; what is not known is absent. */
export const sessionSchema = z.object({
  version: z.literal(SESSION_VERSION),
  id,
  /** `COUNT-ULID`: the count rises by one with each save, the ULID tells one writer's save from another's. */
  revision: z.string().regex(REVISION, "is no revision"),
  name: words.min(1),
  status: z.enum(SESSION_STATUSES),
  createdAt: time,
  lastActivityAt: time,
  savedAt: time,
  /** In the trash since then. */
  deletedAt: time.optional(),
  config: sessionConfigSchema,
  /** The agent that it belongs to, what for, and what it was told. */
  agent: words.optional(),
  purpose: text.optional(),
  context: jsonObject.optional(),
  parent: id.optional(),
  children: z.array(id).max(10_000),
  handoffTo: id.optional(),
  /** Values of the session's own scope. */
  state: z.object({ session: jsonObject }),
  recordings: z.array(sessionRecordingSchema).max(10_000),
  /** Of a session without recordings: its commands, the JSON array that `t2a commands --json` prints. Other content has another name. */
  commands: blobSchema.optional(),
  tags: z.array(words.min(1)).max(1000),
  commandCount: count,
  /** The line of the last command that ended, and how. */
  lastCommand: text.optional(),
  lastResult: z.object({ exitStatus: z.int().optional(), durationNs: count.optional() }).optional(),
  /** Of the command or shell of the session itself; 128 + number where a signal ended it. */
  exitStatus: z.int().optional(),
  error: text.optional(),
  /** All recordings together. */
  stats: recordingStatsSchema,
  host: words.optional(),
  user: words.optional(),
});
/** One live or past terminal under care, as a store keeps it. Immutable: a change is a new object. */
export type Session = Readonly<z.infer<typeof sessionSchema>>;
