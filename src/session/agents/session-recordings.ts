// The recordings of a session in order, those in the spool among them, each opened when its turn comes.
import { openRecording } from "../../../formats/index.js";
import type { Recording, Source } from "../../core/index.js";
import { openFileSource } from "../../files/index.js";
import type { Library } from "../../library/kept.js";
import { openBlobSource, type Session } from "../../store/index.js";

/** A recording that can be opened. */
export interface OpenableRecording {
  readonly id: string;
  /** Opens it from its beginning; of one that is being made what is there by now. Whoever calls this closes it. */
  open(): Promise<Recording>;
}

/** The recordings of a session, the oldest first. */
export function sessionRecordings(library: Library, session: Session): readonly OpenableRecording[] {
  const { store, spool } = library;
  const kept = session.recordings.map(({ id, name }) => ({
    id,
    open: async () => await openSoFar(await openStored(library, session.id, name)),
  }));
  const known = new Set(kept.map(({ id }) => id));
  const spooled = spool
    .recordingsOf(session.id)
    .filter((id) => !known.has(id))
    .map((recordingId) => ({
      id: recordingId,
      open: async () => {
        try {
          return await openSoFar(await openFileSource(spool.recordingPath(recordingId)));
        } catch (error) {
          // It was moved since.
          const moved = (await store.find(session.id))?.recordings.find(({ id }) => id === recordingId);
          if (moved === undefined) throw error;
          return await openSoFar(await openStored(library, session.id, moved.name));
        }
      },
    }));
  return [...kept, ...spooled];
}

async function openStored({ store }: Library, sessionId: string, name: string): Promise<Source> {
  const path = store.storage.localPath?.(sessionId, name);
  return path === undefined ? await openBlobSource(store.storage, sessionId, name) : await openFileSource(path);
}

async function openSoFar(source: Source): Promise<Recording> {
  return await openRecording(source, { recover: true });
}
