// Moving recordings out of the spool into the store: finished, put, saved, and only then removed from the spool, so that whoever
// comes next can do any step again.
import { statSync } from "node:fs";
import { T2aError } from "../core/index.js";
import { openFileSource } from "../files/index.js";
import type { Session, Store } from "../store/index.js";
import { type FinalizeOptions, type FinalizeResult, finalizeT2r } from "./finalize.js";
import { putFile, saveSession } from "./keep-recording.js";
import { recordingFacts } from "./recording-facts.js";
import { withRecording } from "./session-draft.js";
import type { HeldSpoolEntry, Spool } from "./spool.js";

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
  const size = statSync(entry.path, { throwIfNoEntry: false })?.size;
  // Removed by who put it into the store, or never begun.
  if (size === undefined || size === 0) return entry.remove();
  const finalize = options.finalize ?? finalizeT2r;
  const result = await finalize(entry.path, { signal });
  signal?.throwIfAborted();
  if (result?.outcome === "no-room") {
    throw new T2aError("T2A_FILE_IO", "the disk has no room to finish the recording", {
      details: { name: entry.path },
    });
  }
  const source = await openFileSource(entry.path);
  let session: Session;
  try {
    const facts = await recordingFacts(source, signal);
    const draft = entry.session();
    const blob = await putFile(store, draft.id, `${recordingId}.t2r`, source, signal);
    const isInterrupted = facts.exitStatus === undefined;
    session = await saveSession(
      store,
      withRecording(draft, facts, { id: recordingId, ...blob }, isInterrupted),
      signal,
    );
  } finally {
    await source.close();
  }
  entry.remove();
  onCollected?.(session, recordingId);
}
