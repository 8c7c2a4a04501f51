// Putting a recording into a store: first its file, then the session's document. Each step can be done again by whoever comes next.
import { createHash } from "node:crypto";
import { type Source, StoreError } from "../core/index.js";
import type { NewSession, Session, Store } from "../store/index.js";

/** A file as the store has it. */
export interface KeptBlob {
  readonly name: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** SHA-256 of all that a source holds, hexadecimal, and its size in bytes. */
export async function hashOf(
  chunks: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}

/**
 * Puts the file of a session, whose name is `<ULID>.<rest>`. One that is there already stays where it is the same; where no
 * document speaks of it, it is what somebody did not come to the end of, and goes.
 * @throws StoreError `T2A_STORE_EXISTS` where another file of that name is part of the session; what the store throws.
 */
export async function putFile(
  store: Store,
  sessionId: string,
  name: string,
  source: Pick<Source, "stream" | "size">,
  signal?: AbortSignal,
): Promise<KeptBlob> {
  for (let tries = 1; ; tries++) {
    const hash = createHash("sha256");
    let sizeBytes = 0;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of source.stream()) {
        signal?.throwIfAborted();
        hash.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    }
    try {
      await store.storage.putBlob(sessionId, name, chunks(), { signal, sizeBytes: await source.size() });
      return { name, sizeBytes, sha256: hash.digest("hex") };
    } catch (error) {
      if (!hasCode(error, "T2A_STORE_EXISTS")) throw error;
      const ours = await hashOf(source.stream(), signal);
      const theirs = await hashOf(store.storage.readBlob(sessionId, name, { signal }), signal);
      if (ours.sha256 === theirs.sha256) return { name, ...ours };
      if (tries > 1 || (await store.find(sessionId, { signal }))?.recordings.some((other) => other.name === name))
        throw error;
      await store.storage.deleteBlob(sessionId, name, { signal });
    }
  }
}

/**
 * Saves a session whose files are put. Where there is a document of its id, made by who did not come to the end or by the session
 * itself, it gets what it lacks.
 */
export async function saveSession(store: Store, session: NewSession, signal?: AbortSignal): Promise<Session> {
  try {
    return await store.create(session, { signal });
  } catch (error) {
    if (!hasCode(error, "T2A_STORE_CONFLICT")) throw error;
  }
  return await store.update(
    session.id,
    (there) => {
      const known = new Set(there.recordings.map(({ id }) => id));
      const added = session.recordings.filter(({ id }) => !known.has(id));
      if (added.length === 0) return there;
      const { version, revision, savedAt, deletedAt } = there;
      const recordings = [...there.recordings, ...added];
      return { ...there, ...session, recordings, version, revision, savedAt, ...(deletedAt && { deletedAt }) };
    },
    { signal },
  );
}

/** Whether it is a StoreError of that code. */
export function hasCode(error: unknown, code: StoreError["code"]): error is StoreError {
  return error instanceof StoreError && error.code === code;
}
