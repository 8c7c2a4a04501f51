// What storages in databases have in common: files are kept in chunks of one size as rows, put under a number that nobody sees
// and made visible by one statement when all are there.
import { throwIfAborted } from "../aborted.js";
import { blobExists, blobNotFound, checkName, checkRange } from "../names.js";
import type {
  BlobStat,
  DocumentStat,
  SessionStorage,
  StorageOptions,
  StorageSupports,
  StoredDocument,
} from "../storage.js";

/** Bytes of a chunk; the last one of a file is shorter. Part of the tables' layout. */
export const CHUNK_BYTES = 1024 * 1024;

/** A file that is there: the number its chunks are under, and its size in bytes. */
export interface DatabaseBlob {
  readonly blob: string;
  readonly sizeBytes: number;
}

/** A storage in a database. Its drivers say how rows are put and read. */
export abstract class DatabaseStorage implements SessionStorage {
  abstract readonly driver: string;
  abstract readonly location: string;
  abstract readonly supports: StorageSupports;

  abstract findDocument(id: string, options?: StorageOptions): Promise<(StoredDocument & DocumentStat) | undefined>;
  abstract putDocument(
    document: StoredDocument,
    expected: string | undefined,
    options?: StorageOptions,
  ): Promise<string>;
  abstract deleteDocument(id: string, expected: string, options?: StorageOptions): Promise<void>;
  abstract listDocuments(options?: StorageOptions): AsyncIterable<DocumentStat>;
  abstract statBlob(sessionId: string, name: string, options?: StorageOptions): Promise<BlobStat | undefined>;
  abstract deleteBlob(sessionId: string, name: string, options?: StorageOptions): Promise<void>;
  abstract listBlobs(options?: StorageOptions & { readonly sessionId?: string | undefined }): AsyncIterable<BlobStat>;
  abstract findNamed(name: string, options?: StorageOptions): Promise<StoredDocument | undefined>;
  abstract putNamed(document: StoredDocument, expected: string | undefined, options?: StorageOptions): Promise<void>;
  abstract listNamed(options?: StorageOptions): AsyncIterable<string>;
  abstract close(): Promise<void>;

  /** The file; undefined where there is none. */
  protected abstract findBlob(
    sessionId: string,
    name: string,
    options: StorageOptions | undefined,
  ): Promise<DatabaseBlob | undefined>;
  /** Draws a number for a file that nobody sees yet. */
  protected abstract beginBlob(options: StorageOptions | undefined): Promise<string>;
  protected abstract putChunk(
    blob: string,
    number: number,
    bytes: Uint8Array,
    options: StorageOptions | undefined,
  ): Promise<void>;
  /** Makes the file visible, whole; false where there is one of that name. */
  protected abstract showBlob(
    blob: string,
    stat: { readonly sessionId: string; readonly name: string; readonly sizeBytes: number },
    options: StorageOptions | undefined,
  ): Promise<boolean>;
  /** Deletes what was put of a file that nobody has seen. Does what it can: what stays is swept later. */
  protected abstract dropBlob(blob: string): Promise<void>;
  /** `length` bytes of a chunk from `start`, fewer at its end; undefined where the chunk is not there any more. */
  protected abstract readChunk(
    blob: string,
    number: number,
    range: { readonly start: number; readonly length: number },
    options: StorageOptions | undefined,
  ): Promise<Uint8Array | undefined>;

  async putBlob(
    sessionId: string,
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    options?: StorageOptions,
  ): Promise<void> {
    checkName(sessionId, name);
    // Known beforehand mostly: nothing is sent for nothing.
    if ((await this.findBlob(sessionId, name, options)) !== undefined) throw blobExists(sessionId, name);
    const blob = await this.beginBlob(options);
    let isShown = false;
    try {
      let number = 0;
      let sizeBytes = 0;
      for await (const chunk of inChunks(chunks)) {
        throwIfAborted(options?.signal);
        await this.putChunk(blob, number++, chunk, options);
        sizeBytes += chunk.length;
      }
      isShown = await this.showBlob(blob, { sessionId, name, sizeBytes }, options);
      if (!isShown) throw blobExists(sessionId, name);
    } finally {
      if (!isShown) await this.dropBlob(blob);
    }
  }

  async *readBlob(sessionId: string, name: string, options?: StorageOptions): AsyncGenerator<Uint8Array> {
    const { blob, sizeBytes } = await this.#getBlob(sessionId, name, options);
    const whole = { start: 0, length: CHUNK_BYTES };
    for (let number = 0; number * CHUNK_BYTES < sizeBytes; number++) {
      yield await this.#getChunk(blob, number, whole, { sessionId, name }, options);
    }
  }

  async readBlobRange(
    sessionId: string,
    name: string,
    asked: { readonly start: number; readonly length: number },
    options?: StorageOptions,
  ): Promise<Uint8Array> {
    checkRange(asked);
    const { start, length } = asked;
    const { blob, sizeBytes } = await this.#getBlob(sessionId, name, options);
    const end = Math.min(start + length, sizeBytes);
    const parts: Uint8Array[] = [];
    for (let at = start; at < end; ) {
      const number = Math.floor(at / CHUNK_BYTES);
      const from = at - number * CHUNK_BYTES;
      const range = { start: from, length: Math.min(end - at, CHUNK_BYTES - from) };
      parts.push(await this.#getChunk(blob, number, range, { sessionId, name }, options));
      at += range.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  async #getBlob(sessionId: string, name: string, options: StorageOptions | undefined): Promise<DatabaseBlob> {
    checkName(sessionId, name);
    const found = await this.findBlob(sessionId, name, options);
    if (found === undefined) throw blobNotFound(sessionId, name);
    return found;
  }

  async #getChunk(
    blob: string,
    number: number,
    range: { readonly start: number; readonly length: number },
    { sessionId, name }: { readonly sessionId: string; readonly name: string },
    options: StorageOptions | undefined,
  ): Promise<Uint8Array> {
    const bytes = await this.readChunk(blob, number, range, options);
    // Deleted while it was read: what is left of it is nobody's.
    if (bytes === undefined) throw blobNotFound(sessionId, name);
    return bytes;
  }
}

/** Bytes as they come, in chunks of one size. A chunk is valid until the next is asked for. */
async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let buffer: Uint8Array | undefined;
  let filled = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      buffer ??= new Uint8Array(CHUNK_BYTES);
      const taken = Math.min(bytes.length - at, CHUNK_BYTES - filled);
      buffer.set(bytes.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === CHUNK_BYTES) {
        yield buffer;
        filled = 0;
      }
    }
  }
  if (buffer !== undefined && filled > 0) yield buffer.subarray(0, filled);
}
