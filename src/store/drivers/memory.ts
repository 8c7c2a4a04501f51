// A store in memory: gone with the process. For trying and for tests; the shortest example of what a driver must do.
import { throwIfAborted } from "../aborted.js";
import {
  blobExists,
  blobNotFound,
  checkDocumentName,
  checkName,
  checkRange,
  conflict,
  namedConflict,
} from "../names.js";
import type { OpenDriver } from "../open-driver.js";
import type { BlobStat, DocumentStat, SessionStorage, StorageOptions, StoredDocument } from "../storage.js";

interface MemoryBlob extends BlobStat {
  readonly bytes: Uint8Array;
}

/** Chunks that a file is read in, bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** Keeps everything in memory. */
export class MemoryStorage implements SessionStorage {
  readonly driver = "memory";
  readonly location = "memory:";
  readonly supports = { manyMachines: false, localPaths: false, durable: false };
  readonly #documents = new Map<string, StoredDocument>();
  readonly #blobs = new Map<string, MemoryBlob>();
  readonly #named = new Map<string, StoredDocument>();

  async findDocument(
    id: string,
    { signal }: StorageOptions = {},
  ): Promise<(StoredDocument & DocumentStat) | undefined> {
    checkName(id);
    throwIfAborted(signal);
    const document = this.#documents.get(id);
    return document && { ...document, tag: document.revision };
  }

  async putDocument(
    { id, revision, json }: StoredDocument,
    expected: string | undefined,
    { signal }: StorageOptions = {},
  ): Promise<string> {
    checkName(id);
    throwIfAborted(signal);
    if (this.#documents.get(id)?.revision !== expected) throw conflict(id);
    this.#documents.set(id, { id, revision, json });
    return revision;
  }

  async deleteDocument(id: string, expected: string, { signal }: StorageOptions = {}): Promise<void> {
    checkName(id);
    throwIfAborted(signal);
    if (this.#documents.get(id)?.revision !== expected) throw conflict(id);
    this.#documents.delete(id);
  }

  async *listDocuments({ signal }: StorageOptions = {}): AsyncGenerator<DocumentStat> {
    throwIfAborted(signal);
    for (const [id, { revision }] of sorted(this.#documents)) yield { id, tag: revision };
  }

  async putBlob(
    sessionId: string,
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    { signal }: StorageOptions = {},
  ): Promise<void> {
    const key = keyOf(sessionId, name);
    throwIfAborted(signal);
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) {
      throwIfAborted(signal);
      parts.push(Uint8Array.from(chunk));
    }
    if (this.#blobs.has(key)) throw blobExists(sessionId, name);
    const bytes = Buffer.concat(parts);
    this.#blobs.set(key, { sessionId, name, sizeBytes: bytes.length, putAtMs: Date.now(), bytes });
  }

  async *readBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): AsyncGenerator<Uint8Array> {
    const { bytes } = this.#get(sessionId, name);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      throwIfAborted(signal);
      yield Uint8Array.from(bytes.subarray(at, at + CHUNK_BYTES));
    }
  }

  async readBlobRange(
    sessionId: string,
    name: string,
    range: { readonly start: number; readonly length: number },
    { signal }: StorageOptions = {},
  ): Promise<Uint8Array> {
    checkRange(range);
    throwIfAborted(signal);
    return Uint8Array.from(this.#get(sessionId, name).bytes.subarray(range.start, range.start + range.length));
  }

  async statBlob(sessionId: string, name: string): Promise<BlobStat | undefined> {
    const blob = this.#blobs.get(keyOf(sessionId, name));
    return blob && { sessionId, name, sizeBytes: blob.sizeBytes, putAtMs: blob.putAtMs };
  }

  async deleteBlob(sessionId: string, name: string): Promise<void> {
    this.#blobs.delete(keyOf(sessionId, name));
  }

  async *listBlobs({
    sessionId,
    signal,
  }: StorageOptions & { readonly sessionId?: string | undefined } = {}): AsyncGenerator<BlobStat> {
    if (sessionId !== undefined) checkName(sessionId);
    throwIfAborted(signal);
    for (const [, { sessionId: of, name, sizeBytes, putAtMs }] of sorted(this.#blobs)) {
      if (sessionId === undefined || of === sessionId) yield { sessionId: of, name, sizeBytes, putAtMs };
    }
  }

  async findNamed(name: string, { signal }: StorageOptions = {}): Promise<StoredDocument | undefined> {
    checkDocumentName(name);
    throwIfAborted(signal);
    return this.#named.get(name);
  }

  async putNamed(
    { id, revision, json }: StoredDocument,
    expected: string | undefined,
    { signal }: StorageOptions = {},
  ): Promise<void> {
    checkDocumentName(id);
    throwIfAborted(signal);
    if (this.#named.get(id)?.revision !== expected) throw namedConflict(id);
    this.#named.set(id, { id, revision, json });
  }

  async *listNamed({ signal }: StorageOptions = {}): AsyncGenerator<string> {
    throwIfAborted(signal);
    for (const [name] of sorted(this.#named)) yield name;
  }

  async close(): Promise<void> {}

  #get(sessionId: string, name: string): MemoryBlob {
    const blob = this.#blobs.get(keyOf(sessionId, name));
    if (blob === undefined) throw blobNotFound(sessionId, name);
    return blob;
  }
}

/** Opens a store that ends with the process. */
export const openMemory: OpenDriver<"memory"> = async () => {
  const { openMemoryIndex } = await import("../index/open-sqlite-index.js");
  return { storage: new MemoryStorage(), index: await openMemoryIndex(), check: "never" };
};

function keyOf(sessionId: string, name: string): string {
  checkName(sessionId, name);
  return `${sessionId}/${name}`;
}

function sorted<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
}
