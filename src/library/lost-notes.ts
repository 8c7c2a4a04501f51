// What a session says of files that it has lost: lines in its `error`, which go when a file comes back.
import type { RecordingStats, Session, SessionRecording } from "../store/index.js";
import type { ListedFile } from "./session-files.js";

/** Begins the name of a file that was set aside in the store. */
export const ASIDE = "lost.";

const MARK = "lost: ";
/** What the schema allows, UTF-16 units. */
const MAX_UNITS = 64 * 1024;

/** The session's error with a line more for a file that it does not have any more. */
export function withLostNote(
  error: string | undefined,
  { name, sizeBytes, sha256 }: ListedFile,
  reason: string,
): string {
  const line = `${MARK}${name} (${sizeBytes} bytes, SHA-256 ${sha256}): ${reason}`;
  const text = error === undefined || error === "" ? line : `${error}\n${line}`;
  return text.length > MAX_UNITS ? (error ?? "").slice(0, MAX_UNITS) : text;
}

/** The session's error without the lines about files of these names; undefined where nothing is left. */
export function withoutLostNotes(error: string | undefined, names: ReadonlySet<string>): string | undefined {
  const lines = error?.split("\n").filter((line) => {
    const name = line.startsWith(MARK) ? line.slice(MARK.length).split(" ", 1)[0] : undefined;
    return name === undefined || !names.has(name);
  });
  return lines === undefined || lines.length === 0 ? undefined : lines.join("\n");
}

/** Begins the line of a session of which nothing but its recordings was left: any document that there is of it says more. */
export const REMADE = "remade: ";

/** Whether nothing is known of a session but its recordings. */
export function isRemade({ error }: Pick<Session, "error">): boolean {
  return error?.split("\n").some((line) => line.startsWith(REMADE)) === true;
}

/** The session with these recordings, and what follows from them. */
export function withRecordings(session: Session, recordings: readonly SessionRecording[]): Session {
  return { ...session, recordings: [...recordings], stats: totalOf(recordings, session.commands?.sizeBytes) };
}

/** All of them together, and the bytes that their session's commands take. */
function totalOf(recordings: readonly SessionRecording[], storedBytes = 0): RecordingStats {
  const events: Record<string, number> = {};
  const total = { outputBytes: 0, inputBytes: 0, durationNs: 0, storedBytes, dropped: 0 };
  for (const { stats } of recordings) {
    for (const [kind, count] of Object.entries(stats.events)) events[kind] = (events[kind] ?? 0) + count;
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += stats[key];
  }
  return { events, ...total };
}
