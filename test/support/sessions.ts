// Sessions and texts of recordings for tests: valid, and all alike but for what a test says of them.
import { ulid } from "ulid";
import type { IndexedCommand, Passage, RecordingText, Session } from "../../src/store/index.js";

/** What nothing was recorded of. */
export const NO_STATS = {
  events: {},
  outputBytes: 0,
  inputBytes: 0,
  durationNs: 0,
  storedBytes: 0,
  dropped: 0,
} as const;

let last = Date.UTC(2026, 0, 1);

/** A session that no other is; `createdAt` gives its id its time. */
export function testSession(changes: Partial<Session> = {}): Session {
  last += 1000;
  const createdAt = changes.createdAt ?? new Date(last).toISOString();
  const id = ulid(Date.parse(createdAt));
  return {
    version: 1,
    id,
    revision: `1-${ulid()}`,
    name: "a session",
    status: "completed",
    createdAt,
    lastActivityAt: createdAt,
    savedAt: createdAt,
    config: { env: {}, cols: 80, rows: 24 },
    children: [],
    state: { session: {} },
    recordings: [],
    tags: [],
    commandCount: 0,
    stats: NO_STATS,
    ...changes,
  };
}

/** A recording of a session. */
export function testRecording(changes: Partial<Session["recordings"][number]> = {}): Session["recordings"][number] {
  const id = changes.id ?? ulid();
  return {
    name: `${id}.t2r`,
    sizeBytes: 0,
    sha256: "0".repeat(64),
    id,
    format: "t2r",
    createdAt: "2026-01-01T00:00:00.000Z",
    cols: 80,
    rows: 24,
    stats: NO_STATS,
    ...changes,
  };
}

/** The text of a session's first recording: passages of lines, a second apart from each other. */
export function testText(
  session: Session,
  passages: readonly (readonly string[])[],
  commands: readonly (Partial<IndexedCommand> & { readonly line: string })[] = [],
): RecordingText {
  const [recording] = session.recordings;
  if (recording === undefined) throw new Error("the session has no recording");
  let second = 0;
  const lines = passages.map((passage) => passage.map((text) => ({ timeNs: second++ * 1e9, text })));
  return {
    sessionId: session.id,
    recordingId: recording.id,
    title: recording.title ?? "",
    startMs: Date.parse(recording.createdAt),
    passages: (async function* () {
      for (const passage of lines) yield { lines: passage } satisfies Passage;
    })(),
    commands: () => commands.map((command, at) => ({ number: at + 1, startNs: at * 1e9, ...command })),
  };
}
