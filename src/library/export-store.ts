// Exporting: sessions of a store as a tar, a manifest of hashes first. Unpacked it is a store of files.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Pack } from "tar-stream";
import { StoreError, T2aError, type Target } from "../core/index.js";
import { SpooledStream } from "../files/index.js";
import { parseNamed, type Session, type Store, type StoredDocument, sessionJson } from "../store/index.js";
import {
  type ArchivedFile,
  type ArchivedSession,
  archivePath,
  DOCUMENT_NAME,
  formatManifest,
  MANIFEST_NAME,
  namedPath,
  PROBLEMS_NAME,
} from "./archive-manifest.js";
import { isStoreError, listedFiles, throwIfAborted, verified } from "./session-files.js";

/** What to export, and how. */
export interface ExportOptions {
  /** Ids of the sessions; all that are not in the trash where absent. */
  readonly ids?: AsyncIterable<string> | Iterable<string> | undefined;
  /** Where `ids` is absent: such in the trash too. */
  readonly withDeleted?: boolean | undefined;
  /** Version of t2a, for the manifest. */
  readonly version: string;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of files that are in the archive, and how many there are to be. */
  readonly onProgress?: ((bytes: number, total: number) => void) | undefined;
}

/** A session that is not in the archive, or not whole, and why. */
export interface ExportProblem {
  readonly sessionId: string;
  readonly message: string;
}

/** What is in the archive. */
export interface ExportResult {
  readonly sessions: number;
  readonly files: number;
  /** Of the sessions' files, documents included. */
  readonly bytes: number;
  readonly problems: readonly ExportProblem[];
}

/** Where an archived document begins in the spool. */
interface Planned {
  readonly id: string;
  readonly savedAt: Date;
  readonly files: ArchivedSession;
}

/**
 * Writes the archive and commits the target. Sessions are in it as they were when they were listed, whatever is changed
 * meanwhile; such as are deleted meanwhile are left out, and told of in the result and in the archive's last entry, as are those that
 * cannot be read.
 * @throws StoreError of the store and the target; `T2A_ABORTED`; the target is aborted then.
 */
export async function exportStore(store: Store, target: Target, options: ExportOptions): Promise<ExportResult> {
  const planned: Planned[] = [];
  const problems: ExportProblem[] = [];
  // The documents are small but many; the manifest needs their hashes before the first of them.
  const documents = new SpooledStream("documents", plannedDocuments(store, options, planned, problems));
  try {
    // Those of the store itself go with it; who takes some sessions out of it takes them alone.
    const named = options.ids === undefined ? await namedDocuments(store, options.signal) : [];
    for await (const _ of documents.open().stream()); // all of them
    return await writeArchive(store, target, { named, planned, documents }, problems, options);
  } catch (error) {
    await target.abort();
    throw error;
  } finally {
    await documents.close();
  }
}

/** A document of the store itself, as it is archived. */
interface NamedBytes extends ArchivedFile {
  readonly bytes: Uint8Array;
}

/** Such as cannot be read are left out: t2a library fsck tells of them. */
async function namedDocuments({ storage }: Store, signal: AbortSignal | undefined): Promise<readonly NamedBytes[]> {
  const documents: NamedBytes[] = [];
  for await (const name of storage.listNamed({ signal })) {
    const document = await storage.findNamed(name, { signal });
    if (document === undefined || !isReadable(document)) continue;
    const bytes = Buffer.from(document.json);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    documents.push({ name, sizeBytes: bytes.length, sha256, bytes });
  }
  return documents;
}

function isReadable(document: StoredDocument): boolean {
  try {
    parseNamed(document);
    return true;
  } catch (error) {
    if (isStoreError(error, "T2A_STORE_DAMAGED")) return false;
    throw error;
  }
}

/** The documents' bytes, one after the other; what they list goes to `planned`. */
async function* plannedDocuments(
  store: Store,
  { ids, withDeleted, signal }: ExportOptions,
  planned: Planned[],
  problems: ExportProblem[],
): AsyncGenerator<Uint8Array> {
  for await (const id of ids ?? idsOf(store, signal)) {
    throwIfAborted(signal);
    const found = await findSession(store, id, problems, signal);
    if (found === undefined || (ids === undefined && withDeleted !== true && found.session.deletedAt !== undefined))
      continue;
    const { document, session } = found;
    const files = listedFiles(session);
    if (!(await areThere(store, session.id, files, problems, signal))) continue;
    const bytes = Buffer.from(document.json);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const all: ArchivedFile[] = [{ name: DOCUMENT_NAME, sizeBytes: bytes.length, sha256 }, ...files];
    planned.push({
      id: session.id,
      savedAt: new Date(session.savedAt),
      files: new Map(all.map((file) => [file.name, file])),
    });
    yield bytes;
  }
}

async function* idsOf(store: Store, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for await (const { id } of store.storage.listDocuments({ signal })) yield id;
}

async function findSession(
  store: Store,
  id: string,
  problems: ExportProblem[],
  signal: AbortSignal | undefined,
): Promise<{ readonly document: StoredDocument; readonly session: Session } | undefined> {
  try {
    const document = await store.storage.findDocument(id, { signal });
    if (document === undefined) return undefined;
    return { document, session: (await sessionJson()).parseSession(document) };
  } catch (error) {
    if (!isStoreError(error, "T2A_STORE_DAMAGED")) throw error;
    problems.push({ sessionId: id, message: error.message });
    return undefined;
  }
}

async function areThere(
  store: Store,
  sessionId: string,
  files: readonly ArchivedFile[],
  problems: ExportProblem[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const { name, sizeBytes } of files) {
    const stat = await store.storage.statBlob(sessionId, name, { signal });
    if (stat?.sizeBytes === sizeBytes && name !== DOCUMENT_NAME) continue;
    const message =
      stat === undefined
        ? `the store has no file ${name} of the session: t2a library fsck tells more`
        : `the file ${name} is not what was put: it has ${stat.sizeBytes} of ${sizeBytes} bytes`;
    problems.push({ sessionId, message });
    return false;
  }
  return true;
}

async function writeArchive(
  store: Store,
  target: Target,
  {
    named,
    planned,
    documents,
  }: {
    readonly named: readonly NamedBytes[];
    readonly planned: readonly Planned[];
    readonly documents: SpooledStream;
  },
  problems: ExportProblem[],
  { version, now = Date.now, signal, onProgress }: ExportOptions,
): Promise<ExportResult> {
  const tar = await import("tar-stream");
  const pack = tar.pack();
  const writing = writeAll(pack, target, signal);
  writing.catch(() => {}); // waited for below
  const createdAt = new Date(now());
  const total = planned.reduce((sum, { files }) => sum + bytesOf(files), 0);
  let [sessions, files, bytes] = [0, 0, 0];
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      yield chunk;
      bytes += chunk.length;
      onProgress?.(bytes, total);
    }
  };
  try {
    const manifest = [
      ...formatManifest(
        { createdAt: createdAt.toISOString(), t2a: version },
        {
          named: new Map(named.map((document) => [document.name, document])),
          sessions: new Map(planned.map(({ id, files: of }) => [id, of])),
        },
      ),
    ];
    const size = manifest.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    await addFile(pack, MANIFEST_NAME, size, createdAt, Readable.from(manifest.map((text) => Buffer.from(text))));
    if (named.length > 0) addFolder(pack, "named/", createdAt);
    for (const { name, bytes: document } of named)
      await addFile(pack, namedPath(name), document.length, createdAt, only(document));
    addFolder(pack, "sessions/", createdAt);
    const texts = new Pieces(documents.open().stream());
    for (const { id, savedAt, files: of } of planned) {
      const document = await texts.take(of.get(DOCUMENT_NAME)?.sizeBytes ?? 0);
      const blobs = [...of.values()].filter(({ name }) => name !== DOCUMENT_NAME);
      if (!(await areThere(store, id, blobs, problems, signal))) continue;
      addFolder(pack, archivePath(id, ""), savedAt);
      await addFile(pack, archivePath(id, DOCUMENT_NAME), document.length, savedAt, counted(only(document)));
      let isWhole = true;
      for (const file of blobs) {
        const chunks = verified(store.storage.readBlob(id, file.name, { signal }), file, signal);
        const damage = await addVerified(pack, archivePath(id, file.name), file.sizeBytes, savedAt, counted(chunks));
        if (damage !== undefined) problems.push({ sessionId: id, message: damage.message });
        if (damage !== undefined) isWhole = false;
      }
      if (isWhole) sessions++;
      files += of.size;
    }
    if (problems.length > 0) {
      const text = Buffer.from(`${JSON.stringify({ problems }, null, 2)}\n`);
      await addFile(pack, PROBLEMS_NAME, text.length, createdAt, only(text));
    }
    pack.finalize();
    await writing;
  } catch (error) {
    pack.destroy(error instanceof Error ? error : new Error(String(error)));
    // What ended the writing is why everything else ended.
    const failure: unknown = await writing
      .then(() => error)
      .catch((cause: unknown) => (cause instanceof T2aError ? cause : error));
    throw failure;
  }
  await target.commit();
  return { sessions, files, bytes, problems };
}

async function writeAll(pack: Pack, target: Target, signal: AbortSignal | undefined): Promise<void> {
  for await (const chunk of pack as AsyncIterable<Uint8Array>) {
    throwIfAborted(signal);
    await target.write(chunk);
  }
}

function bytesOf(files: ArchivedSession): number {
  return [...files.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Only the owner reads what is unpacked. */
function addFolder(pack: Pack, name: string, mtime: Date): void {
  pack.entry({ name, type: "directory", mode: 0o700, mtime });
}

async function addFile(
  pack: Pack,
  name: string,
  size: number,
  mtime: Date,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const entry = pack.entry({ name, size, mtime, type: "file", mode: 0o600 });
  await pipeline(Readable.from(chunks, { objectMode: false }), entry);
}

/** As `addFile`; a file that is not what is listed is filled up to its size, so that what follows stands where it belongs, and told of. */
async function addVerified(
  pack: Pack,
  name: string,
  size: number,
  mtime: Date,
  chunks: AsyncIterable<Uint8Array>,
): Promise<StoreError | undefined> {
  let damage: StoreError | undefined;
  const filled = async function* () {
    let left = size;
    try {
      for await (const chunk of chunks) {
        left -= chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (!isStoreError(error, "T2A_STORE_DAMAGED") && !isStoreError(error, "T2A_STORE_NOT_FOUND")) throw error;
      damage = error;
    }
    for (const zeros = new Uint8Array(64 * 1024); left > 0; left -= Math.min(left, zeros.length))
      yield zeros.subarray(0, left);
  };
  await addFile(pack, name, size, mtime, filled());
  return damage;
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A stream that is taken in pieces of known sizes. */
class Pieces {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async take(size: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = size; missing > 0; ) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true)
          throw new StoreError("T2A_FILE_IO", "the temporary copy of the documents ended too early");
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }
}
