// A file of a store as a source: opened where it is, or read by ranges through a cache that all such sources share.
import type { Source } from "../core/index.js";
import { openFileSource } from "../files/index.js";
import { throwIfAborted } from "./aborted.js";
import { blobNotFound } from "./names.js";
import type { SessionStorage, StorageOptions } from "./storage.js";

/** What is asked of a storage at once, bytes. */
const BLOCK_BYTES = 256 * 1024;
/** Blocks kept, of all sources together, bytes. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** Blocks by storage, file and number; what was used last is last. Files of a store never change. */
class BlockCache {
  readonly #blocks = new Map<string, Promise<Uint8Array>>();

  async read(key: string, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#blocks.get(key);
    this.#blocks.delete(key);
    const block = known ?? load();
    this.#blocks.set(key, block);
    if (this.#blocks.size > CACHE_BYTES / BLOCK_BYTES) {
      const [oldest] = this.#blocks.keys();
      if (oldest !== undefined) this.#blocks.delete(oldest);
    }
    try {
      return await block;
    } catch (error) {
      if (this.#blocks.get(key) === block) this.#blocks.delete(key);
      throw error;
    }
  }
}

const cache = new BlockCache();
/** Two storages may have files of the same name. */
const storageNumbers = new WeakMap<SessionStorage, number>();
let storages = 0;

/**
 * Opens a file of a session for reading. Whoever opens it closes it; the storage is to stay open meanwhile.
 * @throws StoreError `T2A_STORE_NOT_FOUND`, and what the storage throws.
 */
export async function openBlobSource(
  storage: SessionStorage,
  sessionId: string,
  name: string,
  options: StorageOptions = {},
): Promise<Source> {
  const stat = await storage.statBlob(sessionId, name, options);
  if (stat === undefined) throw blobNotFound(sessionId, name);
  if (storage.localPath !== undefined) return await openFileSource(storage.localPath(sessionId, name));
  return blobSource(storage, { sessionId, name, sizeBytes: stat.sizeBytes }, options);
}

interface BlobPlace {
  readonly sessionId: string;
  readonly name: string;
  readonly sizeBytes: number;
}

function blobSource(
  storage: SessionStorage,
  { sessionId, name, sizeBytes }: BlobPlace,
  options: StorageOptions,
): Source {
  const number = storageNumbers.get(storage) ?? ++storages;
  storageNumbers.set(storage, number);
  const block = (at: number) =>
    cache.read(`${number}/${sessionId}/${name}/${at}`, async () => {
      const start = at * BLOCK_BYTES;
      const length = Math.min(BLOCK_BYTES, sizeBytes - start);
      return await storage.readBlobRange(sessionId, name, { start, length }, options);
    });
  const readRange = async (start: number, length: number): Promise<Uint8Array> => {
    throwIfAborted(options.signal);
    const end = Math.min(start + length, sizeBytes);
    if (start >= end) return new Uint8Array(0);
    const first = Math.floor(start / BLOCK_BYTES);
    const last = Math.floor((end - 1) / BLOCK_BYTES);
    // Blocks are shared: what is given away is a copy.
    const bytes = new Uint8Array(end - start);
    for (let at = first; at <= last; at++) {
      const from = at * BLOCK_BYTES;
      bytes.set((await block(at)).subarray(Math.max(0, start - from), end - from), Math.max(0, from - start));
    }
    return bytes;
  };
  return {
    name: `${sessionId}/${name}`,
    supports: { restart: true, ranges: true, siblings: false, follow: false },
    stream: () => storage.readBlob(sessionId, name, options),
    size: async () => sizeBytes,
    readRange,
    sibling: async () => undefined,
    watch() {
      throw new TypeError("a file of a store does not change: there is nothing to watch");
    },
    close: async () => {},
  };
}
