// A recording of a session that a manager keeps: it is added to the session's document, in order of the recordings' beginnings, and ends
// the session where it is the last. All else of the document is the manager's.
import type { NewSession, Session, SessionRecording } from "../store/index.js";
import { isRemade, withRecordings } from "./lost-notes.js";

/**
 * The document with the recording that `whole`, the draft of the session with this recording alone, is about. `isLast`: no later one is
 * being made, or waits. The document as it is where it has the recording.
 */
export function withManagedRecording(there: Session, whole: NewSession, isLast: boolean): Session {
  const { recordings, commandCount, lastCommand, lastResult, lastActivityAt, status, exitStatus, error } = whole;
  const known = new Set(there.recordings.flatMap(({ id, name }) => [id, name]));
  const added = recordings.filter(({ id, name }) => !known.has(id) && !known.has(name));
  const base = isRemade(there) ? remadeFrom(there, whole) : there;
  if (added.length === 0) return base;
  const all = [...base.recordings, ...added].sort(byBeginning);
  const isNewest = added.some(({ id }) => all.at(-1)?.id === id);
  const isEnd = isNewest && isLast && base.status === "active";
  return {
    ...withRecordings(base, all),
    commandCount: base.commandCount + commandCount,
    lastActivityAt: later(base.lastActivityAt, lastActivityAt),
    ...(isNewest && lastCommand !== undefined ? { lastCommand, lastResult } : {}),
    ...(isEnd ? { status } : {}),
    ...(isNewest && isLast && exitStatus !== undefined ? { exitStatus } : {}),
    ...(error === undefined ? {} : { error: base.error === undefined ? error : `${base.error}\n${error}` }),
  };
}

/** Of a document that was made of nothing but its recordings, the draft knows more. */
function remadeFrom({ error, ...there }: Session, draft: NewSession): Session {
  const { version, revision, savedAt, recordings, stats, commandCount, deletedAt } = there;
  const { lastCommand, lastResult, exitStatus, error: _, ...known } = draft;
  return {
    ...known,
    version,
    revision,
    savedAt,
    recordings,
    stats,
    commandCount,
    status: "active",
    ...(deletedAt === undefined ? {} : { deletedAt }),
  };
}

function byBeginning(one: SessionRecording, other: SessionRecording): number {
  return Date.parse(one.createdAt) - Date.parse(other.createdAt) || (one.id < other.id ? -1 : 1);
}

function later(one: string, other: string): string {
  return Date.parse(one) >= Date.parse(other) ? one : other;
}
