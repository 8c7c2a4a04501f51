// Takes into a store's index the text of recordings that it does not have yet.
import { openRecording, openT2r } from "../../formats/index.js";
import { type Command, commandsInJson } from "../analyze/index.js";
import { NANOS_PER_MS, type Source, T2aError, wrapSource } from "../core/index.js";
import { type IndexedCommand, openBlobSource, type RecordingText, type Session, type Store } from "../store/index.js";
import { storedCommands } from "./commands-section.js";
import { recordingText } from "./recording-text.js";

/** How to index recordings. */
export interface IndexRecordingsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of recordings that could not be read, or not to their end: what could be read of them is searched. */
  readonly onProblem?: ((recordingId: string, error: T2aError) => void) | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Recordings asked for at once. */
const PAGE = 100;
/** What is wrong with a recording itself: another time it will be no better. */
const ITS_OWN_FAULT = /^T2A_(?:FORMAT_|UNKNOWN_FORMAT|CODEC|STORE_NOT_FOUND|STORE_DAMAGED|FILE_NOT_FOUND)/;

/**
 * Indexes what is not indexed yet; other processes may be at it too. Gives how many recordings.
 * @throws StoreError where the store cannot be read or written; the signal's reason.
 */
export async function indexRecordings(store: Store, options: IndexRecordingsOptions = {}): Promise<number> {
  const { signal, onProgress } = options;
  const tried = new Set<string>();
  for (;;) {
    const some = await store.index.listUnindexed(PAGE + tried.size);
    const fresh = some.filter(({ sessionId, recordingId }) => !tried.has(`${sessionId}/${recordingId}`)).slice(0, PAGE);
    if (fresh.length === 0) return tried.size;
    for (const { sessionId, recordingId } of fresh) {
      signal?.throwIfAborted();
      tried.add(`${sessionId}/${recordingId}`);
      const session = await store.find(sessionId, { signal });
      if (session !== undefined) await indexOne(store, session, recordingId, options);
      onProgress?.(tried.size);
    }
  }
}

async function indexOne(
  store: Store,
  session: Session,
  recordingId: string,
  options: IndexRecordingsOptions,
): Promise<void> {
  const { signal, onProblem } = options;
  if (session.commands?.name === recordingId) return await indexCommands(store, session, session.commands, options);
  const recording = session.recordings.find(({ id }) => id === recordingId);
  if (recording === undefined) return; // the index will hear of it
  const known = {
    sessionId: session.id,
    recordingId,
    title: recording.title ?? session.name,
    startMs: Date.parse(recording.createdAt),
  };
  const onDamage = (error: T2aError) => onProblem?.(recordingId, error);
  let source: Source | undefined;
  try {
    source = await openBlobSource(store.storage, session.id, recording.name, { signal });
    const commands = await commandsOf(source);
    const opened = await openRecording(wrapSource(source, { close: async () => {} }), { signal });
    try {
      await store.index.putText(recordingText(opened, { ...known, commands, onDamage, signal }));
    } finally {
      await opened.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof T2aError) || !ITS_OWN_FAULT.test(error.code)) throw error;
    onDamage(error);
    await store.index.putText(nothingOf(known));
  } finally {
    await source?.close();
  }
}

/** The commands of a session that has them in a file of their own: `startNs` counts from the session's beginning. */
async function indexCommands(
  store: Store,
  session: Session,
  { name }: NonNullable<Session["commands"]>,
  { signal, onProblem }: IndexRecordingsOptions,
): Promise<void> {
  const startMs = Date.parse(session.createdAt);
  const commands: IndexedCommand[] = [];
  let units = 0;
  try {
    const source = await openBlobSource(store.storage, session.id, name, { signal });
    try {
      for await (const { line, cwd, startedAt, durationNs, exitStatus } of commandsInJson(source)) {
        if (line === null || units > MAX_UNITS) continue;
        const cut = line.slice(0, MAX_LINE);
        units += cut.length;
        const ms = startedAt === null ? startMs : Date.parse(startedAt);
        commands.push({
          number: commands.length + 1,
          line: cut,
          cwd: cwd ?? undefined,
          startNs: Math.min(Math.max(0, ms - startMs) * NANOS_PER_MS, MAX_NS),
          durationNs: durationNs ?? undefined,
          exitStatus: exitStatus ?? undefined,
        });
      }
    } finally {
      await source.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof T2aError) || !ITS_OWN_FAULT.test(error.code)) throw error;
    onProblem?.(name, error);
  }
  // Without a title of its own it is shown by the session's name.
  const known = { sessionId: session.id, recordingId: name, title: "", startMs };
  await store.index.putText({ ...nothingOf(known), commands: () => commands });
}

/** Of one line, and of all of them, UTF-16 units that are searched. */
const MAX_LINE = 16 * 1024;
const MAX_UNITS = 64 * 1024 * 1024;
/** What indexes can hold: some 200 years. */
const MAX_NS = 2 ** 62;

/** Those that a .t2r says it has; undefined where they are to be looked for. */
async function commandsOf(source: Source): Promise<readonly Command[] | undefined> {
  if (!source.supports.ranges) return undefined;
  const open = await openT2r(source).catch((error: unknown) => {
    if (error instanceof T2aError && /^T2A_(?:FORMAT|CODEC)/.test(error.code)) return undefined; // reading tells it
    throw error;
  });
  return open && (await storedCommands(open));
}

function nothingOf(known: Omit<RecordingText, "passages" | "commands">): RecordingText {
  return { ...known, passages: (async function* () {})(), commands: () => [] };
}
