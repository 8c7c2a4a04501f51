// Putting a recording into a store: first its file, then the session's document. Each step can be done again by whoever comes next.
import { createHash } from "node:crypto";
import { type Source, StoreError } from "../core/index.js";
import type { NewSession, Session, Store } from "../store/index.js";
import { isRemade } from "./lost-notes.js";
import { listedFiles } from "./session-files.js";

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
      const session = await store.find(sessionId, { signal });
      if (tries > 1 || (session && listedFiles(session).some((other) => other.name === name))) throw error;
      await store.storage.deleteBlob(sessionId, name, { signal });
    }
  }
}

/**
 * Saves a session whose files are put. Where there is a document of its id, made by who did not come to the end or by the session
 * itself, it gets what it lacks (`merge` says what); one that was made of nothing but its recordings becomes what the session says. Only
 * when this has come back may what the files were made of go: that they are there is looked at last.
 * @throws StoreError `T2A_STORE_CONFLICT` where somebody took a file away meanwhile, or saved another one in its place.
 */
export async function saveSession(
  store: Store,
  session: NewSession,
  signal?: AbortSignal,
  merge: (there: Session) => Session = (there) => merged(there, session),
): Promise<Session> {
  const saved = await createOrUpdate(store, session, merge, signal);
  const listed = new Map(listedFiles(saved).map((file) => [file.name, file]));
  for (const { name, sizeBytes, sha256 } of listedFiles(session)) {
    const stat = await store.storage.statBlob(session.id, name, { signal });
    if (stat?.sizeBytes === sizeBytes && listed.get(name)?.sha256 === sha256) continue;
    throw new StoreError(
      "T2A_STORE_CONFLICT",
      `another writer took the file ${name} of the session ${session.id} away, or has another one: try again`,
      { details: { id: session.id, name } },
    );
  }
  return saved;
}

async function createOrUpdate(
  store: Store,
  session: NewSession,
  merge: (there: Session) => Session,
  signal: AbortSignal | undefined,
): Promise<Session> {
  try {
    return await store.create(session, { signal });
  } catch (error) {
    if (!hasCode(error, "T2A_STORE_CONFLICT")) throw error;
  }
  return await store.update(session.id, merge, { signal });
}

function merged(there: Session, session: NewSession): Session {
  const known = new Set(there.recordings.flatMap(({ id, name }) => [id, name]));
  const added = session.recordings.filter(({ id, name }) => !known.has(id) && !known.has(name));
  if (added.length === 0 && !isRemade(there)) return there;
  const { version, revision, savedAt, deletedAt, error, ...rest } = there;
  const recordings = [...there.recordings, ...added];
  const kept = isRemade(there) || error === undefined ? {} : { error };
  return { ...rest, ...kept, ...session, recordings, version, revision, savedAt, ...(deletedAt && { deletedAt }) };
}

/** Whether it is a StoreError of that code. */
export function hasCode(error: unknown, code: StoreError["code"]): error is StoreError {
  return error instanceof StoreError && error.code === code;
}
