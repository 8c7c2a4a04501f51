// Importing: an archive that t2a library export made, into a store. Nothing in it is believed: every name, size and hash is held
// against its manifest, and that against what a store takes. What is there already is left as it is.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Extract } from "tar-stream";
import { codecOf, decompressed } from "../codec/index.js";
import { type Source, StoreError, T2aError } from "../core/index.js";
import {
  nextRevision,
  parseNamed,
  revisionCount,
  type Session,
  type Store,
  type StoredDocument,
  sessionJson,
} from "../store/index.js";
import {
  type ArchivedFile,
  type ArchivedSession,
  DOCUMENT_NAME,
  MANIFEST_NAME,
  MAX_MANIFEST_BYTES,
  type Manifest,
  noArchive,
  PROBLEMS_NAME,
  parseArchivePath,
  parseManifest,
  parseNamedPath,
} from "./archive-manifest.js";
import { isRemade, withoutLostNotes, withRecordings } from "./lost-notes.js";
import { addNamed } from "./merge-named.js";
import { peekSource } from "./peek-source.js";
import { isStoreError, listedFiles, throwIfAborted, verified, verifyStored } from "./session-files.js";

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

/** How to import. */
export interface ImportOptions {
  /** Sessions that are in the store already are brought up to date where the archive's are newer, and get recordings that they lack. */
  readonly isUpdating?: boolean | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the archive that are read, and how many there are where it says so. */
  readonly onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
}

/** A session that was not imported, and why. */
export interface ImportProblem {
  readonly sessionId: string;
  readonly message: string;
}

/** What was done. */
export interface ImportResult {
  /** Sessions that were not in the store. */
  readonly imported: number;
  /** Sessions that are in the store as they are in the archive. */
  readonly unchanged: number;
  /** Sessions that the store has otherwise, and that were left as they are. */
  readonly kept: number;
  /** Such as were brought up to date. */
  readonly updated: number;
  /** Files of sessions in the store that were missing there and were put back. */
  readonly restoredFiles: number;
  /** Values of the store itself (state) that it lacked, or that are newer in the archive. */
  readonly values: number;
  /** Sessions that the archive says it left out, since they could not be exported. */
  readonly leftOut: number;
  /** Sessions of the manifest that are behind the place where the archive ends or is damaged. */
  readonly notReached: number;
  readonly problems: readonly ImportProblem[];
  /** Why the archive could not be read to its end; undefined where it could. */
  readonly stopped: T2aError | undefined;
}

/**
 * Imports an archive. Each session is wholly imported or not at all; those before a damaged place stay. The source stays open.
 * @throws UsageError where it is no archive; StoreError `T2A_STORE_VERSION` for one of a newer t2a, `T2A_STORE_DAMAGED` where not even
 * its manifest is good; errors of the store and of reading; `T2A_ABORTED`.
 */
export async function importStore(store: Store, source: Source, options: ImportOptions = {}): Promise<ImportResult> {
  const { head, source: whole } = await peekSource(source);
  const codec = codecOf(head);
  const read = counted(whole, options);
  const bytes = codec === undefined ? read : decompressed(codec, read);
  return await new Import(store, options).run(bytes);
}

async function* counted(source: Source, { onProgress, signal }: ImportOptions): AsyncGenerator<Uint8Array> {
  const total = await source.size();
  let bytes = 0;
  for await (const chunk of source.stream()) {
    throwIfAborted(signal);
    bytes += chunk.length;
    yield chunk;
    onProgress?.(bytes, total);
  }
}

/** Headers, long names and filling, for an entry at most and for the archive's end. Bytes. */
const ENTRY_BYTES = 8 * 1024;
const END_BYTES = 16 * 1024 * 1024;
/** `problems.json` is read whole. Bytes. */
const MAX_PROBLEMS_BYTES = 16 * 1024 * 1024;

class Import {
  readonly #store: Store;
  readonly #options: ImportOptions;
  readonly #problems: ImportProblem[] = [];
  readonly #counts = { imported: 0, unchanged: 0, kept: 0, updated: 0, restoredFiles: 0, values: 0 };
  readonly #named = new Set<string>();
  readonly #left: Map<string, ArchivedSession> = new Map();
  readonly #leftOut = new Set<string>();
  readonly #whole = new Set<string>();
  /** Bytes that the archive may have, unpacked. */
  #limit = MAX_MANIFEST_BYTES + END_BYTES;
  #manifest: Manifest | undefined;
  #session: SessionImport | undefined;
  #hasProblems = false;

  constructor(store: Store, options: ImportOptions) {
    this.#store = store;
    this.#options = options;
  }

  async run(bytes: AsyncIterable<Uint8Array>): Promise<ImportResult> {
    let stopped: T2aError | undefined;
    try {
      await this.#readEntries(bytes);
    } catch (error) {
      if (!(error instanceof ArchiveError) || this.#manifest === undefined)
        throw error instanceof ArchiveError ? error.reason : error;
      stopped = error.reason;
    } finally {
      // Whatever ended it: a session that is not whole leaves nothing behind.
      await this.#session?.undo();
    }
    if (stopped !== undefined && this.#session !== undefined)
      this.#problems.push({ sessionId: this.#session.id, message: "the archive ends, or is damaged, within it" });
    for (const id of this.#leftOut) this.#left.delete(id);
    if (stopped === undefined)
      for (const name of this.#manifest?.named.keys() ?? [])
        if (!this.#named.has(name)) this.#problems.push({ sessionId: name, message: "the archive does not hold it" });
    if (stopped === undefined)
      for (const sessionId of this.#left.keys())
        this.#problems.push({ sessionId, message: "its manifest lists the session, but the archive does not hold it" });
    const notReached = stopped === undefined ? 0 : this.#left.size;
    const problems = this.#problems.filter(({ sessionId }) => !this.#leftOut.has(sessionId));
    return { ...this.#counts, leftOut: this.#leftOut.size, notReached, problems, stopped };
  }

  async #readEntries(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const tar = await import("tar-stream");
    const extract = tar.extract();
    let cause: unknown;
    const feeding = pipeline(Readable.from(this.#limited(bytes), { objectMode: false }), extract).catch((error) => {
      cause ??= error; // an entry that is being read fails with something less telling
    });
    try {
      for await (const entry of extract) await this.#entry(entry);
      await this.#endSession();
      await feeding;
      if (cause !== undefined) throw cause;
      if (this.#manifest === undefined) throw new ArchiveError(noArchive());
    } catch (error) {
      extract.destroy();
      if (error instanceof ArchiveError) throw error;
      const isOurs = error instanceof T2aError && !(error instanceof ReadError);
      if (isOurs) throw error;
      await feeding;
      const reason = error instanceof ReadError ? error.reason : cause instanceof ReadError ? cause.reason : undefined;
      if (reason instanceof ArchiveError) throw reason;
      if (reason instanceof T2aError && reason.code !== "T2A_CODEC") throw reason;
      if (reason instanceof T2aError) throw new ArchiveError(reason);
      if (reason !== undefined || !isTarError(error)) throw reason ?? error;
      throw new ArchiveError(this.#manifest === undefined ? noArchive() : damaged(error.message));
    }
  }

  /** The archive's bytes; what fails in here is marked as such, for everything that reads them fails with it. */
  async *#limited(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let size = 0;
    try {
      for await (const chunk of bytes) {
        size += chunk.length;
        if (size > this.#limit) throw new ArchiveError(damaged("it is larger than its manifest says"));
        yield chunk;
      }
    } catch (error) {
      throw new ReadError(error);
    }
  }

  async #entry(entry: Entry): Promise<void> {
    throwIfAborted(this.#options.signal);
    const { name: path, type } = entry.header;
    const size = entry.header.size ?? 0;
    const name = path.replace(/^(?:\.\/)+/, "");
    const body = new Body(entry);
    if (type === "directory") {
      if (!/^(?:named\/?|sessions\/?|sessions\/[0-9A-Z]{26}\/?)?$/.test(name))
        throw refused(path, "is a folder that no archive has");
      return await body.drain();
    }
    if (type !== "file" && type !== "contiguous-file") throw refused(path, "is neither a file nor a folder");
    if (this.#manifest === undefined) return await this.#readManifest(name, size, body);
    if (this.#hasProblems) throw refused(path, `is behind ${PROBLEMS_NAME}`);
    if (name === PROBLEMS_NAME) return await this.#readProblems(size, body);
    const document = parseNamedPath(name);
    if (document !== undefined) return await this.#readNamed(path, document, size, body);
    const place = parseArchivePath(name);
    if (place === undefined) throw refused(path, "is a name that no archive has");
    if (this.#session?.id !== place.sessionId) {
      await this.#endSession();
      const files = this.#left.get(place.sessionId);
      if (files === undefined) {
        const isTwice = this.#manifest.sessions.has(place.sessionId);
        throw refused(path, isTwice ? "is of a session that came before" : "is not in its manifest");
      }
      this.#left.delete(place.sessionId);
      this.#session = await SessionImport.begin(this.#store, place.sessionId, files, this.#options);
    }
    const file = this.#session.take(place.name);
    if (file === undefined) {
      const isTwice = this.#manifest.sessions.get(place.sessionId)?.has(place.name) === true;
      throw refused(path, isTwice ? "is in it twice" : "is not in its manifest");
    }
    if (file.sizeBytes !== size) throw refused(path, `has ${size} bytes, and ${file.sizeBytes} in its manifest`);
    await this.#session.file(file, body);
    await body.drain();
    if (this.#session.isComplete) await this.#endSession();
  }

  async #readManifest(name: string, size: number, body: Body): Promise<void> {
    if (name !== MANIFEST_NAME) throw new ArchiveError(noArchive());
    if (size > MAX_MANIFEST_BYTES)
      throw new ArchiveError(damaged(`its manifest is larger than ${MAX_MANIFEST_BYTES} bytes`));
    const text = await body.text();
    if (text === undefined) throw new ArchiveError(damaged("its manifest is no UTF-8"));
    try {
      this.#manifest = parseManifest(text);
    } catch (error) {
      throw error instanceof T2aError ? new ArchiveError(error) : error;
    }
    let limit = size + ENTRY_BYTES + END_BYTES + MAX_PROBLEMS_BYTES;
    for (const { sizeBytes } of this.#manifest.named.values()) limit += sizeBytes + ENTRY_BYTES;
    for (const [id, files] of this.#manifest.sessions) {
      this.#left.set(id, files);
      for (const { sizeBytes } of files.values()) limit += sizeBytes + ENTRY_BYTES;
      limit += ENTRY_BYTES;
    }
    this.#limit = limit;
  }

  async #readNamed(path: string, name: string, size: number, body: Body): Promise<void> {
    const file = this.#manifest?.named.get(name);
    if (file === undefined) throw refused(path, "is not in its manifest");
    if (this.#named.has(name)) throw refused(path, "is in it twice");
    if (file.sizeBytes !== size) throw refused(path, `has ${size} bytes, and ${file.sizeBytes} in its manifest`);
    this.#named.add(name);
    try {
      const json = await textOf(verified(body.chunks(), file, this.#options.signal));
      const theirs = parseNamed({ id: name, revision: revisionIn(json), json });
      this.#counts.values += await addNamed(this.#store, theirs, this.#options);
    } catch (error) {
      if (!isStoreError(error, "T2A_STORE_DAMAGED") && !isStoreError(error, "T2A_STORE_VERSION")) throw error;
      this.#problems.push({ sessionId: name, message: error.message });
    }
    await body.drain();
  }

  async #readProblems(size: number, body: Body): Promise<void> {
    await this.#endSession();
    this.#hasProblems = true;
    if (size > MAX_PROBLEMS_BYTES) throw new ArchiveError(damaged(`its ${PROBLEMS_NAME} is too large`));
    let document: unknown;
    try {
      document = JSON.parse((await body.text()) ?? "");
    } catch {
      throw new ArchiveError(damaged(`its ${PROBLEMS_NAME} is no JSON`));
    }
    const { problems } = Object(document) as { readonly problems?: unknown };
    for (const problem of Array.isArray(problems) ? (problems as readonly unknown[]) : []) {
      const { sessionId } = Object(problem) as { readonly sessionId?: unknown };
      // Such as were never in the manifest count too. What is whole all the same is not left out.
      if (typeof sessionId === "string" && !this.#whole.has(sessionId)) this.#leftOut.add(sessionId);
    }
  }

  async #endSession(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const { outcome, restoredFiles, problem } = await session.end();
    this.#session = undefined;
    this.#counts.restoredFiles += restoredFiles;
    if (outcome !== undefined) {
      this.#counts[outcome]++;
      this.#whole.add(session.id);
    }
    if (problem !== undefined) this.#problems.push({ sessionId: session.id, message: problem });
  }
}

type Outcome = "imported" | "unchanged" | "kept" | "updated";

/** One session on its way into the store. */
class SessionImport {
  readonly id: string;
  readonly #store: Store;
  readonly #files: ArchivedSession;
  readonly #options: ImportOptions;
  readonly #ours: Session | undefined;
  readonly #waiting: Map<string, ArchivedFile>;
  /** Files that this import put into the store. */
  readonly #put = new Set<string>();
  /** Such of them as the store's own document lists. */
  #restored = 0;
  #json: string | undefined;
  #problem: string | undefined;

  private constructor(
    store: Store,
    id: string,
    files: ArchivedSession,
    options: ImportOptions,
    ours: Session | undefined,
    problem: string | undefined,
  ) {
    this.id = id;
    this.#store = store;
    this.#files = files;
    this.#options = options;
    this.#ours = ours;
    this.#waiting = new Map(files);
    this.#problem = problem;
  }

  static async begin(store: Store, id: string, files: ArchivedSession, options: ImportOptions): Promise<SessionImport> {
    try {
      return new SessionImport(store, id, files, options, await store.find(id, options), undefined);
    } catch (error) {
      if (!isStoreError(error, "T2A_STORE_DAMAGED")) throw error;
      const problem = `${error.message}: t2a library fsck --repair first, then import again`;
      return new SessionImport(store, id, files, options, undefined, problem);
    }
  }

  /** The file of that name, where it is still waited for. */
  take(name: string): ArchivedFile | undefined {
    const file = this.#waiting.get(name);
    this.#waiting.delete(name);
    return file;
  }

  /** All of its files have come. */
  get isComplete(): boolean {
    return this.#waiting.size === 0;
  }

  /** Takes in one file. What is wrong with it is kept for the end. */
  async file(file: ArchivedFile, body: Body): Promise<void> {
    const chunks = verified(body.chunks(), file, this.#options.signal);
    try {
      if (file.name === DOCUMENT_NAME) this.#json = await textOf(chunks);
      else if (this.#problem === undefined && (await this.#isWanted(file))) await this.#putFile(file, chunks);
      else for await (const _ of chunks); // only its hash is of interest
    } catch (error) {
      if (!isStoreError(error, "T2A_STORE_DAMAGED")) throw error;
      this.#problem ??= `${error.message.replace("is not what was put", "is damaged in the archive")}`;
    }
  }

  /** Saves the document, where everything it lists is there. */
  async end(): Promise<{ readonly outcome?: Outcome; readonly restoredFiles: number; readonly problem?: string }> {
    const [missing] = this.#waiting.keys();
    if (missing !== undefined) this.#problem ??= `the archive does not hold its file ${missing}`;
    if (this.#problem === undefined) {
      try {
        const outcome = await this.#save();
        return { outcome, restoredFiles: this.#restored };
      } catch (error) {
        if (!isStoreError(error, "T2A_STORE_DAMAGED") && !isStoreError(error, "T2A_STORE_VERSION")) throw error;
        this.#problem = error.message;
      }
    }
    await this.undo();
    return { restoredFiles: this.#restored, problem: this.#problem };
  }

  /** Takes back what was put and no document lists. */
  async undo(): Promise<void> {
    if (this.#put.size === 0) return;
    const listed = new Set((await this.#current())?.map(({ name }) => name));
    for (const name of this.#put) if (!listed.has(name)) await this.#store.storage.deleteBlob(this.id, name);
    this.#put.clear();
  }

  /** The files of the session as it now is in the store. */
  async #current(): Promise<ReturnType<typeof listedFiles> | undefined> {
    const session = await this.#store.find(this.id);
    return session && listedFiles(session);
  }

  async #isWanted(file: ArchivedFile): Promise<boolean> {
    const ours = this.#ours;
    const listed = ours && listedFiles(ours).find(({ name }) => name === file.name);
    if (ours !== undefined && listed === undefined && this.#options.isUpdating !== true) return false;
    if (listed !== undefined && listed.sha256 !== file.sha256) return false;
    const { storage } = this.#store;
    if ((await storage.statBlob(this.id, file.name, this.#options)) === undefined) return true;
    if (listed !== undefined) return false;
    // Left by an import that was ended, perhaps: taken for what it is.
    try {
      await verifyStored(storage, this.id, file, this.#options);
    } catch (error) {
      if (!isStoreError(error, "T2A_STORE_DAMAGED")) throw error;
      this.#problem = `the store holds another file ${file.name} of the session, which stays as it is`;
    }
    return false;
  }

  async #putFile(file: ArchivedFile, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { name, sizeBytes } = file;
    try {
      await this.#store.storage.putBlob(this.id, name, chunks, { signal: this.#options.signal, sizeBytes });
    } catch (error) {
      if (!isStoreError(error, "T2A_STORE_EXISTS")) throw error;
      return await verifyStored(this.#store.storage, this.id, file, this.#options); // another import was first
    }
    this.#put.add(name);
    if (this.#ours !== undefined && listedFiles(this.#ours).some((listed) => listed.name === name)) this.#restored++;
  }

  async #save(): Promise<Outcome> {
    const theirs = await this.#parse();
    for (let tries = 1; ; tries++) {
      const there = await this.#store.storage.findDocument(this.id, this.#options);
      if (there?.json === theirs.document.json) return this.#ours === undefined ? "imported" : "unchanged";
      const ours = there && (await sessionJson()).parseSession(there);
      const wanted = ours === undefined ? theirs.document : await this.#merged(ours, theirs);
      if (wanted === undefined) {
        await this.undo();
        return "kept";
      }
      await this.#areAllThere((await sessionJson()).parseSession(wanted));
      try {
        await this.#store.put(wanted, there?.revision, this.#options);
        await this.#removeUnlisted(ours);
        return ours === undefined ? "imported" : "updated";
      } catch (error) {
        if (!isStoreError(error, "T2A_STORE_CONFLICT") || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Of two files of a session's commands one is listed: the other one was put for nothing, or is what it replaces. */
  async #removeUnlisted(before: Session | undefined): Promise<void> {
    const replaced = before?.commands?.name;
    if (replaced !== undefined) this.#put.add(replaced);
    await this.undo();
  }

  /** Another import of the same archive may have failed and taken back what it had put first. */
  async #areAllThere(session: Session): Promise<void> {
    for (const { name } of listedFiles(session)) {
      if (!this.#files.has(name)) continue; // the store's own
      if ((await this.#store.storage.statBlob(this.id, name, this.#options)) === undefined)
        throw damaged(`another import took back its file ${name}: import again`);
    }
  }

  async #parse(): Promise<{ readonly document: StoredDocument; readonly session: Session }> {
    const { parseSession } = await sessionJson();
    const json = this.#json ?? "";
    const document = { id: this.id, revision: revisionIn(json), json };
    const session = parseSession(document);
    const listed = new Map(listedFiles(session).map((file) => [file.name, file]));
    for (const file of listed.values()) {
      const archived = this.#files.get(file.name);
      if (archived?.sizeBytes !== file.sizeBytes || archived.sha256 !== file.sha256)
        throw damaged(`the session's document and the manifest do not agree about ${file.name}`);
    }
    for (const name of this.#files.keys())
      if (name !== DOCUMENT_NAME && !listed.has(name)) throw damaged(`the session's document does not list ${name}`);
    return { document, session };
  }

  /** What is to be saved in place of the store's document; undefined where that stays. */
  async #merged(
    ours: Session,
    theirs: { readonly document: StoredDocument; readonly session: Session },
  ): Promise<StoredDocument | undefined> {
    if (this.#options.isUpdating !== true) return undefined;
    const { session } = theirs;
    const counts = [session, ours].map(({ revision }) => revisionCount(revision)) as [number, number];
    const isNewer = counts[0] - counts[1] || Date.parse(session.savedAt) - Date.parse(ours.savedAt);
    const [base, other] = isNewer > 0 || (isRemade(ours) && !isRemade(session)) ? [session, ours] : [ours, session];
    // A file that the store has stays what it is, whatever the archive has under its name.
    const kept = new Map(ours.recordings.map((recording) => [recording.name, recording]));
    const recordings = base.recordings.map((recording) => kept.get(recording.name) ?? recording);
    const names = new Set(recordings.map(({ name }) => name));
    const ids = new Set(recordings.map(({ id }) => id));
    const added = other.recordings.filter(({ name, id }) => !names.has(name) && !ids.has(id));
    const commands = base.commands ?? other.commands;
    const now = (this.#options.now ?? Date.now)();
    // What was in use here has its days in the trash here, however long ago it was deleted elsewhere.
    const isNewlyDeleted = base.deletedAt !== undefined && ours.deletedAt === undefined;
    const isAsArchived =
      base === session &&
      !isNewlyDeleted &&
      commands === session.commands &&
      counts[0] > counts[1] &&
      added.length === 0 &&
      recordings.every(
        (recording, at) => recording === session.recordings[at] || isSame(recording, session.recordings[at]),
      );
    if (isAsArchived) return theirs.document;
    if (base === ours && added.length === 0 && commands === ours.commands) return undefined;
    const whole: Session = commands === undefined ? base : { ...base, commands };
    const { error, ...rest } = withRecordings(whole, [...recordings, ...added]);
    const back = [...added, ...(commands !== undefined && base.commands === undefined ? [commands] : [])];
    const left = withoutLostNotes(error, new Set(back.map(({ name }) => name)));
    return (await sessionJson()).formatSession({
      ...rest,
      ...(left === undefined ? {} : { error: left }),
      ...(isNewlyDeleted ? { deletedAt: new Date(now).toISOString() } : {}),
      revision: nextRevision(counts[0] > counts[1] ? session.revision : ours.revision, now),
      savedAt: new Date(now).toISOString(),
    });
  }
}

/** Tries to save a session against other writers. */
const MAX_TRIES = 20;

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function revisionIn(json: string): string {
  try {
    const { revision } = Object(JSON.parse(json)) as { readonly revision?: unknown };
    return typeof revision === "string" ? revision : "";
  } catch {
    return ""; // parseSession tells what is wrong
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return decodeText(Buffer.concat(parts)) ?? "";
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** An entry's bytes: whoever leaves off reading them does not end the archive, as the library has it. */
class Body {
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(entry: Entry) {
    this.#chunks = (entry as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let next = await this.#chunks.next(); next.done !== true; next = await this.#chunks.next()) yield next.value;
  }

  async drain(): Promise<void> {
    for await (const _ of this.chunks());
  }

  async text(): Promise<string | undefined> {
    const parts: Uint8Array[] = [];
    for await (const chunk of this.chunks()) parts.push(chunk);
    return decodeText(Buffer.concat(parts));
  }
}

/** The archive itself is damaged or not to be trusted: what was imported stays, and nothing more of it is read. */
class ArchiveError extends Error {
  readonly reason: T2aError;

  constructor(reason: T2aError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** The archive's bytes could not be read. */
class ReadError extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("the archive could not be read");
    this.reason = reason;
  }
}

/** The messages of the library, which has no class of errors. */
function isTarError(error: unknown): error is Error {
  return error instanceof Error && error.constructor === Error;
}

function refused(path: string, why: string): ArchiveError {
  return new ArchiveError(
    new StoreError(
      "T2A_STORE_DAMAGED",
      `the archive is refused: its entry ${JSON.stringify(path.slice(0, 200))} ${why}`,
      {
        details: { path: path.slice(0, 200) },
      },
    ),
  );
}

function damaged(reason: string): StoreError {
  return new StoreError("T2A_STORE_DAMAGED", `the archive is damaged: ${reason}`);
}
