// Moving recordings out of the spool into the store: finished, put, saved, and only then removed from the spool, so that whoever
// comes next can do any step again.
import { rmSync, statSync } from "node:fs";
import { openRecording, openT2r } from "../../formats/index.js";
import { FormatError, type Recording, T2aError } from "../core/index.js";
import { openFileSource } from "../files/index.js";
import type { Session, Store } from "../store/index.js";
import { beginText, LONG_PACKED_BYTES } from "./early-text.js";
import { type FinalizeOptions, type FinalizeResult, finalizeT2r } from "./finalize.js";
import { putFile, saveSession } from "./keep-recording.js";
import { ASIDE } from "./lost-notes.js";
import { withManagedRecording } from "./managed-session.js";
import { recordingFacts } from "./recording-facts.js";
import { withRecording } from "./session-draft.js";
import type { HeldSpoolEntry, Spool, SpoolNote } from "./spool.js";

/** How to collect. */
export interface CollectOptions {
  readonly store: Store;
  readonly spool: Spool;
  /** The store, as may be shown: recordings for others stay. */
  readonly location: string;
  /** Only the recording of that id. */
  readonly recordingId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Finishes a .t2r; in this thread where absent. */
  readonly finalize?: ((path: string, options: FinalizeOptions) => Promise<FinalizeResult | undefined>) | undefined;
  /** `finalize` works in another thread: the text of what is long is indexed meanwhile. */
  readonly isThreaded?: boolean | undefined;
  /** A recording is in the store. */
  readonly onCollected?: ((session: Session, recordingId: string) => void) | undefined;
  /** A recording stays in the spool. */
  readonly onFailed?: ((recordingId: string, error: unknown) => void) | undefined;
}

/**
 * Moves every recording that nobody works on any more. One that fails stays whole and keeps up no other.
 * @throws the signal's reason.
 */
export async function collectSpool(options: CollectOptions): Promise<void> {
  const { spool, location, recordingId, signal, onFailed } = options;
  spool.sweep();
  for (const { note, isHeld } of spool.entries(location)) {
    signal?.throwIfAborted();
    if (isHeld || (recordingId !== undefined && note.recordingId !== recordingId)) continue;
    const entry = spool.hold(note.recordingId);
    if (entry === undefined) continue;
    try {
      await collectHeld(entry, options);
    } catch (error) {
      signal?.throwIfAborted();
      onFailed?.(note.recordingId, error);
    } finally {
      entry.release();
    }
  }
}

async function collectHeld(entry: HeldSpoolEntry, options: CollectOptions): Promise<void> {
  const { store, signal, onCollected } = options;
  const { recordingId, purpose } = entry.note;
  // What it was made of is with its owner still.
  if (purpose === "adding") return entry.remove();
  if (sizeOf(entry.path) === 0) {
    if (sizeOf(entry.journalPath) > 0) {
      throw new FormatError("T2A_FORMAT_DAMAGED", `${entry.path} is empty, and its journal is not: both stay there`);
    }
    return entry.remove(); // removed by who put it into the store, or never begun
  }
  const isEarly = options.isThreaded === true && sizeOf(entry.path) >= LONG_PACKED_BYTES;
  const text = isEarly ? beginText(store, openWhole(entry.path), signal) : undefined;
  try {
    const finalize = options.finalize ?? finalizeT2r;
    const result = await finalize(entry.path, { signal, salvage: { path: entry.salvagePath, overwrite: true } });
    signal?.throwIfAborted();
    if (result?.outcome === "no-room") {
      throw new T2aError("T2A_FILE_IO", "the disk has no room to finish the recording", {
        details: { name: entry.path },
      });
    }
    const damage = result?.salvage?.damage;
    const session = await putInto(entry, damage, options);
    if (damage === undefined) await text?.show(session, recordingId);
    entry.remove();
    onCollected?.(session, recordingId);
  } finally {
    await text?.end();
  }
}

/** A recording whose recorder has died is read when it is finished: until then a part of it is in a journal, which goes then. */
function openWhole(path: string) {
  return async (signal: AbortSignal): Promise<Recording> => {
    const source = await openFileSource(path);
    try {
      if ((await openT2r(source)) === undefined) throw new FormatError("T2A_FORMAT_DAMAGED", `${path} has no end`);
      return await openRecording(source, { signal });
    } catch (error) {
      await source.close();
      throw error;
    }
  };
}

/** What is good of a damaged recording is kept with the damaged one beside it: the spool is no place to stay. */
async function putInto(
  entry: HeldSpoolEntry,
  damage: { readonly reason: string; readonly offset: number } | undefined,
  { store, spool, location, signal }: CollectOptions,
): Promise<Session> {
  const { recordingId, isManaged = false } = entry.note;
  const source = await openFileSource(damage === undefined ? entry.path : entry.salvagePath);
  try {
    const facts = await recordingFacts(source, signal);
    if (damage !== undefined && facts.stats.outputBytes === 0) {
      rmSync(entry.salvagePath, { force: true });
      const { reason, offset } = damage;
      throw new FormatError("T2A_FORMAT_DAMAGED", `${entry.path} is damaged: ${reason} at byte ${offset}`, { offset });
    }
    const draft = entry.session();
    const blob = await putFile(store, draft.id, `${recordingId}.t2r`, source, signal);
    const kept = damage === undefined ? {} : { original: await putDamaged(entry, store, signal) };
    const recording = { id: recordingId, ...blob, ...kept };
    // What a manager's draft lists is in the store, or waits here as this one does.
    const base = isManaged ? { ...draft, recordings: [] } : draft;
    const session = withRecording(base, facts, recording, facts.exitStatus === undefined);
    const error =
      damage &&
      `its recording was damaged (${damage.reason} at byte ${damage.offset}): the file is kept as its original`;
    const whole = { ...session, ...(error && { error }) };
    if (!isManaged) return await saveSession(store, whole, signal);
    return await saveSession(store, whole, signal, (there) => {
      const isLast = !spool.entries(location).some(({ note }) => isLaterOf(entry, note));
      return withManagedRecording(there, whole, isLast);
    });
  } finally {
    await source.close();
  }
}

/** A later recording of the same session: ids ascend with time. */
function isLaterOf({ note }: HeldSpoolEntry, { session, recordingId }: SpoolNote): boolean {
  return session.id === note.session.id && recordingId > note.recordingId;
}

/** The recording as it is, and what its journal holds beside. */
async function putDamaged({ note, path, journalPath, session }: HeldSpoolEntry, store: Store, signal?: AbortSignal) {
  const { id } = session();
  const put = async (name: string, file: string) => {
    const source = await openFileSource(file);
    try {
      return await putFile(store, id, name, source, signal);
    } finally {
      await source.close();
    }
  };
  if (sizeOf(journalPath) > 0) await put(`${ASIDE}${note.recordingId}.t2r-journal`, journalPath);
  return { ...(await put(`${note.recordingId}.original.t2r`, path)), format: "t2r" };
}

/** Bytes; 0 where there is no such file. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
