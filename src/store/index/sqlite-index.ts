// The index of a store in a SQLite database: beside the store's files, in the store's own database, or in memory.
import { randomUUID } from "node:crypto";
import type { Database } from "better-sqlite3";
import type { RecordingText, SearchHit, SearchOptions, SearchQuery } from "../search/search.js";
import type { Session } from "../session.js";
import type { DocumentStat } from "../storage.js";
import type {
  PendingSession,
  PreparedText,
  SessionQuery,
  StoreIndex,
  StoreStats,
  TaggedSession,
  UnindexedRecording,
} from "../store-index.js";
import { asStoreError, SqliteAccess } from "./sqlite-access.js";
import { prepareTables, remakeTables } from "./sqlite-schema.js";
import { SqliteSearch } from "./sqlite-search.js";
import { SqliteSessions } from "./sqlite-sessions.js";
import { SqliteTexts } from "./sqlite-texts.js";

/** Entries read at once where all are gone through. */
const PAGE_ROWS = 1000;

/** How an index works. */
export interface SqliteIndexOptions {
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** It was closed. */
  readonly onClose?: (() => void) | undefined;
}

/** An index of a store in SQLite. The database is its own: `close` closes it. Others may have the file open too. */
export class SqliteIndex implements StoreIndex {
  readonly #database: Database;
  readonly #access: SqliteAccess;
  readonly #sessions: SqliteSessions;
  readonly #texts: SqliteTexts;
  readonly #search: SqliteSearch;
  readonly #now: () => number;
  readonly #onClose: (() => void) | undefined;
  /** Tells this index's notes of what is pending from others'. */
  readonly #owner = randomUUID();
  readonly #sql;

  /**
   * Takes an open database, with foreign tables or none, and makes its own tables, whose names begin with `index_`; such of another
   * version of them are made anew, without what was in them.
   * @throws StoreError `T2A_STORE_DAMAGED`, `T2A_FILE_IO`; the database stays open then.
   */
  constructor(database: Database, { now = Date.now, onClose }: SqliteIndexOptions = {}) {
    try {
      prepareTables(database);
      this.#sql = prepareStatements(database);
      this.#access = new SqliteAccess(database);
      this.#sessions = new SqliteSessions(database);
      this.#texts = new SqliteTexts(database, this.#access, now);
      this.#search = new SqliteSearch(database, this.#access, now);
    } catch (error) {
      throw asStoreError(error, database.name);
    }
    this.#database = database;
    this.#now = now;
    this.#onClose = onClose;
  }

  async markPending(id: string): Promise<void> {
    await this.#access.write(() => this.#sql.mark.run(id, this.#owner, this.#now()));
  }

  async listPending(): Promise<readonly PendingSession[]> {
    return await this.#access.read(() => this.#sql.pending.all());
  }

  async clearPending(entries: readonly PendingSession[]): Promise<void> {
    await this.#access.write(() => {
      for (const { id, sinceMs } of entries) this.#sql.clear.run(id, sinceMs);
    });
  }

  async putSession(
    session: Session,
    tag: string,
    { clearsPending }: { readonly clearsPending: boolean },
  ): Promise<void> {
    const gone = await this.#access.write(() => {
      if (clearsPending) this.#unmark(session.id);
      return this.#put({ session, tag });
    });
    if (gone > 0) await this.#texts.sweep();
  }

  async putSessions(sessions: readonly TaggedSession[]): Promise<void> {
    const gone = await this.#access.write(() => sessions.reduce((sum, session) => sum + this.#put(session), 0));
    if (gone > 0) await this.#texts.sweep();
  }

  async removeSession(id: string, { clearsPending }: { readonly clearsPending: boolean }): Promise<void> {
    const gone = await this.#access.write(() => {
      if (clearsPending) this.#unmark(id);
      const texts = this.#sessions.remove(id) ?? [];
      for (const text of texts) this.#texts.discard(text);
      return texts.length;
    });
    if (gone > 0) await this.#texts.sweep();
  }

  async *listTags(): AsyncGenerator<DocumentStat> {
    for (let last = ""; ; ) {
      const page = await this.#access.read(() => this.#sessions.tagsBehind(last, PAGE_ROWS));
      yield* page;
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE_ROWS) return;
      last = end.id;
    }
  }

  async findSession(id: string): Promise<Session | undefined> {
    return await this.#access.read(() => this.#sessions.find(id));
  }

  async findIds(prefix: string, limit: number): Promise<readonly string[]> {
    return await this.#access.read(() => this.#sessions.findIds(prefix, limit));
  }

  async listSessions(query: SessionQuery): Promise<{ readonly sessions: readonly Session[]; readonly total: number }> {
    const ran = await this.#search.commandSessions(query);
    return await this.#access.read(() => this.#sessions.list(query, ran));
  }

  async stats(): Promise<StoreStats> {
    return await this.#access.read(() => this.#sessions.stats());
  }

  async listUnindexed(limit: number): Promise<readonly UnindexedRecording[]> {
    return await this.#access.read(() => this.#texts.listUnindexed(limit));
  }

  async putText(text: RecordingText): Promise<void> {
    await this.#texts.put(text);
  }

  async prepareText(text: Pick<RecordingText, "passages" | "commands">): Promise<PreparedText> {
    return await this.#texts.prepare(text);
  }

  async search(query: SearchQuery, options?: SearchOptions): Promise<readonly SearchHit[]> {
    return await this.#search.search(query, options);
  }

  async findNote(key: string): Promise<string | undefined> {
    return await this.#access.read(() => this.#sql.note.get(NOTE + key) as string | undefined);
  }

  async putNote(key: string, value: string): Promise<void> {
    await this.#access.write(() => this.#sql.putNote.run(NOTE + key, value));
  }

  async clear(): Promise<void> {
    await this.#access.write(() => remakeTables(this.#database));
  }

  async close(): Promise<void> {
    this.#database.close();
    this.#onClose?.();
  }

  /** Gives how many texts are to be swept. */
  #put({ session, tag }: TaggedSession): number {
    const texts = this.#sessions.put(session, tag) ?? [];
    for (const text of texts) this.#texts.discard(text);
    return texts.length;
  }

  #unmark(id: string): void {
    this.#sql.unmark.run(id, this.#owner);
    this.#sql.dropUnmarked.run(id, this.#owner);
  }
}

/** In front of others' notes: the index has some of its own. */
const NOTE = "note:";

function prepareStatements(database: Database) {
  return {
    // One process may be at a session more than once at a time: a note each.
    mark: database.prepare(
      `insert into index_pending values(?, ?, 1, ?)
       on conflict(id, owner) do update set notes = notes + 1, since_ms = excluded.since_ms`,
    ),
    unmark: database.prepare("update index_pending set notes = notes - 1 where id = ? and owner = ?"),
    dropUnmarked: database.prepare("delete from index_pending where id = ? and owner = ? and notes <= 0"),
    pending: database.prepare<[], PendingSession>(
      "select id, max(since_ms) as sinceMs from index_pending group by id order by id",
    ),
    clear: database.prepare("delete from index_pending where id = ? and since_ms <= ?"),
    note: database.prepare("select value from index_notes where key = ?").pluck(),
    putNote: database.prepare("insert or replace into index_notes values(?, ?)"),
  };
}
