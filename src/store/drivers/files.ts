// A store in a folder, one folder a session: `sessions/ULID/session.json` and the session's recordings beside it; `named/` has the
// documents of the store itself. What is written comes from `incoming/` in one step; `locks/` keeps writers from each other.
import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
} from "node:fs";
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rmdir,
  stat,
  unlink,
} from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { StoreError, systemCode } from "../../core/index.js";
import { type FileLock, ioError, reasonOf, syncFolderAside, tryHoldFile } from "../../files/index.js";
import { throwIfAborted } from "../aborted.js";
import { visibleStoreUrl } from "../location.js";
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
import { ULID } from "../session-words.js";
import type {
  BlobStat,
  DocumentStat,
  SessionStorage,
  StorageOptions,
  StorageSupports,
  StoredDocument,
} from "../storage.js";
import { BLOB_NAME, DOCUMENT_NAME } from "../storage.js";
import { BOOT_NOTE } from "../store.js";
import type { StoreIndex } from "../store-index.js";
import { clearIncoming, IncomingFile, tagOf } from "./incoming-file.js";
import { LockStripes } from "./lock-stripes.js";
import { checkOwnAccess } from "./own-access.js";
import { bringForward, FILES_MIGRATIONS, type FilesMigration, hasStoreNote } from "./store-note.js";

/** How a store in files is opened. */
export interface FileStorageOptions {
  /** Wall clock, milliseconds since 1970: tells what was left over long ago. */
  readonly now?: (() => number) | undefined;
  /** Nothing is made where there is no store. */
  readonly mustExist?: boolean | undefined;
  /** Those of this version unless given. */
  readonly migrations?: readonly FilesMigration[] | undefined;
}

const DOCUMENT = "session.json";
const NAMED_SUFFIX = ".json";
/** Chunks that a file is read in, bytes. */
const CHUNK_BYTES = 256 * 1024;
/** A document of more is damaged; bytes. Readers bound its characters at a third of that. */
const MAX_DOCUMENT_BYTES = 48 * 1024 * 1024;
/** Folders looked into before other work has its turn. */
const BATCH = 64;
/** A session's folder may be removed each time just after it was made, but who removes it has an end of it. */
const MAX_TRIES = 100;
/** What link(2) says where a file system has no hard links. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Keeps sessions in files. */
export class FileStorage implements SessionStorage {
  readonly driver = "files";
  readonly location: string;
  readonly supports: StorageSupports;
  readonly #folder: string;
  readonly #sessions: string;
  readonly #incoming: string;
  readonly #named: string;
  readonly #locks: LockStripes;
  readonly #refusal: StoreError | undefined;

  private constructor(location: string, folder: string, refusal: StoreError | undefined) {
    this.location = location;
    this.supports = { manyMachines: false, localPaths: true, durable: true, isReadOnly: refusal !== undefined };
    this.#refusal = refusal;
    this.#folder = folder;
    this.#sessions = join(folder, "sessions");
    this.#incoming = join(folder, "incoming");
    this.#named = join(folder, "named");
    this.#locks = new LockStripes(join(folder, "locks"));
  }

  /**
   * Opens the store in the folder, made where there is none, and clears what killed writers left. One whose folder cannot be
   * written, a backup that is mounted, is open for reading only.
   * @throws AccessError `T2A_ACCESS` where it is open to others or another user's; StoreError `T2A_STORE_NOT_FOUND` with
   * `mustExist`, `T2A_STORE_VERSION`, `T2A_STORE_DAMAGED`, `T2A_FILE_IO`.
   */
  static async open(path: string, options: FileStorageOptions = {}): Promise<FileStorage> {
    const { now = Date.now, mustExist = false, migrations = FILES_MIGRATIONS } = options;
    let folder: string;
    let refusal: StoreError | undefined;
    try {
      if (!mustExist) await mkdir(path, { recursive: true, mode: 0o700 });
      folder = await realpath(path);
      const stats = await stat(folder);
      if (!stats.isDirectory()) throw ioError("open", path, { code: "ENOTDIR" });
      checkOwnAccess(path, "the library folder", stats);
      // An unpacked archive has no note, nor has a store that lost it: the sessions are what counts.
      const isStore = hasStoreNote(folder) || isFolder(join(folder, "sessions"));
      if (mustExist && !isStore) throw noStore(path);
      refusal = isStore ? findRefusal(path, folder) : undefined;
      if (refusal === undefined)
        for (const name of ["sessions", "named", "incoming", "locks"]) makeFolder(join(folder, name));
    } catch (error) {
      if (mustExist && systemCode(error) === "ENOENT") throw noStore(path);
      throw failure("open", path, error);
    }
    // One without a note is taken for a store as this t2a writes it.
    if (refusal === undefined || hasStoreNote(folder)) await bringForward(folder, migrations);
    try {
      if (refusal === undefined) clearIncoming(join(folder, "incoming"), now());
    } catch (error) {
      throw failure("open", path, error);
    }
    return new FileStorage(visibleStoreUrl({ driver: "files", folder: path }), folder, refusal);
  }

  async findDocument(
    id: string,
    { signal }: StorageOptions = {},
  ): Promise<(StoredDocument & DocumentStat) | undefined> {
    checkName(id);
    throwIfAborted(signal);
    return this.#read(id);
  }

  async putDocument(
    { id, json }: StoredDocument,
    expected: string | undefined,
    { signal }: StorageOptions = {},
  ): Promise<string> {
    checkName(id);
    this.#refuse();
    throwIfAborted(signal);
    this.#expect(id, expected); // the slow part is for nothing where another one was first
    const what = `the session ${id} in ${this.#folder}`;
    const file = await this.#receive(what);
    try {
      await file.write(Buffer.from(json));
      const tag = await file.finish();
      await this.#locks.holding(
        id,
        async () => {
          this.#expect(id, expected);
          throwIfAborted(signal);
          await this.#place(
            id,
            async (folder) => renameSync(file.path, join(folder, DOCUMENT)),
            expected === undefined,
          );
        },
        { signal },
      );
      file.close();
      return tag;
    } catch (error) {
      await this.#withdraw(file, id);
      throw failure("save", what, error);
    }
  }

  async deleteDocument(id: string, expected: string, { signal }: StorageOptions = {}): Promise<void> {
    checkName(id);
    this.#refuse();
    throwIfAborted(signal);
    try {
      await this.#locks.holding(
        id,
        async () => {
          this.#expect(id, expected);
          const folder = this.#pathOf(id);
          await unlink(join(folder, DOCUMENT));
          await syncFolderAside(folder);
        },
        { signal },
      );
      await this.#removeEmpty(id);
    } catch (error) {
      throw failure("delete", `the session ${id} in ${this.#folder}`, error);
    }
  }

  async *listDocuments({ signal }: StorageOptions = {}): AsyncGenerator<DocumentStat> {
    for await (const id of this.#ids(signal)) {
      // Without waiting: a thousand such calls take less than handing one over to another thread and back takes.
      const stats = lookAt(join(this.#sessions, id, DOCUMENT));
      if (stats?.isFile() && isFolder(join(this.#sessions, id))) yield { id, tag: tagOf(stats) };
    }
  }

  async putBlob(
    sessionId: string,
    name: string,
    chunks: AsyncIterable<Uint8Array>,
    { signal }: StorageOptions = {},
  ): Promise<void> {
    checkName(sessionId, name);
    this.#refuse();
    throwIfAborted(signal);
    if ((await this.#stat(sessionId, name)) !== undefined) throw blobExists(sessionId, name);
    const what = `${name} of the session ${sessionId} in ${this.#folder}`;
    const file = await this.#receive(what);
    try {
      for await (const chunk of chunks) {
        throwIfAborted(signal);
        await file.write(chunk).catch((error: unknown) => {
          throw ioError("save", what, error);
        });
      }
      throwIfAborted(signal);
    } catch (error) {
      await this.#withdraw(file, sessionId);
      throw error;
    }
    try {
      await file.finish();
      await this.#place(sessionId, (folder) => this.#publish(file.path, folder, sessionId, name), true);
      file.discard();
    } catch (error) {
      await this.#withdraw(file, sessionId);
      throw failure("save", what, error);
    }
  }

  async *readBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): AsyncGenerator<Uint8Array> {
    throwIfAborted(signal);
    const file = await this.#open(sessionId, name);
    try {
      for (let at = 0; ; ) {
        const chunk = await readAt(file, at, CHUNK_BYTES);
        throwIfAborted(signal);
        if (chunk.length > 0) yield chunk;
        if (chunk.length < CHUNK_BYTES) return;
        at += chunk.length;
      }
    } catch (error) {
      throw failure("read", `${name} of the session ${sessionId} in ${this.#folder}`, error);
    } finally {
      await file.close();
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
    const file = await this.#open(sessionId, name);
    try {
      const { size } = await file.stat();
      return await readAt(file, range.start, Math.max(0, Math.min(range.length, size - range.start)));
    } catch (error) {
      throw failure("read", `${name} of the session ${sessionId} in ${this.#folder}`, error);
    } finally {
      await file.close();
    }
  }

  async statBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): Promise<BlobStat | undefined> {
    checkName(sessionId, name);
    throwIfAborted(signal);
    return await this.#stat(sessionId, name);
  }

  async deleteBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): Promise<void> {
    checkName(sessionId, name);
    this.#refuse();
    throwIfAborted(signal);
    const folder = this.#pathOf(sessionId);
    if (!isFolder(folder)) return;
    try {
      await unlink(join(folder, name));
      await syncFolderAside(folder);
      await this.#removeEmpty(sessionId);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") {
        throw failure("delete", `${name} of the session ${sessionId} in ${this.#folder}`, error);
      }
    }
  }

  async *listBlobs({
    sessionId,
    signal,
  }: StorageOptions & { readonly sessionId?: string | undefined } = {}): AsyncGenerator<BlobStat> {
    if (sessionId !== undefined) checkName(sessionId);
    throwIfAborted(signal);
    for await (const id of sessionId === undefined ? this.#ids(signal) : [sessionId]) {
      if (!isFolder(this.#pathOf(id))) continue;
      for (const name of (await namesIn(this.#pathOf(id))).sort()) {
        if (!BLOB_NAME.test(name) || name.toLowerCase() === DOCUMENT) continue;
        const blob = await this.#stat(id, name);
        if (blob !== undefined) yield blob;
      }
    }
  }

  localPath(sessionId: string, name: string): string {
    checkName(sessionId, name);
    return join(this.#pathOf(sessionId), name);
  }

  async findNamed(name: string, { signal }: StorageOptions = {}): Promise<StoredDocument | undefined> {
    checkDocumentName(name);
    throwIfAborted(signal);
    const found = readDocument(this.#pathOfNamed(name));
    return found && { id: name, revision: found.revision, json: found.json };
  }

  async putNamed(
    { id: name, json }: StoredDocument,
    expected: string | undefined,
    { signal }: StorageOptions = {},
  ): Promise<void> {
    checkDocumentName(name);
    throwIfAborted(signal);
    this.#refuse();
    const what = `${name} in ${this.#folder}`;
    const path = this.#pathOfNamed(name);
    const expect = (): void => {
      if (readDocument(path)?.revision !== expected) throw namedConflict(name);
    };
    expect();
    const file = await this.#receive(what);
    try {
      await file.write(Buffer.from(json));
      await file.finish();
      await this.#locks.holding(
        `named ${name}`,
        async () => {
          expect();
          throwIfAborted(signal);
          makeFolder(this.#named);
          renameSync(file.path, path);
          await syncFolderAside(this.#named);
        },
        { signal },
      );
      file.close();
    } catch (error) {
      try {
        file.discard();
      } catch {} // the failure before is the one to tell of
      throw failure("save", what, error);
    }
  }

  async *listNamed({ signal }: StorageOptions = {}): AsyncGenerator<string> {
    throwIfAborted(signal);
    const files = (await namesIn(this.#named)).filter((file) => file.endsWith(NAMED_SUFFIX));
    yield* files
      .map((file) => file.slice(0, -NAMED_SUFFIX.length))
      .filter((name) => DOCUMENT_NAME.test(name))
      .sort();
  }

  async close(): Promise<void> {}

  #refuse(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  #pathOfNamed(name: string): string {
    return join(this.#named, `${name}${NAMED_SUFFIX}`);
  }

  #pathOf(id: string): string {
    return join(this.#sessions, id);
  }

  async *#ids(signal: AbortSignal | undefined): AsyncGenerator<string> {
    throwIfAborted(signal);
    const names = await namesIn(this.#sessions);
    // Made when the store was opened: without it this is a disk that was taken away, and no empty store.
    if (names.length === 0)
      await stat(this.#sessions).catch((error) => Promise.reject(ioError("read", this.#sessions, error)));
    const ids = names.filter((name) => ULID.test(name)).sort();
    for (const [i, id] of ids.entries()) {
      if (i % BATCH === BATCH - 1) {
        await setImmediate();
        throwIfAborted(signal);
      }
      yield id;
    }
  }

  /** Without waiting, since documents are small: handing over each of these calls to another thread takes longer than they do. */
  #read(id: string): (StoredDocument & DocumentStat) | undefined {
    if (!isFolder(this.#pathOf(id))) return undefined;
    const found = readDocument(join(this.#pathOf(id), DOCUMENT));
    return found && { id, ...found };
  }

  #expect(id: string, expected: string | undefined): void {
    if (this.#read(id)?.revision !== expected) throw conflict(id);
  }

  async #receive(what: string): Promise<IncomingFile> {
    try {
      return new IncomingFile(this.#incoming);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw failure("save", what, error);
      makeFolder(this.#incoming); // somebody tidied up
      return new IncomingFile(this.#incoming);
    }
  }

  /** Gives something its name in a session's folder, for good. */
  async #place(id: string, place: (folder: string) => Promise<void>, mayBeNew: boolean): Promise<void> {
    const folder = this.#pathOf(id);
    for (let tries = 1; ; tries++) {
      makeFolder(folder);
      if (!isFolder(folder)) throw damaged(folder, "it is no folder, and a store follows no links");
      try {
        await place(folder);
        await syncFolderAside(folder);
        break;
      } catch (error) {
        if (systemCode(error) !== "ENOENT" || tries === MAX_TRIES) throw error; // the folder was empty, and removed
      }
    }
    if (mayBeNew) await syncFolderAside(this.#sessions);
  }

  /** link() fails where there is such a file already, which rename() would silently replace. */
  async #publish(path: string, folder: string, sessionId: string, name: string): Promise<void> {
    try {
      await link(path, join(folder, name));
    } catch (error) {
      if (systemCode(error) === "EEXIST") throw blobExists(sessionId, name);
      if (!NO_LINKS.has(systemCode(error))) throw error;
      await this.#locks.holding(sessionId, async () => {
        if ((await this.#stat(sessionId, name)) !== undefined) throw blobExists(sessionId, name);
        await rename(path, join(folder, name));
      });
    }
  }

  async #withdraw(file: IncomingFile, id: string): Promise<void> {
    // The failure before is the one to tell of.
    try {
      file.discard();
    } catch {}
    await this.#removeEmpty(id).catch(() => {});
  }

  async #removeEmpty(id: string): Promise<void> {
    try {
      await rmdir(this.#pathOf(id));
      await syncFolderAside(this.#sessions);
    } catch (error) {
      const code = systemCode(error);
      if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT" && code !== "ENOTDIR") throw error;
    }
  }

  async #open(sessionId: string, name: string): Promise<FileHandle> {
    checkName(sessionId, name);
    const folder = this.#pathOf(sessionId);
    const file = isFolder(folder) ? await openFile(join(folder, name)) : undefined;
    if (file === undefined) throw blobNotFound(sessionId, name);
    return file;
  }

  async #stat(sessionId: string, name: string): Promise<BlobStat | undefined> {
    const folder = this.#pathOf(sessionId);
    let stats: Stats;
    try {
      if (!isFolder(folder)) return undefined;
      stats = await lstat(join(folder, name));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw ioError("read", join(folder, name), error);
    }
    if (!stats.isFile()) return undefined;
    return { sessionId, name, sizeBytes: stats.size, putAtMs: Math.floor(stats.mtimeMs) };
  }
}

/** Opens the store in a folder, with its index beside; where nothing can be written there, the index is in the cache folder. */
export const openFiles: OpenDriver<"files"> = async ({ folder }, { mustExist, cacheFolder, isIndexInMemory }) => {
  const storage = await FileStorage.open(folder, { mustExist });
  const { openSqliteIndex } = await import("../index/open-sqlite-index.js");
  if (storage.supports.isReadOnly) {
    return { storage, index: await openIndexElsewhere(folder, cacheFolder), check: "always" };
  }
  const behind = join(folder, INDEX_BEHIND);
  if (isIndexInMemory === true) return { storage, index: await openIndexInMemory(behind), check: "always" };
  const index = await openSqliteIndex(join(folder, "index.sqlite"));
  if (!existsSync(behind)) return { storage, index, check: "after-boot" };
  // Until who has it in memory has ended, its changes are looked for each time; then once more.
  const lock = tryHoldFile(behind);
  if (lock !== undefined) {
    try {
      await index.putNote(BOOT_NOTE, "none");
      rmSync(behind, { force: true });
    } finally {
      lock.release();
    }
  }
  return { storage, index, check: "always" };
};

/** There while somebody has an index in memory, who holds it, and then until the index in the file has been held against the store. */
const INDEX_BEHIND = "index.behind";

async function openIndexInMemory(behind: string): Promise<StoreIndex> {
  const { openMemoryIndex } = await import("../index/open-sqlite-index.js");
  let lock: FileLock | undefined;
  try {
    lock = tryHoldFile(behind, { create: true });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // There is no room for a name even: nothing can be saved, and the index falls behind by nothing.
  }
  return await openMemoryIndex({ onClose: () => lock?.release() });
}

/** The index of a store that cannot be written; in memory where nothing can be kept at all. */
async function openIndexElsewhere(folder: string, cacheFolder: string): Promise<StoreIndex> {
  const { openMemoryIndex, openSqliteIndex } = await import("../index/open-sqlite-index.js");
  const name = createHash("sha256")
    .update(await realpath(folder))
    .digest("hex")
    .slice(0, 32);
  try {
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
    accessSync(cacheFolder, constants.W_OK);
  } catch {
    return await openMemoryIndex();
  }
  return await openSqliteIndex(join(cacheFolder, `files-${name}.sqlite`));
}

/** What is thrown to who would write into the folder; undefined where it can be written. */
function findRefusal(path: string, folder: string): StoreError | undefined {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EROFS" && code !== "EACCES" && code !== "EPERM") throw error;
    return new StoreError(
      "T2A_FILE_IO",
      `the library folder ${path} can be read only (${reasonOf(error)}): nothing can be put there or changed`,
      { cause: error, details: { name: path, systemCode: code } },
    );
  }
}

/** Text, revision and tag of a document; undefined where there is none. */
function readDocument(path: string): (Omit<StoredDocument, "id"> & { readonly tag: string }) | undefined {
  const fd = openDocument(path);
  if (fd === undefined) return undefined;
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (!stats.isFile()) throw noFile(path);
    if (stats.size > MAX_DOCUMENT_BYTES) throw damaged(path, `it is larger than ${MAX_DOCUMENT_BYTES} bytes`);
    return { ...textOf(readFileSync(fd)), tag: tagOf(stats) };
  } catch (error) {
    throw failure("read", path, error);
  } finally {
    closeSync(fd);
  }
}

/** Its text, and the revision in it; one that stands for its bytes where they are not what a document is. */
function textOf(bytes: Uint8Array): { readonly revision: string; readonly json: string } {
  try {
    const json = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const { revision } = JSON.parse(json) as { readonly revision?: unknown };
    if (typeof revision === "string") return { revision, json };
  } catch {
    // whoever parses it is told
  }
  const hash = createHash("sha256").update(bytes).digest("hex");
  return { revision: `damaged-${hash}`, json: Buffer.from(bytes).toString("utf8") };
}

/** A store has no links, pipes or devices in it, and follows and waits for none. */
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Undefined where there is none. */
function openDocument(path: string): number | undefined {
  try {
    return openSync(path, READING);
  } catch (error) {
    return notOpened(path, error);
  }
}

/** Undefined where there is none. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, READING);
  } catch (error) {
    return notOpened(path, error);
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw noFile(path);
}

function notOpened(path: string, error: unknown): undefined {
  const code = systemCode(error);
  if (code === "ELOOP" || code === "ENXIO") throw noFile(path);
  if (code !== "ENOENT") throw ioError("read", path, error);
}

function noFile(path: string): StoreError {
  return damaged(path, "it is no file, and a store follows no links");
}

/** Fewer bytes only at the file's end. */
async function readAt(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}

/** Names in a folder; none where it is gone. */
async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw ioError("read", path, error);
  }
}

/** A folder, and no link to one. */
function isFolder(path: string): boolean {
  return lookAt(path)?.isDirectory() === true;
}

function lookAt(path: string) {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === "ENOTDIR") return undefined;
    throw ioError("read", path, error);
  }
}

function noStore(path: string): StoreError {
  return new StoreError("T2A_STORE_NOT_FOUND", `there is no store in ${path}`, { details: { path } });
}

function damaged(path: string, reason: string): StoreError {
  return new StoreError("T2A_STORE_DAMAGED", `${path} is damaged: ${reason}`, { details: { path, reason } });
}

/** What the system says, in words; what is said already, as it is. */
function failure(doing: string, what: string, error: unknown): unknown {
  return systemCode(error) === undefined || (error instanceof Error && "details" in error)
    ? error
    : ioError(doing, what, error);
}
