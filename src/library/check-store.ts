// Checking a store: every document, every file, and what one says of the other. Mending is asked for, and loses nothing: what cannot be
// used is set aside in the store under a name of its own.

import { ulid } from "ulid";
import { openT2r } from "../../formats/index.js";
import { StoreError } from "../core/index.js";
import { type BlobStat, type Session, type Store, type StoredDocument, sessionJson } from "../store/index.js";
import { inParallel } from "./in-parallel.js";
import { findNamedProblem, setNamedAside } from "./mend-named.js";
import { isSetAside, SessionMender } from "./mend-session.js";
import { isStoreError, type ListedFile, listedFiles, throwIfAborted, verifyStored } from "./session-files.js";
import { storedSource } from "./stored-source.js";

/** What can be found. */
export type FindingKind =
  /** A document that cannot be read. */
  | "document"
  /** A document of a newer t2a: it is left alone. */
  | "newer"
  /** A file that a document lists and the store does not have. */
  | "missing"
  /** A file of another size or hash than its document lists. */
  | "damaged"
  /** A file that no document lists. */
  | "orphan"
  /** A recording that is what was put, and cannot be opened. */
  | "recording"
  /** The index says something else than the document. */
  | "index"
  /** A parent, child or successor that is not in the store: only a note. */
  | "relation"
  /** Something that was set aside when the store was mended: only a note. */
  | "aside";

/** Something found. */
export interface Finding {
  readonly kind: FindingKind;
  /** Empty where it is a document of the store itself. */
  readonly sessionId: string;
  /** Of the file. */
  readonly name?: string | undefined;
  readonly message: string;
  /** What was done about it; absent where it is left. */
  readonly mended?: string | undefined;
}

/** How to check. */
export interface CheckStoreOptions {
  /** This session alone: its id. */
  readonly sessionId?: string | undefined;
  /** Files are held against their sizes alone, not read. */
  readonly isQuick?: boolean | undefined;
  /** Files that no document lists are found also where they are younger than a day: nobody may be at work then. */
  readonly allOrphans?: boolean | undefined;
  /** Mend what can be. */
  readonly isMending?: boolean | undefined;
  /** Where mending: delete files that no document lists and that hold no recording. */
  readonly deletesOrphans?: boolean | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Sessions that are checked, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/** What was found. */
export interface CheckStoreResult {
  readonly sessions: number;
  readonly files: number;
  /** Of all files; they were read unless `isQuick`. */
  readonly bytes: number;
  readonly findings: readonly Finding[];
  /** Findings that are neither mended nor notes. */
  readonly left: number;
}

/** Sessions looked at at once. */
const PARALLEL = 4;
/** A file is put before the document that lists it. */
const ORPHAN_AGE_MS = 24 * 3_600_000;
/** Looks at a session that changes while it is looked at. */
const MAX_TRIES = 3;
const NOTES: ReadonlySet<FindingKind> = new Set(["relation", "aside"]);

/**
 * Checks a store, while others may use it.
 * @throws StoreError of the store; `T2A_ABORTED`.
 */
export async function checkStore(store: Store, options: CheckStoreOptions = {}): Promise<CheckStoreResult> {
  return await new StoreCheck(store, options).run();
}

/** What the lists say of one session. */
interface Listed {
  readonly id: string;
  /** Of its document, and of that which the index knows; undefined where there is none. */
  readonly tag: string | undefined;
  readonly indexTag: string | undefined;
  readonly files: readonly BlobStat[];
}

class StoreCheck {
  readonly #store: Store;
  readonly #options: CheckStoreOptions;
  readonly #mender: SessionMender;
  readonly #findings: Finding[] = [];
  #clock: Promise<number> | undefined;
  #sessions = 0;
  #files = 0;
  #bytes = 0;

  constructor(store: Store, options: CheckStoreOptions) {
    this.#store = store;
    this.#options = options;
    this.#mender = new SessionMender(store, options);
  }

  async run(): Promise<CheckStoreResult> {
    const { signal, isMending, sessionId } = this.#options;
    let total = 0;
    let done = 0;
    if (sessionId === undefined) for await (const _ of this.#store.storage.listDocuments({ signal })) total++;
    await inParallel(
      sessionId === undefined ? this.#listed() : this.#listedOne(sessionId),
      PARALLEL,
      async (listed) => {
        throwIfAborted(signal);
        await this.#check(listed);
        if (listed.tag !== undefined) done++;
        this.#options.onProgress?.(done, Math.max(done, total));
      },
    );
    if (sessionId === undefined) await this.#checkNamed();
    if (isMending === true && this.#findings.length > 0) await this.#store.checkIndex({ signal });
    const left = this.#findings.filter(({ kind, mended }) => mended === undefined && !NOTES.has(kind)).length;
    return { sessions: this.#sessions, files: this.#files, bytes: this.#bytes, findings: this.#findings, left };
  }

  /** The documents of the store itself. */
  async #checkNamed(): Promise<void> {
    const { signal, isMending } = this.#options;
    for await (const name of this.#store.storage.listNamed({ signal })) {
      throwIfAborted(signal);
      const found = await findNamedProblem(this.#store, name, signal);
      if (found === undefined) continue;
      const { error, document } = found;
      const kind: FindingKind = error.code === "T2A_STORE_VERSION" ? "newer" : "document";
      const mended =
        isMending === true && kind === "document" && document !== undefined
          ? await setNamedAside(this.#store, document, this.#options)
          : undefined;
      this.#tell({ kind, sessionId: "", name, message: error.message, mended });
    }
  }

  async *#listedOne(id: string): AsyncGenerator<Listed> {
    const { storage, index } = this.#store;
    const { signal } = this.#options;
    const document = await storage.findDocument(id, { signal });
    const files: BlobStat[] = [];
    for await (const file of storage.listBlobs({ sessionId: id, signal })) files.push(file);
    let indexTag: string | undefined;
    for await (const known of index.listTags()) if (known.id === id) indexTag = known.tag;
    yield { id, tag: document?.tag, indexTag, files };
  }

  /** All ids that there are in documents, files and the index, ascending. */
  async *#listed(): AsyncGenerator<Listed> {
    const { storage, index } = this.#store;
    const { signal } = this.#options;
    const documents = new Peekable(storage.listDocuments({ signal }));
    const tags = new Peekable(index.listTags());
    const files = new Peekable(storage.listBlobs({ signal }));
    for (;;) {
      const ids = [(await documents.peek())?.id, (await tags.peek())?.id, (await files.peek())?.sessionId];
      const id = ids.reduce((least, other) =>
        least === undefined || (other !== undefined && other < least) ? other : least,
      );
      if (id === undefined) return;
      const document = await documents.takeIf((one) => one.id === id);
      const known = await tags.takeIf((one) => one.id === id);
      const blobs: BlobStat[] = [];
      for (let next = await files.takeIf((one) => one.sessionId === id); next !== undefined; ) {
        blobs.push(next);
        next = await files.takeIf((one) => one.sessionId === id);
      }
      yield { id, tag: document?.tag, indexTag: known?.tag, files: blobs };
    }
  }

  /** Looks at a session, and again where somebody changed it while that was done. */
  async #check(listed: Listed): Promise<void> {
    for (let tries = 1; ; tries++) {
      const before = await this.#find(listed.id);
      const { findings, mend } = await this.#look(listed, before);
      if (findings.length > 0 && tries < MAX_TRIES) {
        const after = await this.#find(listed.id);
        const isSame =
          after instanceof Error
            ? before instanceof Error
            : !(before instanceof Error) && after?.revision === before?.revision;
        if (!isSame) continue;
      }
      const mended = this.#options.isMending === true ? await mend() : new Map<Finding, string>();
      for (const finding of findings) this.#tell({ ...finding, mended: mended.get(finding) });
      return;
    }
  }

  #tell(finding: Finding): void {
    this.#findings.push(finding);
    this.#options.onFinding?.(finding);
  }

  async #find(id: string): Promise<StoredDocument | StoreError | undefined> {
    try {
      return await this.#store.storage.findDocument(id, { signal: this.#options.signal });
    } catch (error) {
      if (isStoreError(error, "T2A_STORE_DAMAGED")) return error;
      throw error;
    }
  }

  async #look(
    listed: Listed,
    document: StoredDocument | StoreError | undefined,
  ): Promise<{ readonly findings: readonly Finding[]; readonly mend: () => Promise<ReadonlyMap<Finding, string>> }> {
    const { id } = listed;
    const nothing = async () => new Map<Finding, string>();
    if (document instanceof StoreError) {
      this.#sessions++;
      return { findings: [{ kind: "document", sessionId: id, message: document.message }], mend: nothing };
    }
    if (document === undefined) return await this.#lookAtOrphans(listed);
    this.#sessions++;
    let session: Session;
    try {
      session = (await sessionJson()).parseSession(document);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const isNewer = error.code === "T2A_STORE_VERSION";
      const finding: Finding = { kind: isNewer ? "newer" : "document", sessionId: id, message: error.message };
      const mend = async () => new Map([[finding, await this.#mender.rebuild(document, listed.files)]]);
      return { findings: [finding], mend: isNewer ? nothing : mend };
    }
    return await this.#lookAtSession(listed, session);
  }

  async #lookAtOrphans({ id, indexTag, files }: Listed) {
    const orphans = await this.#orphansOf(files, new Set());
    const index: Finding[] =
      indexTag === undefined || (await this.#isPending(id))
        ? []
        : [{ kind: "index", sessionId: id, message: `the index knows the session ${id}, which is not in the store` }];
    const mend = async () => {
      const mended = await this.#mender.adopt(
        id,
        undefined,
        orphans.map(({ file }) => file),
      );
      const done = new Map(orphans.flatMap(({ finding, file }) => entry(finding, mended.get(file.name))));
      for (const finding of index) done.set(finding, "taken out of the index");
      return done;
    };
    return { findings: [...orphans.map(({ finding }) => finding), ...index, ...asideOf(files)], mend };
  }

  async #lookAtSession({ id, tag, indexTag, files }: Listed, session: Session) {
    const stats = new Map(files.map((file) => [file.name, file]));
    const bad: { readonly finding: Finding; readonly file: ListedFile }[] = [];
    const notes: Finding[] = [...asideOf(files)];
    const listedNow = listedFiles(session);
    for (const file of listedNow) {
      throwIfAborted(this.#options.signal);
      const finding = await this.#lookAtFile(session, file, stats.get(file.name));
      if (finding === undefined) continue;
      if (finding.kind === "recording") notes.push(finding);
      else bad.push({ finding, file });
    }
    const orphans = await this.#orphansOf(files, new Set(listedNow.map(({ name }) => name)));
    const index: Finding[] = [];
    if (indexTag !== tag && !(await this.#isInStep(session)))
      index.push({ kind: "index", sessionId: id, message: `the index does not know the session ${id} as it is` });
    notes.push(...(await this.#lookAtRelations(session)));
    const mend = async () => {
      const done = new Map<Finding, string>();
      for (const { finding, file } of bad)
        for (const [one, what] of entry(finding, await this.#mender.withdraw(id, file))) done.set(one, what);
      const adopted = await this.#mender.adopt(
        id,
        session,
        orphans.map(({ file }) => file),
      );
      for (const { finding, file } of orphans)
        for (const [one, what] of entry(finding, adopted.get(file.name))) done.set(one, what);
      for (const finding of index) done.set(finding, "the index is mended");
      return done;
    };
    const findings = [
      ...bad.map(({ finding }) => finding),
      ...orphans.map(({ finding }) => finding),
      ...index,
      ...notes,
    ];
    return { findings, mend };
  }

  async #lookAtFile(session: Session, file: ListedFile, listed: BlobStat | undefined): Promise<Finding | undefined> {
    const { storage } = this.#store;
    const { signal, isQuick } = this.#options;
    const { id: sessionId } = session;
    const { name, sizeBytes } = file;
    const stat = listed ?? (await storage.statBlob(sessionId, name, { signal }));
    if (stat === undefined)
      return { kind: "missing", sessionId, name, message: `the store has no file ${name} of the session ${sessionId}` };
    this.#files++;
    this.#bytes += stat.sizeBytes;
    const damaged = (reason: string): Finding => ({
      ...{ kind: "damaged", sessionId, name },
      message: `the file ${name} of the session ${sessionId} is not what was put: ${reason}`,
    });
    if (stat.sizeBytes !== sizeBytes) return damaged(`it has ${stat.sizeBytes} bytes, not ${sizeBytes}`);
    if (isQuick === true) return undefined;
    try {
      await verifyStored(storage, sessionId, file, { signal });
    } catch (error) {
      if (isStoreError(error, "T2A_STORE_DAMAGED")) return damaged(String(error.details.reason ?? error.message));
      if (!isStoreError(error, "T2A_STORE_NOT_FOUND")) throw error;
      return { kind: "missing", sessionId, name, message: error.message }; // gone while it was read
    }
    if (!session.recordings.some((recording) => recording.name === name && recording.format === "t2r"))
      return undefined;
    if ((await openT2r(storedSource(storage, { sessionId, name, sizeBytes }, signal))) !== undefined) return undefined;
    const message = `the recording ${name} of the session ${sessionId} is as it was put, but has no end that can be read`;
    return { kind: "recording", sessionId, name, message };
  }

  async #orphansOf(files: readonly BlobStat[], listed: ReadonlySet<string>) {
    const orphans: { readonly finding: Finding; readonly file: BlobStat }[] = [];
    for (const file of files) {
      const { sessionId, name, putAtMs, sizeBytes } = file;
      if (listed.has(name) || isSetAside(name)) continue;
      if (this.#options.allOrphans !== true && (await this.#storeTime()) - putAtMs < ORPHAN_AGE_MS) continue;
      const message = `no session lists the file ${name} of ${sizeBytes} bytes in the folder of the session ${sessionId}`;
      orphans.push({ finding: { kind: "orphan", sessionId, name, message }, file });
    }
    return orphans;
  }

  /** By the store's clock, which says when files were put; where nothing may be written, by this machine's. */
  #storeTime(): Promise<number> {
    const { now = Date.now, isMending } = this.#options;
    this.#clock ??= isMending === true ? putTime(this.#store, now) : Promise.resolve(now());
    return this.#clock;
  }

  async #isPending(id: string): Promise<boolean> {
    return (await this.#store.index.listPending()).some((pending) => pending.id === id);
  }

  async #isInStep({ id, revision }: Session): Promise<boolean> {
    if (await this.#isPending(id)) return true; // its writer is at it, or whoever comes next
    const known = await this.#store.index.findSession(id);
    if (known?.revision !== revision) return false;
    for await (const stat of this.#store.index.listTags())
      if (stat.id === id) return stat.tag === (await this.#store.storage.findDocument(id))?.tag;
    return false;
  }

  async #lookAtRelations({ id, parent, children, handoffTo }: Session): Promise<Finding[]> {
    const findings: Finding[] = [];
    const relations = [
      ...(parent === undefined ? [] : [["parent", parent] as const]),
      ...children.map((child) => ["child", child] as const),
      ...(handoffTo === undefined ? [] : [["successor", handoffTo] as const]),
    ];
    for (const [what, other] of relations) {
      if ((await this.#find(other)) !== undefined) continue;
      findings.push({
        kind: "relation",
        sessionId: id,
        message: `the ${what} ${other} of the session ${id} is not in the store`,
      });
    }
    return findings;
  }
}

function entry(finding: Finding, mended: string | undefined): [Finding, string][] {
  return mended === undefined ? [] : [[finding, mended]];
}

function asideOf(files: readonly BlobStat[]): Finding[] {
  return files
    .filter(({ name }) => isSetAside(name))
    .map(({ sessionId, name }) => {
      return { kind: "aside", sessionId, name, message: `the file ${name} of the session ${sessionId} was set aside` };
    });
}

/** Puts a file, looks when that was, and deletes it. */
async function putTime({ storage }: Store, now: () => number): Promise<number> {
  const [sessionId, name] = [ulid(now()), "clock"];
  await storage.putBlob(sessionId, name, Object.assign((async function* () {})(), {}));
  const stat = await storage.statBlob(sessionId, name);
  await storage.deleteBlob(sessionId, name);
  return stat?.putAtMs ?? now();
}

/** An iteration whose next item can be looked at. */
class Peekable<T> {
  readonly #items: AsyncIterator<T>;
  #next: Promise<IteratorResult<T>> | undefined;

  constructor(items: AsyncIterable<T>) {
    this.#items = items[Symbol.asyncIterator]();
  }

  async peek(): Promise<T | undefined> {
    this.#next ??= this.#items.next();
    const next = await this.#next;
    return next.done === true ? undefined : next.value;
  }

  async takeIf(isWanted: (item: T) => boolean): Promise<T | undefined> {
    const item = await this.peek();
    if (item === undefined || !isWanted(item)) return undefined;
    this.#next = undefined;
    return item;
  }
}
