// Reading a file out of a bucket, or a part of it: as a stream, which is taken up again behind its last byte where a connection ends.
import type { Readable } from "node:stream";
import { blobNotFound } from "../names.js";
import type { StorageOptions } from "../storage.js";
import { cutShort, type S3Bucket, type S3Object } from "./s3-bucket.js";

/** What is read. */
export interface CloudRead extends StorageOptions {
  readonly sessionId: string;
  readonly name: string;
  readonly key: string;
  readonly start: number;
  /** To the end where absent. */
  readonly length?: number | undefined;
}

/**
 * The bytes, in chunks of what one packet or a few brought. Each chunk is tried for as often as any request.
 * @throws StoreError `T2A_STORE_NOT_FOUND`, also where the file is deleted meanwhile.
 */
export async function* readFile(bucket: S3Bucket, read: CloudRead): AsyncGenerator<Uint8Array> {
  const reader = new FileReader(bucket, read);
  try {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) yield chunk;
  } finally {
    reader.close();
  }
}

class FileReader {
  readonly #bucket: S3Bucket;
  readonly #read: CloudRead;
  #at: number;
  #end: number;
  #object: S3Object | undefined;
  #body: Readable | undefined;
  #chunks: AsyncIterator<Uint8Array> | undefined;

  constructor(bucket: S3Bucket, read: CloudRead) {
    this.#bucket = bucket;
    this.#read = read;
    this.#at = read.start;
    this.#end = read.length === undefined ? Number.POSITIVE_INFINITY : read.start + read.length;
  }

  /** Undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const { signal } = this.#read;
    return await this.#bucket.retrying(() => this.#next(), { signal });
  }

  close(): void {
    this.#body?.destroy();
    this.#body = undefined;
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#object !== undefined && this.#at >= this.#end) return undefined;
    if (this.#body === undefined && !(await this.#open())) return undefined;
    try {
      const { done, value } = (await this.#chunks?.next()) ?? { done: true, value: undefined };
      if (!done) {
        const chunk = value.subarray(0, this.#end - this.#at);
        this.#at += chunk.length;
        return chunk;
      }
      if (this.#at < this.#end) throw cutShort();
      return undefined;
    } catch (error) {
      this.close();
      throw this.#bucket.failureOf(error, this.#read.signal);
    }
  }

  /** Asks for what is left. False where there is nothing. */
  async #open(): Promise<boolean> {
    const { sessionId, name, key, signal, start } = this.#read;
    const length = this.#end === Number.POSITIVE_INFINITY ? undefined : this.#end - this.#at;
    const found = await this.#bucket.get(key, { start: this.#at, ...(length === undefined ? {} : { length }), signal });
    if (found === undefined) {
      // There is no file; or the part begins behind its end, as every part of an empty one does.
      const there = this.#object === undefined ? await this.#bucket.head(key, { signal }) : undefined;
      if (there === undefined || there.sizeBytes > start) throw blobNotFound(sessionId, name);
      return false;
    }
    const { object, body } = found;
    if (this.#object !== undefined && this.#object.etag !== object.etag) {
      body.destroy();
      throw blobNotFound(sessionId, name); // another file has taken the name
    }
    this.#object = object;
    this.#end = Math.min(this.#end, object.sizeBytes);
    this.#body = body;
    this.#chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    return true;
  }
}
