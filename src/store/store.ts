// A store: a storage and the index that is kept in step with it. Whatever ends when, the storage is right, and the index becomes so:
// that a document is about to change is noted in the index first, so that the next one who opens it looks again.
import { setTimeout } from "node:timers/promises";
import { ulid } from "ulid";
import { StoreError } from "../core/index.js";
import { throwIfAborted } from "./aborted.js";
import { formatNamed, type NamedDocument, type NamedValues, parseNamed } from "./named-json.js";
import type { Session } from "./session.js";
import { SESSION_VERSION } from "./session-words.js";
import type { SessionStorage, StorageOptions, StoredDocument } from "./storage.js";
import type { StoreIndex, TaggedSession } from "./store-index.js";

/** When the whole index is held against the storage's own list, beside after a writer that never came back. */
export type IndexCheck =
  /** The index is in the same database, or all who write to the storage write to it too. */
  | "never"
  /** The index's file may have lost its last changes in a power cut. */
  | "after-boot"
  /** Others write to the storage who do not know this index. */
  | "always";

/** A storage with its index, as a driver opens them. */
export interface OpenedStore {
  readonly storage: SessionStorage;
  readonly index: StoreIndex;
  readonly check: IndexCheck;
}

/** How a store works. */
export interface StoreOptions {
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** What differs from one start of the machine to the next; undefined where it cannot be told. */
  readonly bootId?: string | undefined;
}

/** What is told of a session that is new; the rest is the store's. */
export type NewSession = Omit<Session, "version" | "revision" | "savedAt">;

/** A session is noted as changing for this long at least: its writer may still be at it. Milliseconds. */
const PENDING_MS = 60_000;
/** Tries to save a change against other writers, who all get theirs done. */
const MAX_TRIES = 100;
/** Documents read at once where many are. */
const PARALLEL = 8;
/** Documents that go into the index in one step, and UTF-16 units of them: others wait meanwhile, and they are in memory. */
const TOGETHER = 64;
const TOGETHER_UNITS = 512 * 1024;

/** Sessions, kept. Errors are those of {@link SessionStorage} and {@link StoreIndex}, and `T2A_STORE_NOT_FOUND`. */
export class Store {
  readonly storage: SessionStorage;
  readonly index: StoreIndex;
  readonly #check: IndexCheck;
  readonly #now: () => number;
  readonly #bootId: string | undefined;

  constructor({ storage, index, check }: OpenedStore, { now = Date.now, bootId }: StoreOptions = {}) {
    this.storage = storage;
    this.index = index;
    this.#check = check;
    this.#now = now;
    this.#bootId = bootId;
  }

  /** The session as its document says; undefined where there is none. */
  async find(id: string, options?: StorageOptions): Promise<Session | undefined> {
    const document = await this.storage.findDocument(id, options);
    return document === undefined ? undefined : (await sessionJson()).parseSession(document);
  }

  /** As `find`. @throws StoreError `T2A_STORE_NOT_FOUND`. */
  async get(id: string, options?: StorageOptions): Promise<Session> {
    const session = await this.find(id, options);
    if (session === undefined) throw notFound(id);
    return session;
  }

  /** Saves a new session. @throws StoreError `T2A_STORE_CONFLICT` where there is one of that id. */
  async create(session: NewSession, options?: StorageOptions): Promise<Session> {
    return await this.#save({ ...session, version: SESSION_VERSION }, undefined, options);
  }

  /**
   * Changes a session, whoever else changes it meanwhile: `change` is given what is there, and again where another writer was
   * first. The same object back changes nothing.
   * @throws StoreError `T2A_STORE_NOT_FOUND`; what `change` throws.
   */
  async update(id: string, change: (session: Session) => Session, options?: StorageOptions): Promise<Session> {
    for (let tries = 1; ; tries++) {
      const session = await this.get(id, options);
      const changed = change(session);
      if (changed === session) return session;
      if (changed.id !== id) throw new TypeError("a session keeps its id");
      try {
        return await this.#save(changed, session.revision, options);
      } catch (error) {
        await waitForTurn(error, tries, options?.signal);
      }
    }
  }

  /**
   * Saves a document as it is, its revision and times included: those of another store, or of a backup.
   * @throws StoreError `T2A_STORE_CONFLICT` where `expected` is not what is there (undefined: nothing); `T2A_STORE_DAMAGED`
   * where it could not be read again.
   */
  async put(document: StoredDocument, expected: string | undefined, options?: StorageOptions): Promise<Session> {
    const session = (await sessionJson()).parseSession(document);
    await this.index.markPending(session.id);
    const tag = await this.storage.putDocument(document, expected, options);
    await this.index.putSession(session, tag, { clearsPending: true });
    return session;
  }

  /** A document of the store itself; undefined where there is none. */
  async findNamed(name: string, options?: StorageOptions): Promise<NamedDocument | undefined> {
    const document = await this.storage.findNamed(name, options);
    return document && parseNamed(document);
  }

  /**
   * Changes the values of a document of the store itself as `update` does a session; where there is none, there are no values. The
   * same object back changes nothing.
   * @throws what `change` throws.
   */
  async updateNamed(
    name: string,
    change: (values: NamedValues) => NamedValues,
    options?: StorageOptions,
  ): Promise<NamedValues> {
    for (let tries = 1; ; tries++) {
      const before = await this.findNamed(name, options);
      const values = before?.values ?? {};
      const changed = change(values);
      if (changed === values) return values;
      const now = this.#now();
      const revision = nextRevision(before?.revision, now);
      const document = formatNamed({ name, revision, savedAt: new Date(now).toISOString(), values: changed });
      parseNamed(document); // what could not be read again is not saved
      try {
        await this.storage.putNamed(document, before?.revision, options);
        return changed;
      } catch (error) {
        await waitForTurn(error, tries, options?.signal);
      }
    }
  }

  /**
   * Deletes a session and all its files; nothing where there is none. With `revision` only where it is still that one: what an index
   * says may be old. False where it is left.
   */
  async remove(
    id: string,
    { revision, ...options }: StorageOptions & { readonly revision?: string | undefined } = {},
  ): Promise<boolean> {
    await this.index.markPending(id);
    for (;;) {
      const document = await this.storage.findDocument(id, options);
      // Files beside which there is no document may be those of somebody who is not at the end yet.
      if (revision !== undefined && document?.revision !== revision) return false;
      if (document === undefined) break;
      try {
        await this.storage.deleteDocument(id, document.revision, options);
        break;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
    for await (const { name } of this.storage.listBlobs({ ...options, sessionId: id })) {
      await this.storage.deleteBlob(id, name, options);
    }
    await this.index.removeSession(id, { clearsPending: true });
    return true;
  }

  /**
   * Brings the index in step with the storage where somebody ended between the two. Quick where nobody did. Documents that cannot be
   * read are told to `onDamaged`, and left out.
   */
  async catchUp({ onDamaged, signal }: CatchUpOptions = {}): Promise<void> {
    const pending = await this.index.listPending();
    for (const { id } of pending) await this.#refresh(id, { onDamaged, signal });
    const past = this.#now() - PENDING_MS;
    // A clock that was set back must not keep them for ever.
    const over = pending.filter(({ sinceMs }) => sinceMs < past || sinceMs > this.#now() + PENDING_MS);
    if (over.length > 0) await this.index.clearPending(over);
    const isWhole = (await this.index.findNote(WHOLE_NOTE)) !== undefined;
    if (this.#check === "always" || !isWhole) await this.checkIndex({ onDamaged, signal });
    if (!isWhole) await this.index.putNote(WHOLE_NOTE, "yes");
    if (this.#check !== "after-boot" || this.#bootId === undefined) return;
    if ((await this.index.findNote(BOOT_NOTE)) === this.#bootId) return;
    await this.checkIndex({ onDamaged, signal });
    await this.index.putNote(BOOT_NOTE, this.#bootId);
  }

  /**
   * Makes the index anew of the storage alone. Others may work meanwhile; what ends it leaves an index that is not whole, and that
   * whoever opens it next makes whole.
   */
  async rebuildIndex(options: CheckOptions = {}): Promise<number> {
    const pending = await this.index.listPending();
    await this.index.clear();
    for (const { id } of pending) await this.index.markPending(id); // their writers may be at it still
    const count = await this.checkIndex(options);
    await this.index.putNote(WHOLE_NOTE, "yes");
    return count;
  }

  /** Holds the whole index against the storage's own list and mends it. Gives how many sessions were not in step. */
  async checkIndex(options: CheckOptions = {}): Promise<number> {
    const damaged = new Set<string>();
    const onDamaged = (id: string, error: StoreError) => {
      damaged.add(id);
      options.onDamaged?.(id, error);
    };
    const stale = await this.#findStale(options);
    await this.#refreshAll(stale, { ...options, onDamaged });
    if (stale.length <= PARALLEL) return stale.length;
    // Between reading a document and putting what it says, others may have saved or deleted it: what differs still is looked at again.
    for (const id of await this.#findStale(options)) {
      if (!damaged.has(id)) await this.#refresh(id, { ...options, onDamaged });
    }
    return stale.length;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    try {
      await this.index.close();
    } finally {
      await this.storage.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #save(
    session: Omit<Session, "revision" | "savedAt">,
    expected: string | undefined,
    options: StorageOptions | undefined,
  ): Promise<Session> {
    const now = this.#now();
    const savedAt = new Date(now).toISOString();
    const revision = nextRevision(expected, now);
    // In the order that people read them in.
    const head = { version: session.version, id: session.id, revision };
    const saved: Session = { ...head, ...session, revision, savedAt };
    const { formatSession, parseSession } = await sessionJson();
    const document = formatSession(saved);
    parseSession(document); // what could not be read again is not saved
    await this.index.markPending(session.id);
    const tag = await this.storage.putDocument(document, expected, options);
    await this.index.putSession(saved, tag, { clearsPending: true });
    return saved;
  }

  async #findStale({ signal }: CheckOptions): Promise<readonly string[]> {
    const stale: string[] = [];
    for await (const id of differing(this.storage.listDocuments({ signal }), this.index.listTags())) stale.push(id);
    return stale;
  }

  async #refreshAll(ids: readonly string[], options: CheckOptions): Promise<void> {
    let read: ReadSession[] = [];
    let units = 0;
    for (let at = 0; at < ids.length; at += PARALLEL) {
      const end = Math.min(at + PARALLEL, ids.length);
      const some = await Promise.all(ids.slice(at, end).map((id) => this.#read(id, options)));
      for (const one of some) {
        if (one === undefined) continue;
        read.push(one);
        units += one.units;
      }
      if (read.length >= TOGETHER || units >= TOGETHER_UNITS || end === ids.length) {
        await this.#putAll(read);
        read = [];
        units = 0;
      }
      options.onProgress?.(end, ids.length);
    }
  }

  async #putAll(sessions: readonly TaggedSession[]): Promise<void> {
    if (sessions.length === 0) return;
    if (this.index.putSessions !== undefined) return await this.index.putSessions(sessions);
    for (let at = 0; at < sessions.length; at += PARALLEL) {
      const some = sessions.slice(at, at + PARALLEL);
      await Promise.all(some.map(({ session, tag }) => this.index.putSession(session, tag, { clearsPending: false })));
    }
  }

  async #refresh(id: string, options: CatchUpOptions): Promise<void> {
    const read = await this.#read(id, options);
    if (read !== undefined) await this.index.putSession(read.session, read.tag, { clearsPending: false });
  }

  /** What the index is to be told of a session; undefined where there is none to be read, which the index knows then. */
  async #read(id: string, { onDamaged, signal }: CatchUpOptions): Promise<ReadSession | undefined> {
    const { parseSession } = await sessionJson();
    try {
      const document = await this.storage.findDocument(id, { signal });
      if (document !== undefined) {
        return { session: parseSession(document), tag: document.tag, units: document.json.length };
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      onDamaged?.(id, error);
    }
    await this.index.removeSession(id, { clearsPending: false });
    return undefined;
  }
}

/** Reading and writing documents. They are checked by a schema, whose library is loaded where one is read or saved: listing does without. */
export const sessionJson = () => import("./session-json.js");

/** With the size of its document, UTF-16 units. */
type ReadSession = TaggedSession & { readonly units: number };

/** Since which boot of the machine the index has been held against the storage. */
export const BOOT_NOTE = "checked-after-boot";
/** There since the index was first held against the storage; gone with whatever clears the index. */
const WHOLE_NOTE = "whole";

/** What to do with documents that cannot be read. */
export interface CatchUpOptions {
  readonly onDamaged?: ((id: string, error: StoreError) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How to check an index. */
export interface CheckOptions extends CatchUpOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The number of saves that a revision counts. */
export function revisionCount(revision: string): number {
  return Number.parseInt(revision, 10);
}

/** The revision of a save that follows another, or is the first. `now`: milliseconds since 1970. */
export function nextRevision(previous: string | undefined, now: number): string {
  return `${previous === undefined ? 1 : revisionCount(previous) + 1}-${ulid(now)}`;
}

/** Ids whose tags differ, or that only one of two lists has. Both ascend. */
async function* differing(
  ones: AsyncIterable<{ readonly id: string; readonly tag: string }>,
  others: AsyncIterable<{ readonly id: string; readonly tag: string }>,
): AsyncGenerator<string> {
  const left = ones[Symbol.asyncIterator]();
  const right = others[Symbol.asyncIterator]();
  let one = await left.next();
  let other = await right.next();
  while (!one.done || !other.done) {
    if (other.done || (!one.done && one.value.id < other.value.id)) {
      yield one.value.id;
      one = await left.next();
    } else if (one.done || other.value.id < one.value.id) {
      yield other.value.id;
      other = await right.next();
    } else {
      if (one.value.tag !== other.value.tag) yield one.value.id;
      one = await left.next();
      other = await right.next();
    }
  }
}

/** Comes back where a change is to be tried again. */
async function waitForTurn(error: unknown, tries: number, signal: AbortSignal | undefined): Promise<void> {
  if (!isConflict(error) || tries === MAX_TRIES) throw error;
  await setTimeout(Math.random() * Math.min(2 ** tries, 100));
  throwIfAborted(signal);
}

function isConflict(error: unknown): boolean {
  return error instanceof StoreError && error.code === "T2A_STORE_CONFLICT";
}

/** That it is the document which cannot be read, and not the store. */
function isUnreadable(error: unknown): error is StoreError {
  return error instanceof StoreError && (error.code === "T2A_STORE_DAMAGED" || error.code === "T2A_STORE_VERSION");
}

/** That a store has no session of that id. */
export function notFound(id: string): StoreError {
  return new StoreError("T2A_STORE_NOT_FOUND", `there is no session ${id} in the store`, { details: { id } });
}
