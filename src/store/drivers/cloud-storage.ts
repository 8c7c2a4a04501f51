// A store in a bucket on a server of the S3 kind: `sessions/ULID/session.json` and the session's files beside it, under the prefix,
// and `named/NAME.json`, documents of the store itself. Several machines may write at once; docs/stores.md says what is required of the server.
import { ulid } from "ulid";
import { StoreError } from "../../core/index.js";
import { throwIfAborted } from "../aborted.js";
import { type S3Location, visibleStoreUrl } from "../location.js";
import { blobNotFound, checkDocumentName, checkName, checkRange } from "../names.js";
import type { BlobStat, DocumentStat, SessionStorage, StorageOptions, StoredDocument } from "../storage.js";
import { CloudDocuments, isRefusal, NAMED_DOCUMENTS, SESSION_DOCUMENTS, SESSIONS } from "./cloud-documents.js";
import { readFile } from "./cloud-read.js";
import { putFile } from "./cloud-upload.js";
import { newerVersion } from "./newer-version.js";
import { type PutCondition, S3Bucket, type S3BucketOptions, type S3Object } from "./s3-bucket.js";

/** How a store in a bucket is opened. */
export interface CloudStorageOptions extends S3BucketOptions {
  /** Nothing is made where there is no store. */
  readonly mustExist?: boolean | undefined;
}

/** The version of stores that this t2a writes. */
const STORE_VERSION = 1;
const NOTE = "store.json";
const KIND = "t2a-store";
const MAX_NOTE_BYTES = 64 * 1024;
/** Uploads and deletions that are older than this have nobody who will end them. */
const LEFTOVER_MS = 86_400_000;

/** Keeps sessions in a bucket. */
export class CloudStorage implements SessionStorage {
  readonly driver = "s3";
  readonly location: string;
  readonly supports = { manyMachines: true, localPaths: false, durable: true };
  /** What the store was called when it was made: a ULID. */
  readonly id: string;
  readonly #bucket: S3Bucket;
  readonly #documents: CloudDocuments;
  readonly #named: CloudDocuments;

  private constructor(location: string, id: string, bucket: S3Bucket) {
    this.location = location;
    this.id = id;
    this.#bucket = bucket;
    this.#documents = new CloudDocuments(bucket, SESSION_DOCUMENTS);
    this.#named = new CloudDocuments(bucket, NAMED_DOCUMENTS);
  }

  /**
   * Opens the store in the bucket, made where there is none; the bucket must be there.
   * @throws StoreError `T2A_STORE_NOT_FOUND` with `mustExist`, `T2A_STORE_VERSION`, `T2A_STORE_DAMAGED`, `T2A_STORE_UNAVAILABLE`
   * (also where the server does not keep conditions).
   */
  static async open(
    location: S3Location,
    { mustExist = false, ...options }: CloudStorageOptions = {},
  ): Promise<CloudStorage> {
    const shown = visibleStoreUrl(location);
    const bucket = await S3Bucket.open(location, options);
    try {
      const note = (await readNote(bucket, shown)) ?? (mustExist ? undefined : await makeNote(bucket, shown));
      if (note === undefined) throw new StoreError("T2A_STORE_NOT_FOUND", `there is no store at ${shown}`);
      return new CloudStorage(shown, note.id, bucket);
    } catch (error) {
      bucket.close();
      throw error;
    }
  }

  async findDocument(id: string, options?: StorageOptions): Promise<(StoredDocument & DocumentStat) | undefined> {
    checkName(id);
    return await this.#documents.find(id, options);
  }

  async putDocument(document: StoredDocument, expected: string | undefined, options?: StorageOptions): Promise<string> {
    checkName(document.id);
    return await this.#documents.put(document, expected, options);
  }

  async deleteDocument(id: string, expected: string, options?: StorageOptions): Promise<void> {
    checkName(id);
    await this.#documents.delete(id, expected, options);
  }

  async *listDocuments(options?: StorageOptions): AsyncGenerator<DocumentStat> {
    yield* this.#documents.list(options);
  }

  async putBlob(
    sessionId: string,
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    { sizeBytes, signal }: StorageOptions & { readonly sizeBytes?: number | undefined } = {},
  ): Promise<void> {
    const key = keyOf(sessionId, name);
    throwIfAborted(signal);
    await putFile(this.#bucket, { sessionId, name, key, sizeBytes, signal }, chunks);
  }

  async *readBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): AsyncGenerator<Uint8Array> {
    yield* readFile(this.#bucket, { sessionId, name, key: keyOf(sessionId, name), start: 0, signal });
  }

  async readBlobRange(
    sessionId: string,
    name: string,
    range: { readonly start: number; readonly length: number },
    { signal }: StorageOptions = {},
  ): Promise<Uint8Array> {
    const key = keyOf(sessionId, name);
    checkRange(range);
    if (range.length === 0) {
      if ((await this.#findObject(key, signal)) === undefined) throw blobNotFound(sessionId, name);
      return new Uint8Array(0);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of readFile(this.#bucket, { sessionId, name, key, ...range, signal })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async statBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): Promise<BlobStat | undefined> {
    const object = await this.#findObject(keyOf(sessionId, name), signal);
    return object && { sessionId, name, sizeBytes: object.sizeBytes, putAtMs: object.modifiedAtMs };
  }

  async deleteBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): Promise<void> {
    const key = keyOf(sessionId, name);
    await this.#bucket.retrying(() => this.#bucket.delete(key, { signal }), { signal });
  }

  async *listBlobs({
    sessionId,
    signal,
  }: StorageOptions & { readonly sessionId?: string | undefined } = {}): AsyncGenerator<BlobStat> {
    if (sessionId !== undefined) checkName(sessionId);
    const prefix = sessionId === undefined ? SESSIONS : `${SESSIONS}${sessionId}/`;
    for await (const { key, sizeBytes, modifiedAtMs } of this.#bucket.list(prefix, { signal })) {
      const [id = "", name = "", ...more] = key.slice(SESSIONS.length).split("/");
      if (more.length > 0 || !isFileOf(id, name)) continue;
      yield { sessionId: id, name, sizeBytes, putAtMs: modifiedAtMs };
    }
  }

  /**
   * Has the server forget what killed writers left: parts of files that were never completed, and what stands for documents that were
   * deleted; such as are older than a day by the server's clock, unless another age is given, in milliseconds. Gives how many.
   */
  async removeLeftovers({
    signal,
    olderThanMs = LEFTOVER_MS,
  }: StorageOptions & { readonly olderThanMs?: number } = {}): Promise<number> {
    await this.#bucket.retrying(() => this.#bucket.head(NOTE, { signal }), { signal });
    const now = this.#bucket.serverDateMs;
    // A wrong clock of this machine's must not end what others are at.
    if (now === undefined) return 0;
    let count = await this.#documents.removeStones(now - olderThanMs, { signal });
    for await (const { begunAtMs, ...upload } of this.#bucket.listUploads(SESSIONS, { signal })) {
      if (begunAtMs === undefined || begunAtMs >= now - olderThanMs) continue;
      await this.#bucket.retrying(() => this.#bucket.abortUpload(upload, { signal }), { signal });
      count++;
    }
    return count;
  }

  async findNamed(name: string, options?: StorageOptions): Promise<StoredDocument | undefined> {
    checkDocumentName(name);
    const found = await this.#named.find(name, options);
    return found && { id: name, revision: found.revision, json: found.json };
  }

  async putNamed(document: StoredDocument, expected: string | undefined, options?: StorageOptions): Promise<void> {
    checkDocumentName(document.id);
    await this.#named.put(document, expected, options);
  }

  async *listNamed(options?: StorageOptions): AsyncGenerator<string> {
    const names: string[] = [];
    for await (const { id } of this.#named.list(options)) names.push(id);
    yield* names.sort(); // keys, with what stands behind the name, sort otherwise
  }

  async close(): Promise<void> {
    this.#bucket.close();
  }

  async #findObject(key: string, signal: AbortSignal | undefined): Promise<S3Object | undefined> {
    return await this.#bucket.retrying(() => this.#bucket.head(key, { signal }), { signal });
  }
}

function keyOf(sessionId: string, name: string): string {
  checkName(sessionId, name);
  return `${SESSIONS}${sessionId}/${name}`;
}

/** Whether a key can be a file's: others may have put what they like under the prefix. */
function isFileOf(sessionId: string, name: string): boolean {
  try {
    keyOf(sessionId, name);
    return true;
  } catch {
    return false;
  }
}

interface StoreNote {
  readonly version: number;
  readonly id: string;
}

/** What says that there is a store, and of which version; undefined where there is none. */
async function readNote(bucket: S3Bucket, shown: string): Promise<StoreNote | undefined> {
  const onTooLarge = (): StoreError => damaged(shown, `it is larger than ${MAX_NOTE_BYTES} bytes`);
  const found = await bucket.retrying(() => bucket.getSmall(NOTE, { maxBytes: MAX_NOTE_BYTES, onTooLarge }));
  if (found === undefined) return undefined;
  let note: unknown;
  try {
    note = JSON.parse(found.bytes.toString("utf8"));
  } catch (cause) {
    throw damaged(shown, "it is no JSON", cause);
  }
  const { kind, version, id } = (typeof note === "object" && note !== null ? note : {}) as Record<string, unknown>;
  if (kind !== KIND || typeof id !== "string") throw damaged(shown, `its kind is not ${KIND}`);
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) {
    throw damaged(shown, "its version is no number from 1 on");
  }
  if (version > STORE_VERSION) throw newerVersion(shown, version, STORE_VERSION);
  return { version, id };
}

/** Makes the store, unless another one makes it at the same moment. */
async function makeNote(bucket: S3Bucket, shown: string): Promise<StoreNote | undefined> {
  const body = Buffer.from(`${JSON.stringify({ kind: KIND, version: STORE_VERSION, id: ulid() }, null, 2)}\n`);
  const put = async (condition: PutCondition): Promise<boolean> =>
    await bucket.retrying(async () => {
      try {
        await bucket.put(NOTE, body, { condition, type: "application/json" });
        return true;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        return false;
      }
    });
  if (await put({ isNew: true })) {
    // A server that does not know the conditions does as if they held: two writers would lose each other's work.
    if ((await put({ isNew: true })) || (await put({ etag: NO_ETAG }))) {
      await bucket.retrying(() => bucket.delete(NOTE));
      throw new StoreError(
        "T2A_STORE_UNAVAILABLE",
        `the server of ${shown} does not keep conditional puts (If-None-Match, If-Match), so no store can be in it: docs/stores.md names servers that do`,
        { details: { reason: "conditions" } },
      );
    }
  }
  return await readNote(bucket, shown);
}

/** Of no object. */
const NO_ETAG = "00000000000000000000000000000000";

function damaged(shown: string, reason: string, cause?: unknown): StoreError {
  return new StoreError("T2A_STORE_DAMAGED", `${NOTE} of the store ${shown} is damaged: ${reason}`, {
    cause,
    details: { store: shown, reason },
  });
}
