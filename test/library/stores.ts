// Stores with sessions in them, for tests of moving and mending them.
import { createHash, randomBytes } from "node:crypto";
import { monotonicFactory } from "ulid";
import { MemoryStorage } from "../../src/store/drivers/memory.js";
import { type NewSession, type Session, type SessionStorage, Store } from "../../src/store/index.js";
import { MemoryIndex } from "../support/memory-index.js";

/** Ids ascend, as tests that look at one session after the other expect. */
const ulid = monotonicFactory();

/** A store over a storage; in memory unless one is given. */
export function newStore(storage: SessionStorage = new MemoryStorage()): Store {
  return new Store({ storage, index: new MemoryIndex(), check: "never" });
}

/** A session that is not saved. */
export function newSession(parts: Partial<NewSession> = {}): NewSession {
  const at = "2026-11-01T10:00:00.000Z";
  return {
    id: ulid(),
    name: "demo",
    status: "completed",
    createdAt: at,
    lastActivityAt: at,
    config: { env: {}, cols: 80, rows: 24 },
    children: [],
    state: { session: {} },
    recordings: [],
    tags: [],
    commandCount: 0,
    stats: { events: {}, outputBytes: 0, inputBytes: 0, durationNs: 0, storedBytes: 0, dropped: 0 },
    ...parts,
  };
}

/** A recording's entry in a document, for these bytes. */
export function recordingOf(bytes: Uint8Array, id = ulid()): Session["recordings"][number] {
  return {
    id,
    name: `${id}.t2r`,
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    format: "t2r",
    createdAt: "2026-11-01T10:00:00.000Z",
    cols: 80,
    rows: 24,
    stats: {
      events: { output: 1 },
      outputBytes: bytes.length,
      inputBytes: 0,
      durationNs: 1e9,
      storedBytes: bytes.length,
      dropped: 0,
    },
  };
}

/** Puts a file, whole. */
export async function putBytes(store: Store, sessionId: string, name: string, bytes: Uint8Array): Promise<void> {
  await store.storage.putBlob(
    sessionId,
    name,
    (async function* () {
      yield bytes;
    })(),
  );
}

/** Saves a session with recordings of these bytes; by default one of a few random ones. */
export async function addSession(
  store: Store,
  parts: Partial<NewSession> = {},
  files: readonly Uint8Array[] = [randomBytes(3000)],
): Promise<Session> {
  const session = newSession(parts);
  const recordings = files.map((bytes) => recordingOf(bytes));
  for (const [at, { name }] of recordings.entries())
    await putBytes(store, session.id, name, files[at] ?? new Uint8Array());
  return await store.create({ ...session, recordings });
}

/** All that a storage holds: documents by id, SHA-256 of the files by path. */
export async function contentOf({ storage }: Store): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  for await (const { id } of storage.listDocuments()) content[id] = (await storage.findDocument(id))?.json ?? "";
  for await (const { sessionId, name } of storage.listBlobs()) {
    const hash = createHash("sha256");
    for await (const chunk of storage.readBlob(sessionId, name)) hash.update(chunk);
    content[`${sessionId}/${name}`] = hash.digest("hex");
  }
  return content;
}
