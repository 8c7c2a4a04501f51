// The library: all sessions and recordings that a user keeps, those in the store and those on their way there. What listing does not
// need is loaded where it is needed.
import { type Source, StoreError, type T2aError, UsageError } from "../core/index.js";
import type { NewSession, Session, SessionQuery, Store, StoreStats } from "../store/index.js";
import type { AddOptions, AddResult } from "./add-recording.js";
import type { CollectOptions } from "./collect.js";
import {
  type PruneCandidate,
  type PrunePolicy,
  pruneCandidate,
  prunedBefore,
  prunedBy,
  prunesAnything,
} from "./prune.js";
import { compareSessions, isMeant } from "./session-filter.js";
import type { Spool, SpoolEntry } from "./spool.js";

/** What a library is made of. */
export interface LibraryOptions {
  readonly store: Store;
  readonly spool: Spool;
  /** Where the store is, as may be shown: recordings in the spool say by it which store they go to. */
  readonly location: string;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** A session as it is listed. */
export interface ListedSession {
  readonly session: Session;
  /** Not in the store yet: it is being recorded or added, or waits to be moved. */
  readonly spooled: "active" | "waiting" | undefined;
}

/** How to bring a library in order. */
export interface TendOptions {
  readonly policy?: PrunePolicy | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How to resolve a reference. */
export interface ResolveOptions {
  /** One in the trash. */
  readonly isDeleted?: boolean | undefined;
  /** Shorter beginnings of ids are none. */
  readonly minPrefix?: number | undefined;
}

/** A recording to be read: a file, or what the store gives. */
export interface FoundRecording {
  readonly session: Session;
  readonly recordingId: string;
  /** Of the file, where it is one on this machine. */
  readonly path: string | undefined;
  /** Its name in the store; undefined while it is in the spool. */
  readonly blobName: string | undefined;
  /** It is being recorded. */
  readonly isActive: boolean;
}

/** Days that the trash keeps. */
export const TRASH_DAYS = 7;
const DAY_MS = 86_400_000;
/** Shorter beginnings of ids are none. */
export const MIN_PREFIX = 4;
/** Sessions looked at together where all are. */
const PAGE = 500;
/** Candidates named at most. */
const MAX_CANDIDATES = 5;
const ID_PREFIX = /^[0-7][0-9A-HJKMNP-TV-Z]{0,25}$/;
const FROM_LAST = /^@(?:last|-([1-9][0-9]{0,8}))$/;

/** Sessions and recordings, kept. Errors are those of the store, and `T2A_STORE_NOT_FOUND`. Whoever opened it closes it. */
export class Library {
  readonly store: Store;
  readonly spool: Spool;
  readonly location: string;
  readonly #now: () => number;

  constructor({ store, spool, location, now = Date.now }: LibraryOptions) {
    this.store = store;
    this.spool = spool;
    this.location = location;
    this.#now = now;
  }

  /** Sessions that a query means, those in the spool among them, and how many it means without `limit` and `offset`. */
  async list(
    query: SessionQuery = {},
  ): Promise<{ readonly sessions: readonly ListedSession[]; readonly total: number }> {
    const spooled = await this.#spooled((session) => isMeant(session, query));
    if (spooled.length === 0) {
      const { sessions, total } = await this.store.index.listSessions(query);
      return { sessions: sessions.map((session) => ({ session, spooled: undefined })), total };
    }
    const { offset = 0, limit } = query;
    const end = limit === undefined ? undefined : offset + limit;
    const { sessions, total } = await this.store.index.listSessions({ ...query, offset: 0, limit: end });
    // One may have been moved between the two looks.
    const moved = new Set(sessions.map(({ id }) => id));
    const waiting = spooled.filter(({ session }) => !moved.has(session.id));
    const compare = compareSessions(query);
    const all = [...sessions.map((session) => ({ session, spooled: undefined })), ...waiting];
    all.sort((one, other) => compare(one.session, other.session));
    return { sessions: all.slice(offset, end), total: total + waiting.length };
  }

  /**
   * The session that a reference means: an id or the beginning of one, a name, `@last`, `@-2`.
   * @throws StoreError `T2A_STORE_NOT_FOUND`; UsageError where it means several.
   */
  async resolve(
    reference: string,
    { isDeleted = false, minPrefix = MIN_PREFIX }: ResolveOptions = {},
  ): Promise<ListedSession> {
    const back = FROM_LAST.exec(reference);
    if (back !== null) {
      const offset = Number(back[1] ?? 1) - 1;
      const [found] = (await this.list({ limit: 1, offset, isDeleted })).sessions;
      if (found !== undefined) return found;
      throw noSession(reference, offset === 0 ? "it is empty" : "it has not so many sessions", isDeleted);
    }
    const { sessions } = await this.list({ name: reference, limit: MAX_CANDIDATES + 1, isDeleted });
    const found = sessions.length > 0 ? sessions : await this.#byId(reference.toUpperCase(), minPrefix, isDeleted);
    const [one] = found;
    if (one === undefined) throw noSession(reference, "no name and no beginning of an id is that", isDeleted);
    if (found.length > 1) throw ambiguous(reference, found);
    return one;
  }

  /** The recording to be read: that of an id among the session's, else its last. @throws StoreError `T2A_STORE_NOT_FOUND`. */
  find({ session, spooled }: ListedSession, recordingId?: string): FoundRecording {
    if (spooled !== undefined) {
      const id =
        recordingId ?? session.recordings.at(-1)?.id ?? this.#entryOf(session.id)?.note.recordingId ?? session.id;
      return {
        session,
        recordingId: id,
        path: this.spool.recordingPath(id),
        blobName: undefined,
        isActive: spooled === "active",
      };
    }
    const wanted = recordingId?.toUpperCase();
    const known = wanted === undefined ? undefined : session.recordings.find(({ id }) => id === wanted);
    const live = known === undefined ? this.#managed(session.id, wanted).at(-1) : undefined;
    if (live !== undefined && !session.recordings.some(({ id }) => id === live.note.recordingId)) {
      const { note, path, isActive } = live;
      return { session, recordingId: note.recordingId, path, blobName: undefined, isActive };
    }
    const recording = wanted === undefined ? session.recordings.at(-1) : known;
    if (recording === undefined) {
      const { id } = session;
      const what = recordingId === undefined ? "recording" : "such recording";
      const more = session.commands === undefined ? "" : `, only commands: t2a show ${id}, t2a analyze ${id}`;
      throw new StoreError("T2A_STORE_NOT_FOUND", `the session ${id} has no ${what}${more}`, {
        details: { id, recordingId },
      });
    }
    const { id, name } = recording;
    const path = this.store.storage.localPath?.(session.id, name);
    return { session, recordingId: id, path, blobName: name, isActive: false };
  }

  /** The file of a session's commands, which it has beside its recordings or instead of them; undefined where it has none. */
  findCommands({ session }: ListedSession): FoundRecording | undefined {
    const { id, commands } = session;
    if (commands === undefined) return undefined;
    const path = this.store.storage.localPath?.(id, commands.name);
    return { session, recordingId: id, path, blobName: commands.name, isActive: false };
  }

  /** Whether other processes move recordings into the store just now. */
  get isCollectedElsewhere(): boolean {
    return !this.spool.isEmpty && this.spool.entries(this.location).some(({ isHeld, isActive }) => isHeld && !isActive);
  }

  /** Somebody moves the recording of a session into the store just now. */
  isAtWork({ session }: ListedSession): boolean {
    return this.#entryOf(session.id)?.isHeld === true;
  }

  /** Opens a recording that is in the store: by its file, or by what the store gives. Whoever calls this closes it. */
  async open({ session, path, blobName }: FoundRecording): Promise<Source> {
    if (path !== undefined || blobName === undefined) {
      const { openFileSource } = await import("../files/index.js");
      return await openFileSource(path ?? this.spool.recordingPath(session.id));
    }
    const { openBlobSource } = await import("../store/index.js");
    return await openBlobSource(this.store.storage, session.id, blobName);
  }

  /** The session's document as it is. @throws StoreError `T2A_STORE_NOT_FOUND`. */
  async get({ session, spooled }: ListedSession): Promise<Session> {
    return spooled === undefined ? await this.store.get(session.id) : session;
  }

  async rename(listed: ListedSession, name: string): Promise<void> {
    if (name.trim() === "") throw new UsageError("a session's name is not empty");
    if (name.length > 4096) throw new UsageError("a session's name has at most 4096 characters");
    await this.#change(listed, () => ({ name }));
  }

  async tag(
    listed: ListedSession,
    { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] },
  ): Promise<void> {
    const { tagsOf } = await import("./session-draft.js");
    await this.#change(listed, ({ tags }) => ({
      tags: tagsOf([...tags, ...add]).filter((tag) => !remove.includes(tag)),
    }));
  }

  /**
   * Puts a session into the trash.
   * @throws StoreError `T2A_FILE_LOCKED` for one that is not in the store yet, or that lives.
   */
  async remove({ session, spooled }: ListedSession): Promise<void> {
    if (spooled !== undefined) throw stillSpooled(session, spooled);
    this.#refuseLive(session);
    const deletedAt = new Date(this.#now()).toISOString();
    await this.store.update(session.id, (there) => (there.deletedAt === undefined ? { ...there, deletedAt } : there));
  }

  /** Deletes a session for good. @throws as `remove`. */
  async purge({ session, spooled }: ListedSession): Promise<void> {
    if (spooled !== undefined) throw stillSpooled(session, spooled);
    this.#refuseLive(session);
    await this.store.remove(session.id);
    // Whoever moved it may not have come to the end: it would come back.
    if (this.spool.isEmpty) return;
    for (const { note } of this.spool.entries(this.location)) {
      if (note.session.id === session.id) this.spool.hold(note.recordingId)?.remove();
    }
  }

  /** Takes a session out of the trash. */
  async undelete({ session }: ListedSession): Promise<void> {
    await this.store.update(session.id, ({ deletedAt, ...there }) => there);
  }

  /** Deletes what has been in the trash for its time. Gives how many sessions. */
  async purgeTrash(signal?: AbortSignal): Promise<number> {
    const before = this.#now() - TRASH_DAYS * DAY_MS;
    const isOver = (at: string | undefined) => at !== undefined && Date.parse(at) <= before;
    const old: string[] = [];
    for await (const { id, deletedAt } of this.#eachSession({ isDeleted: true }, signal)) {
      if (isOver(deletedAt)) old.push(id);
    }
    let count = 0;
    for (const id of old) {
      signal?.throwIfAborted();
      // Somebody may have taken it out meanwhile, which the index need not know yet.
      const there = await this.store.find(id, { signal });
      if (there === undefined || !isOver(there.deletedAt)) continue;
      if (await this.store.remove(id, { signal, revision: there.revision })) count++;
    }
    return count;
  }

  /** What a policy lets go, oldest first. Nothing is done. */
  async findPrunable(policy: PrunePolicy, signal?: AbortSignal): Promise<readonly Session[]> {
    const found: Session[] = [];
    for (const { id, revision } of await this.#prunable(policy, signal)) {
      const session = await this.store.index.findSession(id);
      if (session?.revision === revision) found.push(session);
    }
    return found;
  }

  /** Deletes for good what a policy lets go. Gives how many sessions. */
  async prune(policy: PrunePolicy, signal?: AbortSignal): Promise<number> {
    return (await this.purgeUnchanged(await this.#prunable(policy, signal), signal)).length;
  }

  /** Deletes for good, of sessions that were looked at, those that nobody has changed since. Gives what has gone. */
  async purgeUnchanged<T extends Pick<Session, "id" | "revision">>(
    sessions: readonly T[],
    signal?: AbortSignal,
  ): Promise<readonly T[]> {
    const gone: T[] = [];
    for (const session of sessions) {
      signal?.throwIfAborted();
      const { id, revision } = session;
      if (await this.store.remove(id, { signal, revision })) gone.push(session);
    }
    return gone;
  }

  /** Totals of the store; what is in the spool is not counted. */
  async stats(): Promise<StoreStats> {
    return await this.store.index.stats();
  }

  /** Adds a recording; `addRecording` says how. */
  async add(source: Source, options: AddOptions = {}): Promise<AddResult> {
    const { addRecording } = await import("./add-recording.js");
    return await addRecording(source, this, options);
  }

  /** Moves recordings that are done from the spool into the store; `collectSpool` says how. */
  async collect(options: Omit<CollectOptions, "store" | "spool" | "location"> = {}): Promise<void> {
    if (this.spool.isEmpty) return this.spool.sweep();
    const { collectSpool } = await import("./collect.js");
    const { store, spool, location } = this;
    await collectSpool({ ...options, store, spool, location });
  }

  /**
   * Brings the library in order behind the scenes: recordings whose text is not in the index are read, the trash is emptied of what
   * has had its time, and what the policy lets go is deleted for good.
   */
  async tend({ policy = {}, signal }: TendOptions = {}): Promise<void> {
    await this.purgeTrash(signal);
    await this.prune(policy, signal);
    await this.indexText(signal);
  }

  /** Takes into the index the text of recordings that it does not have yet. */
  async indexText(signal?: AbortSignal): Promise<void> {
    if ((await this.store.index.listUnindexed(1)).length === 0) return;
    const { indexRecordings } = await import("./index-recordings.js");
    await indexRecordings(this.store, { signal });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.store.close();
  }

  /** Of many sessions no more is kept than what tells whether they go. */
  async #prunable(policy: PrunePolicy, signal?: AbortSignal): Promise<readonly PruneCandidate[]> {
    if (!prunesAnything(policy)) return [];
    const now = this.#now();
    // All that is kept counts for a greatest size; else what is not old enough need not be looked at.
    const untilMs = policy.maxSizeBytes === undefined ? prunedBefore(policy, now) : undefined;
    const candidates = new Map<string, PruneCandidate>();
    for await (const session of this.#eachSession({ isDeleted: false, untilMs }, signal)) {
      candidates.set(session.id, pruneCandidate(session));
    }
    const { total } = await this.store.index.listSessions({ isDeleted: false, limit: 0 });
    return prunedBy([...candidates.values()], Math.max(0, total - candidates.size), policy, now);
  }

  /** The oldest first, however many there are; such that come or go meanwhile may be missed, or given twice. */
  async *#eachSession(query: SessionQuery, signal?: AbortSignal): AsyncGenerator<Session> {
    for (let offset = 0; ; offset += PAGE) {
      signal?.throwIfAborted();
      const { sessions } = await this.store.index.listSessions({ ...query, isAscending: true, offset, limit: PAGE });
      yield* sessions;
      if (sessions.length < PAGE) return;
    }
  }

  async #byId(prefix: string, minPrefix: number, isDeleted: boolean): Promise<readonly ListedSession[]> {
    if (!ID_PREFIX.test(prefix) || prefix.length < minPrefix) return [];
    const spooled = await this.#spooled(
      ({ id }, { note }) => !isDeleted && (id.startsWith(prefix) || note.recordingId.startsWith(prefix)),
    );
    const found = new Map(spooled.map((listed) => [listed.session.id, listed]));
    for (const id of await this.store.index.findIds(prefix, MAX_CANDIDATES * 2)) {
      const session = await this.store.index.findSession(id);
      if (session !== undefined && (session.deletedAt !== undefined) === isDeleted) {
        found.set(id, { session, spooled: undefined });
      }
    }
    return [...found.values()];
  }

  /** Those that are not in the store as well: who moves one removes it from here last. */
  async #spooled(isWanted: (session: Session, entry: SpoolEntry) => boolean): Promise<ListedSession[]> {
    const found: ListedSession[] = [];
    if (this.spool.isEmpty) return found;
    for (const entry of this.spool.entries(this.location)) {
      const session = asSession(entry.session);
      if (!isWanted(session, entry) || (await this.store.index.findSession(session.id)) !== undefined) continue;
      found.push({ session, spooled: entry.isActive ? "active" : "waiting" });
    }
    return found;
  }

  /** Recordings that a manager's session has in the spool, or the one of that id: oldest first. */
  #managed(sessionId: string, recordingId?: string): readonly SpoolEntry[] {
    if (this.spool.isEmpty) return [];
    return this.spool
      .entries(this.location)
      .filter(({ note }) => note.isManaged === true && note.session.id === sessionId)
      .filter(({ note }) => recordingId === undefined || note.recordingId === recordingId);
  }

  #refuseLive(session: Session): void {
    if (this.#managed(session.id).some(({ isActive }) => isActive)) throw stillSpooled(session, "active");
  }

  #entryOf(sessionId: string): SpoolEntry | undefined {
    return this.spool.entries(this.location).find(({ session }) => session.id === sessionId);
  }

  async #change(
    { session, spooled }: ListedSession,
    change: (session: Session) => Partial<Pick<Session, "name" | "tags">>,
  ): Promise<void> {
    const entry = spooled === undefined ? undefined : this.#entryOf(session.id);
    if (entry === undefined) {
      await this.store.update(session.id, (there) => ({ ...there, ...change(there) }));
      return;
    }
    this.spool.change(entry.note.recordingId, change(asSession(entry.session)));
    // It may have been moved before the change was noted.
    if ((await this.store.find(session.id)) !== undefined) {
      await this.store.update(session.id, (there) => ({ ...there, ...change(there) }));
    }
  }
}

/** A draft as documents are: listed, never saved. */
function asSession(draft: NewSession): Session {
  return { ...draft, version: 1, revision: `1-${draft.id}`, savedAt: draft.createdAt };
}

function noSession(reference: string, why: string, isDeleted = false): StoreError {
  const [place, list] = isDeleted ? ["the trash", "t2a ls --deleted"] : ["the library", "t2a ls"];
  const message = `${place} has no session ${reference || '""'}: ${why} (${list} lists them)`;
  return new StoreError("T2A_STORE_NOT_FOUND", message, { details: { reference } });
}

function ambiguous(reference: string, found: readonly ListedSession[]): UsageError {
  const named = found.slice(0, MAX_CANDIDATES).map(({ session: { id, name } }) => `${id} (${name.slice(0, 40)})`);
  const more = found.length > MAX_CANDIDATES ? " and more" : "";
  return new UsageError(`"${reference}" means several sessions: ${named.join(", ")}${more}`, {
    details: { reference },
  });
}

function stillSpooled({ id }: Session, state: "active" | "waiting"): T2aError {
  const why =
    state === "active" ? "is still being recorded: end it first" : "is not in the store yet: try again in a moment";
  return new StoreError("T2A_FILE_LOCKED", `the session ${id} ${why}`, { details: { id } });
}
