// Moving a store's sessions to another one, while both may be in use: the files first, each read back from where it went, then the
// documents as they are. What is there already is not copied again, so that it can be ended at any time and begun anew.
import { StoreError } from "../core/index.js";
import {
  type NamedDocument,
  parseNamed,
  type Session,
  type Store,
  type StoredDocument,
  sessionJson,
} from "../store/index.js";
import { inParallel } from "./in-parallel.js";
import { differing } from "./merge-named.js";
import { isStoreError, type ListedFile, listedFiles, throwIfAborted, verified, verifyStored } from "./session-files.js";

/** Sessions that are moved at once. */
const PARALLEL = 8;
/** Tries to bring over one session that changes all the time. */
const MAX_TRIES = 20;

/** How far it is. */
export interface MigrateProgress {
  /** Sessions looked at, and how many there were when it began. */
  readonly sessions: number;
  readonly totalSessions: number;
  /** Bytes of files that were copied. */
  readonly bytes: number;
}

/** A session that was not brought over, and why. */
export interface MigrateProblem {
  readonly sessionId: string;
  /** `conflict`: its document in the target was changed there. `damaged`: it cannot be read whole where it comes from. */
  readonly kind: "conflict" | "damaged";
  readonly message: string;
}

/** How to move. */
export interface MigrateOptions {
  /** Only count what there is to do. */
  readonly isDryRun?: boolean | undefined;
  /** Sessions at once; 8 where absent: a server's answer is waited for most of the time. */
  readonly parallel?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: MigrateProgress) => void) | undefined;
  readonly onProblem?: ((problem: MigrateProblem) => void) | undefined;
}

/** What was done; where `isDryRun` was asked for, what would be. */
export interface MigrateResult {
  /** Sessions that were not in the target. */
  readonly moved: number;
  /** Sessions that were there as they had been before, and were brought up to date. */
  readonly updated: number;
  /** Sessions that were there as they are. */
  readonly unchanged: number;
  /** Sessions that had been brought over when they were deleted where they came from: they are deleted in the target too. */
  readonly removed: number;
  /** Values of the store itself (state) that were new or other in the target. */
  readonly values: number;
  /** Files that were copied, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Times that the list was gone through, until nothing was new. */
  readonly passes: number;
  readonly problems: readonly MigrateProblem[];
}

/**
 * Brings everything from one store to another: files, documents with their revisions and times, the trash. What changes in `from`
 * meanwhile is brought over too: it ends when a whole pass finds nothing new. A document that was changed in `to` by somebody else is
 * never written over.
 * @throws StoreError of either store; `T2A_ABORTED`. What is done by then stays, and a second run goes on from there.
 */
export async function migrateStore(from: Store, to: Store, options: MigrateOptions = {}): Promise<MigrateResult> {
  return await new Migration(from, to, options).run();
}

/** What became of a session: `tag` is that of the document in `from` that it was done for. */
interface Done {
  readonly tag: string;
  /** The revision that was brought over in this run; undefined where none was. */
  readonly revision: string | undefined;
}

class Migration {
  readonly #from: Store;
  readonly #to: Store;
  readonly #options: MigrateOptions;
  readonly #done = new Map<string, Done>();
  /** Sessions that were tried. */
  readonly #asked = new Set<string>();
  readonly #problems = new Map<string, MigrateProblem>();
  readonly #outcomes = new Map<string, "moved" | "updated" | "unchanged">();
  /** Nothing was in the target when it began: it is not asked about each session first. Whoever writes there is found when saving. */
  #isTargetEmpty = false;
  #removed = 0;
  #values = 0;
  #files = 0;
  #bytes = 0;
  #total = 0;

  constructor(from: Store, to: Store, options: MigrateOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  async run(): Promise<MigrateResult> {
    let passes = 0;
    for await (const _ of this.#from.storage.listDocuments(this.#waiting)) this.#total++;
    this.#isTargetEmpty = await this.#findsNothing();
    do {
      passes++;
    } while ((await this.#pass()) && this.#options.isDryRun !== true);
    await this.#bringNamed();
    for (const problem of this.#problems.values()) this.#options.onProblem?.(problem);
    const counts = { moved: 0, updated: 0, unchanged: 0 };
    for (const outcome of this.#outcomes.values()) counts[outcome]++;
    const { removed, files, bytes } = { removed: this.#removed, files: this.#files, bytes: this.#bytes };
    const values = this.#values;
    return { ...counts, removed, values, files, bytes, passes, problems: [...this.#problems.values()] };
  }

  async #findsNothing(): Promise<boolean> {
    for await (const _ of this.#to.storage.listDocuments(this.#waiting)) return false;
    for await (const _ of this.#to.storage.listBlobs(this.#waiting)) return false;
    return true;
  }

  get #waiting() {
    return { signal: this.#options.signal };
  }

  /** The documents of the store itself: values as they are in `from`, unless the target has others of its own. */
  async #bringNamed(): Promise<void> {
    for await (const name of this.#from.storage.listNamed(this.#waiting)) {
      try {
        const document = await this.#from.storage.findNamed(name, this.#waiting);
        if (document !== undefined) await this.#bringValues(parseNamed(document));
      } catch (error) {
        if (!isStoreError(error, "T2A_STORE_DAMAGED")) throw error;
        this.#problems.set(name, { sessionId: name, kind: "damaged", message: error.message });
      }
    }
  }

  async #bringValues({ name, revision, values: theirs }: NamedDocument): Promise<void> {
    const note = `${NOTE}${name}`;
    const brought = await this.#to.index.findNote(note);
    const there = await this.#to.findNamed(name, this.#waiting);
    const isAsBrought = there === undefined || brought?.split(" ")[1] === there.revision;
    const wanted = differing(there?.values ?? {}, theirs);
    const changes = wanted.filter(([key]) => isAsBrought || !Object.hasOwn(there.values, key));
    this.#values += changes.length;
    if (changes.length < wanted.length && brought?.split(" ")[0] !== revision) {
      const message = `${wanted.length - changes.length} values of ${name} are others in the target, and stay there as they are`;
      this.#problems.set(name, { sessionId: name, kind: "conflict", message });
    }
    if (this.#options.isDryRun === true || changes.length === 0) return;
    const added = Object.fromEntries(changes);
    await this.#to.updateNamed(name, (values) => ({ ...values, ...added }), this.#waiting);
    const saved = await this.#to.findNamed(name, this.#waiting);
    // As for sessions: which revision came from where.
    if (saved !== undefined) await this.#to.index.putNote(note, `${revision} ${saved.revision}`);
  }

  /** Goes through all sessions once. True where anything was new. */
  async #pass(): Promise<boolean> {
    const seen = new Set<string>();
    let isNew = false;
    const news = async function* (this: Migration) {
      for await (const { id, tag } of this.#from.storage.listDocuments(this.#waiting)) {
        seen.add(id);
        if (this.#done.get(id)?.tag !== tag) yield { id, tag };
      }
    }.bind(this);
    await inParallel(news(), this.#options.parallel ?? PARALLEL, async ({ id, tag }) => {
      isNew = true;
      throwIfAborted(this.#options.signal);
      await this.#migrate(id, tag);
      this.#tell();
    });
    for (const [id, { revision }] of this.#done) {
      // Such that came or went during the listing may be missed by it.
      if (seen.has(id) || (await this.#from.storage.findDocument(id, this.#waiting)) !== undefined) continue;
      this.#done.delete(id);
      this.#problems.delete(id);
      this.#outcomes.delete(id);
      if (revision !== undefined && (await this.#removeFromTarget(id, revision))) this.#removed++;
    }
    return isNew;
  }

  /** Brings one session over as it is now, and notes for which tag. */
  async #migrate(id: string, listedTag: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const document = await this.#from.storage.findDocument(id, this.#waiting).catch(isDamage);
      if (document === undefined) return; // deleted meanwhile: what was brought over goes when the pass ends
      const tag = "tag" in document ? document.tag : listedTag;
      try {
        if (!("tag" in document)) throw document;
        const session = (await sessionJson()).parseSession(document);
        const revision = await this.#bring(document, session);
        this.#done.set(id, { tag, revision: revision ?? this.#done.get(id)?.revision });
        this.#problems.delete(id);
        return;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        const { code } = error;
        const isGone = code === "T2A_STORE_NOT_FOUND" || code === "T2A_STORE_DAMAGED";
        if (code === "T2A_STORE_VERSION" || !(isGone || code === "T2A_STORE_CONFLICT")) throw error;
        // A file may be gone because its session was deleted or changed since: then the next look tells.
        const now = await this.#from.storage.findDocument(id, this.#waiting).catch(isDamage);
        const isSame = now === undefined || !("tag" in now) || now.tag === tag;
        if (now === undefined || (!isSame && tries < MAX_TRIES)) continue;
        if (code === "T2A_STORE_CONFLICT" && error.details.isOthers !== true && tries < MAX_TRIES) continue;
        const kind = code === "T2A_STORE_CONFLICT" ? "conflict" : "damaged";
        this.#problems.set(id, { sessionId: id, kind, message: error.message });
        this.#done.set(id, { tag, revision: this.#done.get(id)?.revision });
        this.#outcomes.delete(id);
        return;
      }
    }
  }

  /** Gives the revision that was brought over; undefined where the target had it. */
  async #bring(document: StoredDocument, session: Session): Promise<string | undefined> {
    const { id } = document;
    const isNew = this.#isTargetEmpty && !this.#asked.has(id);
    this.#asked.add(id);
    const there = isNew ? undefined : await this.#to.storage.findDocument(id, this.#waiting);
    const note = `${NOTE}${id}`;
    if (there?.revision === document.revision) {
      if (there.json !== document.json) throw othersChange(id);
      await this.#copyMissing(session, true);
      if (!this.#outcomes.has(id)) this.#outcomes.set(id, "unchanged");
      return undefined;
    }
    const brought = this.#done.get(id)?.revision;
    if (there !== undefined && there.revision !== brought && there.revision !== (await this.#to.index.findNote(note)))
      throw othersChange(id);
    if (isNew) for (const file of listedFiles(session)) await this.#copy(id, file);
    else await this.#copyMissing(session, false);
    if (this.#outcomes.get(id) !== "moved") this.#outcomes.set(id, there === undefined ? "moved" : "updated");
    if (this.#options.isDryRun === true) return undefined;
    await this.#to.put(document, there?.revision, this.#waiting);
    const replaced = there && (await sessionJson()).salvageFields(there.json).commands?.name;
    if (replaced !== undefined && replaced !== session.commands?.name)
      await this.#to.storage.deleteBlob(id, replaced, this.#waiting);
    // Tells a later run that this revision is no change of the target's own.
    await this.#to.index.putNote(note, document.revision);
    return document.revision;
  }

  async #copyMissing(session: Session, isTrusted: boolean): Promise<void> {
    for (const file of listedFiles(session)) {
      const there = await this.#to.storage.statBlob(session.id, file.name, this.#waiting);
      if (there === undefined) await this.#copy(session.id, file);
      else if (there.sizeBytes !== file.sizeBytes) throw otherFile(session.id, file.name);
      else if (!isTrusted && this.#options.isDryRun !== true) await this.#verifyTarget(session.id, file);
    }
  }

  async #copy(sessionId: string, file: ListedFile): Promise<void> {
    this.#files++;
    if (this.#options.isDryRun === true) {
      this.#bytes += file.sizeBytes;
      return;
    }
    const { name, sizeBytes } = file;
    const read = verified(this.#from.storage.readBlob(sessionId, name, this.#waiting), file, this.#options.signal);
    try {
      await this.#to.storage.putBlob(sessionId, name, this.#counted(read), { ...this.#waiting, sizeBytes });
    } catch (error) {
      if (!isStoreError(error, "T2A_STORE_EXISTS")) throw error;
    }
    await this.#verifyTarget(sessionId, file);
  }

  async #verifyTarget(sessionId: string, file: ListedFile): Promise<void> {
    try {
      await verifyStored(this.#to.storage, sessionId, file, this.#waiting);
    } catch (error) {
      throw isStoreError(error, "T2A_STORE_DAMAGED") ? otherFile(sessionId, file.name) : error;
    }
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk;
      this.#bytes += chunk.length;
      this.#tell();
    }
  }

  #tell(): void {
    const sessions = this.#done.size;
    this.#options.onProgress?.({ sessions, totalSessions: Math.max(this.#total, sessions), bytes: this.#bytes });
  }

  /** False where it is not what was brought there, or is gone. */
  async #removeFromTarget(id: string, revision: string): Promise<boolean> {
    return await this.#to.remove(id, { ...this.#waiting, revision });
  }
}

/** Before the id of a session, in the notes of the target's index: the revision that was brought there last. */
const NOTE = "migrated:";

/** A document that the driver itself cannot read, as a value. */
function isDamage(error: unknown): StoreError {
  if (isStoreError(error, "T2A_STORE_DAMAGED")) return error;
  throw error;
}

function othersChange(id: string): StoreError {
  return new StoreError(
    "T2A_STORE_CONFLICT",
    `the session ${id} was changed in the target by another writer: it stays there as it is`,
    { details: { id, isOthers: true } },
  );
}

function otherFile(id: string, name: string): StoreError {
  return new StoreError(
    "T2A_STORE_CONFLICT",
    `the target holds another file ${name} of the session ${id}, which stays as it is`,
    { details: { id, name, isOthers: true } },
  );
}
