// Putting a file into a bucket: a short one in one request, a long one in parts, a few at a time. It is seen when all of it is there.
import { StoreError } from "../../core/index.js";
import { throwIfAborted } from "../aborted.js";
import { blobExists } from "../names.js";
import { isRefusal, newWord } from "./cloud-documents.js";
import type { S3Bucket, S3Object, S3Part, S3Upload } from "./s3-bucket.js";
import { S3Failure } from "./s3-failure.js";

/** What is put. */
export interface CloudFile {
  readonly sessionId: string;
  readonly name: string;
  readonly key: string;
  /** Bytes where they are known beforehand: a file of more than 80 GB then goes in longer parts. */
  readonly sizeBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Files up to this are put in one request; bytes. */
const PART_BYTES = 8 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
/** Servers take no more in one file. */
const MAX_PARTS = 10_000;
/** Parts on their way at once: what a file takes of memory is one more than that. */
const PARALLEL = 3;
const SAVE = "t2a-save";
const TYPE = "application/octet-stream";

/** Puts a file where there is none. @throws StoreError `T2A_STORE_EXISTS`; what `chunks` throws. */
export async function putFile(bucket: S3Bucket, file: CloudFile, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const partBytes = Math.max(PART_BYTES, Math.ceil((file.sizeBytes ?? 0) / (MAX_PARTS - 1)));
  const part = new PartBuffer(partBytes);
  let parts: PartsUpload | undefined;
  try {
    for await (const chunk of chunks) {
      throwIfAborted(file.signal);
      for (let at = 0; at < chunk.length; ) {
        if (part.isFull) {
          parts ??= await PartsUpload.begin(bucket, file);
          part.restart(await parts.add(part.take()));
        }
        at += part.add(chunk.subarray(at));
      }
    }
    throwIfAborted(file.signal);
    if (parts === undefined) return await putShort(bucket, file, part.take());
    await parts.add(part.take());
    await parts.complete();
  } catch (error) {
    await parts?.giveUp();
    throw error;
  }
}

async function putShort(bucket: S3Bucket, file: CloudFile, body: Uint8Array): Promise<void> {
  const { sessionId, name, key, signal } = file;
  const save = newWord();
  await bucket.retrying(
    async (tryNumber) => {
      if (tryNumber > 1) {
        const there = await bucket.head(key, { signal });
        if (there?.metadata[SAVE] === save) return; // only the answer was lost
        if (there !== undefined) throw blobExists(sessionId, name);
      }
      try {
        await bucket.put(key, body, { condition: { isNew: true }, metadata: { [SAVE]: save }, type: TYPE, signal });
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // An earlier try may have arrived after the look at it.
        const there = tryNumber === 1 ? undefined : await bucket.head(key, { signal });
        if (there?.metadata[SAVE] !== save) throw blobExists(sessionId, name);
      }
    },
    { signal },
  );
}

/** Bytes on their way into a part; grows with them. */
class PartBuffer {
  readonly #maxBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#length === this.#maxBytes;
  }

  /** Takes in what fits. Gives how much that is. */
  add(chunk: Uint8Array): number {
    const count = Math.min(chunk.length, this.#maxBytes - this.#length);
    if (this.#length + count > this.#bytes.length) {
      const size = Math.min(this.#maxBytes, Math.max(FIRST_BYTES, 2 * this.#bytes.length, this.#length + count));
      const bytes = new Uint8Array(size);
      bytes.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = bytes;
    }
    this.#bytes.set(chunk.subarray(0, count), this.#length);
    this.#length += count;
    return count;
  }

  /** What is in it, which is then another's. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    return bytes;
  }

  /** Goes on in memory that is free again. */
  restart(memory: Uint8Array | undefined): void {
    if (memory !== undefined) this.#bytes = memory;
  }
}

/** A long file on its way. */
class PartsUpload {
  readonly #bucket: S3Bucket;
  readonly #file: CloudFile;
  readonly #upload: S3Upload;
  readonly #save: string;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  readonly #parts: S3Part[] = [];
  /** Memory of parts that have arrived. */
  readonly #free: Uint8Array[] = [];
  #count = 0;
  #sizeBytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #isDone = false;

  private constructor(bucket: S3Bucket, file: CloudFile, upload: S3Upload, save: string) {
    this.#bucket = bucket;
    this.#file = file;
    this.#upload = upload;
    this.#save = save;
    const { signal } = file;
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
  }

  static async begin(bucket: S3Bucket, file: CloudFile): Promise<PartsUpload> {
    const { sessionId, name, key, signal } = file;
    const save = newWord();
    const upload = await bucket.retrying(
      async () => {
        if ((await bucket.head(key, { signal })) !== undefined) throw blobExists(sessionId, name);
        return await bucket.beginUpload(key, { metadata: { [SAVE]: save }, type: TYPE, signal });
      },
      { signal },
    );
    return new PartsUpload(bucket, file, upload, save);
  }

  /** Sends one part, as soon as fewer than so many are under way. Gives memory that is free again, where there is some. */
  async add(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    while (this.#running.size >= PARALLEL) await Promise.race(this.#running);
    this.#throwFailure();
    const number = ++this.#count;
    this.#sizeBytes += bytes.length;
    const sending = this.#send(number, bytes).finally(() => this.#running.delete(sending));
    this.#running.add(sending);
    return this.#free.pop();
  }

  /** Makes the file of the parts. */
  async complete(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
    const { sessionId, name, key, signal } = this.#file;
    const parts = this.#parts.toSorted((one, other) => one.number - other.number);
    await this.#bucket.retrying(
      async () => {
        // Also before the first try: not every server keeps the condition.
        if (this.#isOwn(await this.#bucket.head(key, { signal }))) return;
        try {
          await this.#bucket.completeUpload(this.#upload, parts, { signal });
        } catch (error) {
          if (!isRefusal(error)) throw error;
          if (!this.#isOwn(await this.#bucket.head(key, { signal }))) throw lost(sessionId, name, error);
        }
      },
      { signal },
    );
    this.#isDone = true;
    await this.#checkLength();
  }

  /** Looks at what has become of it. That it cannot be looked at is no failure: the server has said that it is done. */
  async #checkLength(): Promise<void> {
    const { sessionId, name, key, signal } = this.#file;
    let there: S3Object | undefined;
    try {
      there = await this.#bucket.retrying(() => this.#bucket.head(key, { signal }), { signal });
    } catch {
      return;
    }
    if (!this.#isOwn(there) || there?.sizeBytes === this.#sizeBytes) return;
    await this.#bucket.retrying(() => this.#bucket.delete(key));
    throw new StoreError(
      "T2A_STORE_DAMAGED",
      `the S3 server kept ${there?.sizeBytes} bytes of the ${this.#sizeBytes} of ${name} of the session ${sessionId}: put it again`,
      { details: { id: sessionId, name } },
    );
  }

  /** Ends what is under way and has the server forget the parts. What cannot be done now is done by `removeLeftovers`. */
  async giveUp(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    if (this.#isDone) return;
    try {
      await this.#bucket.retrying(() => this.#bucket.abortUpload(this.#upload), { tries: 3 });
    } catch {
      // said above
    }
  }

  /** Whether the object is this upload's; another's is `T2A_STORE_EXISTS`. */
  #isOwn(there: S3Object | undefined): boolean {
    if (there !== undefined && there.metadata[SAVE] !== this.#save)
      throw blobExists(this.#file.sessionId, this.#file.name);
    return there !== undefined;
  }

  async #send(number: number, bytes: Uint8Array): Promise<void> {
    const signal = this.#signal;
    try {
      this.#parts.push(
        await this.#bucket.retrying(() => this.#bucket.uploadPart(this.#upload, number, bytes, { signal }), { signal }),
      );
      // Of one that failed a socket may have hold yet.
      this.#free.push(bytes);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #throwFailure(): void {
    throwIfAborted(this.#file.signal);
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** That the server has forgotten the parts: somebody cleaned up, or a rule of the bucket did. */
function lost(sessionId: string, name: string, cause: unknown): S3Failure {
  return new S3Failure(`the S3 server dropped the upload of ${name} of the session ${sessionId}: put it again`, {
    reason: "NoSuchUpload",
    cause,
  });
}
