// Session documents of recordings: the draft while one is made, the whole when it is known. What a recording says of itself is cut
// to what a document may hold.
import type { Header } from "../core/index.js";
import type { NewSession, SessionRecording } from "../store/index.js";
import type { RecordingFacts } from "./recording-facts.js";

/** What the user says of a session. */
export interface SessionWishes {
  /** Else the recording's title, else its command, else `otherName`, else its shell. */
  readonly name?: string | undefined;
  /** What to call it where it says nothing of itself: the name of the file it came in. */
  readonly otherName?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** UTF-16 units. */
export const MAX_WORDS = 4096;
export const MAX_TEXT = 64 * 1024;
const MAX_NAME = 200;
const MAX_TAGS = 1000;
const MAX_ENV = 1000;

/** The draft of a session of one recording, of which the header is known. */
export function draftSession(
  header: Omit<Header, "id">,
  { id, now, wishes = {} }: { readonly id: string; readonly now: number; readonly wishes?: SessionWishes },
): NewSession {
  const { cols, rows, command, cwd, env = {}, host, user, parentId } = header;
  const createdAt = timeOf(header, now);
  return {
    id,
    name: clip(wishes.name, MAX_WORDS) ?? nameOf(header, wishes.otherName),
    status: "active",
    createdAt,
    lastActivityAt: createdAt,
    config: {
      ...defined({ command: clip(command, MAX_TEXT), cwd: clip(cwd, MAX_WORDS) }),
      env: Object.fromEntries(
        Object.entries(env)
          .slice(0, MAX_ENV)
          .map(([key, value]) => [key.slice(0, 1024), value.slice(0, MAX_TEXT)]),
      ),
      cols,
      rows,
    },
    ...defined({ parent: parentId }),
    children: [],
    state: { session: {} },
    recordings: [],
    tags: tagsOf([...(header.tags ?? []), ...(wishes.tags ?? [])]),
    commandCount: 0,
    stats: { events: {}, outputBytes: 0, inputBytes: 0, durationNs: 0, storedBytes: 0, dropped: 0 },
    ...defined({ host: clip(host, MAX_WORDS), user: clip(user, MAX_WORDS) }),
  };
}

/** Tags without blanks around them, each once. */
export function tagsOf(tags: readonly string[]): string[] {
  const all = tags.map((tag) => tag.trim().slice(0, MAX_WORDS)).filter((tag) => tag !== "");
  return [...new Set(all)].slice(0, MAX_TAGS);
}

/** The session with a recording that is known as a whole. */
export function withRecording(
  draft: NewSession,
  facts: RecordingFacts,
  recording: Omit<SessionRecording, "stats" | "cols" | "rows" | "createdAt" | "format" | "title">,
  isInterrupted: boolean,
): NewSession {
  const { header, stats, exitStatus, commandCount, lastCommand, taskError } = facts;
  const createdAt = timeOf(header, Date.parse(draft.createdAt));
  const { cols, rows } = header;
  const title = clip(header.title, MAX_WORDS);
  const line = clip(lastCommand?.line, MAX_TEXT);
  const { exitStatus: lastStatus, duration: durationNs } = lastCommand ?? {};
  return {
    ...draft,
    createdAt,
    lastActivityAt: later(createdAt, stats.durationNs),
    status: isInterrupted ? "interrupted" : exitStatus === undefined || exitStatus === 0 ? "completed" : "failed",
    config: { ...draft.config, cols, rows },
    recordings: [
      ...draft.recordings,
      { ...recording, format: "t2r", createdAt, cols, rows, stats, ...defined({ title }) },
    ],
    commandCount,
    ...defined({ lastCommand: line }),
    ...(lastCommand === undefined ? {} : { lastResult: defined({ exitStatus: lastStatus, durationNs }) }),
    ...defined({ exitStatus, error: clip(taskError, MAX_TEXT) }),
    stats,
  };
}

/** A name is one line. */
function nameOf({ title, command, env }: Omit<Header, "id">, otherName: string | undefined): string {
  const line = (text: string | undefined) => clip(text?.split("\n", 1)[0]?.trim(), MAX_NAME);
  return line(title) ?? line(command) ?? line(otherName) ?? line(env?.SHELL?.split("/").at(-1)) ?? "recording";
}

/** ISO 8601; what a header says is not believed where no calendar has it. */
function timeOf({ startTime }: Pick<Header, "startTime">, now: number): string {
  const ms = startTime === undefined ? now : Number(startTime / 1_000_000n);
  return new Date(isTellable(ms) ? ms : now).toISOString();
}

/** Whether documents can tell the time, milliseconds since 1970. */
export function isTellable(ms: number): boolean {
  return ms >= 0 && ms < MAX_TIME_MS;
}

/** Years of more than four digits are not written so in ISO 8601. */
const MAX_TIME_MS = Date.UTC(9999, 11, 31);

function later(time: string, nanos: number): string {
  return new Date(Math.min(Date.parse(time) + Math.floor(nanos / 1e6), MAX_TIME_MS)).toISOString();
}

/** Undefined for what is empty. */
export function clip(text: string | undefined, max: number): string | undefined {
  return text === undefined || text === "" ? undefined : text.slice(0, max);
}

/** The members that have a value. */
export function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // `as`: fromEntries forgets the keys that entries has just given.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
