// The index of a store in a PostgreSQL database: of one whose sessions are there too, or elsewhere. Several machines use it at
// once.
import { randomUUID } from "node:crypto";
import { UsageError } from "../../core/index.js";
import type { PostgresClients } from "../drivers/postgres-clients.js";
import { bringForward, type PostgresMigrations } from "../drivers/postgres-migrations.js";
import type { RecordingText, SearchHit, SearchOptions, SearchQuery } from "../search/search.js";
import type { Session } from "../session.js";
import type { DocumentStat, StorageOptions } from "../storage.js";
import type { PendingSession, SessionQuery, StoreIndex, StoreStats, UnindexedRecording } from "../store-index.js";
import { PostgresSearch } from "./postgres-search.js";
import { PostgresSessions } from "./postgres-sessions.js";
import { INDEX_MIGRATIONS } from "./postgres-tables.js";
import { PostgresTexts } from "./postgres-texts.js";
import { escapeText, unescapeText } from "./text-escape.js";

/** Entries read at once where all are gone through. */
const PAGE_ROWS = 1000;

const SERVER_MS = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

const TABLES = ["pending", "sessions", "session_grams", "recordings", "texts", "packs", "blocks", "commands"];

/** In front of others' notes: the index has one of its own. */
const NOTE = "note:";

/** How an index works. */
export interface PostgresIndexOptions extends StorageOptions {
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** Nothing is made: that there is none is `T2A_STORE_NOT_FOUND`. */
  readonly mustExist?: boolean | undefined;
  readonly migrations?: PostgresMigrations | undefined;
  /** What tells the store that it is the index of from others: one schema has the index of one store. */
  readonly store?: string | undefined;
  /** The connections are the index's own: it closes them. */
  readonly ownsClients?: boolean | undefined;
}

/** An index of a store in PostgreSQL. */
export class PostgresIndex implements StoreIndex {
  readonly #clients: PostgresClients;
  readonly #ownsClients: boolean;
  readonly #now: () => number;
  readonly #sessions: PostgresSessions;
  readonly #texts: PostgresTexts;
  readonly #search: PostgresSearch;
  /** Tells this index's notes of what is pending from others'. */
  readonly #owner = randomUUID();
  #aheadMs: Promise<number> | undefined;

  private constructor(clients: PostgresClients, now: () => number, ownsClients: boolean) {
    this.#clients = clients;
    this.#now = now;
    this.#ownsClients = ownsClients;
    this.#sessions = new PostgresSessions(clients);
    this.#texts = new PostgresTexts(clients);
    this.#search = new PostgresSearch(clients, now);
  }

  /**
   * Opens the index, made where there is none.
   * @throws UsageError `T2A_STORE_URL` where another store's is there; what PostgresClients and bringForward throw.
   */
  static async open(clients: PostgresClients, options: PostgresIndexOptions = {}): Promise<PostgresIndex> {
    const { now = Date.now, mustExist, migrations = INDEX_MIGRATIONS, store, ownsClients = false, signal } = options;
    await bringForward(clients, { part: "index", migrations }, { mustExist, signal });
    if (store !== undefined) await checkStore(clients, store);
    return new PostgresIndex(clients, now, ownsClients);
  }

  async markPending(id: string): Promise<void> {
    // Noted twice where an answer is lost: cleared in time.
    const sql = `INSERT INTO t2a_index_pending (id, owner, since_ms) VALUES ($1, $2, ${SERVER_MS})`;
    await this.#clients.query(sql, [id, this.#owner]);
  }

  async listPending(): Promise<readonly PendingSession[]> {
    const aheadMs = await this.#serverAheadMs();
    const { rows } = await this.#clients.query<{ id: string; since_ms: number }>(
      "SELECT id, max(since_ms)::float8 AS since_ms FROM t2a_index_pending GROUP BY id ORDER BY id",
    );
    return rows.map((row) => ({ id: row.id, sinceMs: row.since_ms - aheadMs }));
  }

  async clearPending(entries: readonly PendingSession[]): Promise<void> {
    const aheadMs = await this.#serverAheadMs();
    await this.#clients.query(
      `DELETE FROM t2a_index_pending p USING unnest($1::text[], $2::bigint[]) AS over (id, since_ms)
      WHERE p.id = over.id AND p.since_ms <= over.since_ms`,
      [entries.map(({ id }) => id), entries.map(({ sinceMs }) => Math.floor(sinceMs + aheadMs))],
    );
  }

  async putSession(
    session: Session,
    tag: string,
    { clearsPending }: { readonly clearsPending: boolean },
  ): Promise<void> {
    const isLeft = await this.#sessions.put(session, tag, clearsPending ? this.#owner : undefined);
    if (isLeft) await this.#texts.sweep();
  }

  async removeSession(id: string, { clearsPending }: { readonly clearsPending: boolean }): Promise<void> {
    const isLeft = await this.#sessions.remove(id, clearsPending ? this.#owner : undefined);
    if (isLeft) await this.#texts.sweep();
  }

  async *listTags(): AsyncGenerator<DocumentStat> {
    for (let last = ""; ; ) {
      const page = await this.#sessions.tagsBehind(last, PAGE_ROWS);
      yield* page;
      const end = page.at(-1);
      if (end === undefined || page.length < PAGE_ROWS) return;
      last = end.id;
    }
  }

  async findSession(id: string): Promise<Session | undefined> {
    return await this.#sessions.find(id);
  }

  async findIds(prefix: string, limit: number): Promise<readonly string[]> {
    return await this.#sessions.findIds(prefix, limit);
  }

  async listSessions(query: SessionQuery): Promise<{ readonly sessions: readonly Session[]; readonly total: number }> {
    const ran = await this.#search.commandSessions(query);
    return await this.#sessions.list(query, ran);
  }

  async stats(): Promise<StoreStats> {
    return await this.#sessions.stats();
  }

  async listUnindexed(limit: number): Promise<readonly UnindexedRecording[]> {
    return await this.#texts.listUnindexed(limit);
  }

  async putText(text: RecordingText): Promise<void> {
    await this.#texts.put(text);
  }

  async search(query: SearchQuery, options?: SearchOptions): Promise<readonly SearchHit[]> {
    return await this.#search.search(query, options);
  }

  async findNote(key: string): Promise<string | undefined> {
    const sql = "SELECT value FROM t2a_index_notes WHERE key = $1";
    const { rows } = await this.#clients.query<{ value: string }>(sql, [NOTE + escapeText(key)]);
    return rows[0] && unescapeText(rows[0].value);
  }

  async putNote(key: string, value: string): Promise<void> {
    const sql = "INSERT INTO t2a_index_notes VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    await this.#clients.query(sql, [NOTE + escapeText(key), escapeText(value)]);
  }

  async clear(): Promise<void> {
    const tables = TABLES.map((table) => `t2a_index_${table}`).join(", ");
    await this.#clients.transaction(
      async ({ query }) => {
        await query(`TRUNCATE ${tables}`);
        await query("DELETE FROM t2a_index_notes WHERE starts_with(key, $1)", [NOTE]);
      },
      { patience: 10 },
    );
  }

  async close(): Promise<void> {
    if (this.#ownsClients) await this.#clients.close();
  }

  /** How far the server's clock is ahead of this machine's: notes are made by one clock, whoever makes them. */
  #serverAheadMs(): Promise<number> {
    this.#aheadMs ??= (async () => {
      const { rows } = await this.#clients.query<{ ms: number }>(`SELECT ${SERVER_MS}::float8 AS ms`);
      return (rows[0]?.ms ?? 0) - Math.round(this.#now());
    })();
    return this.#aheadMs;
  }
}

async function checkStore(clients: PostgresClients, store: string): Promise<void> {
  const key = "store";
  await clients.query("INSERT INTO t2a_index_notes VALUES ($1, $2) ON CONFLICT DO NOTHING", [key, escapeText(store)]);
  const sql = "SELECT value FROM t2a_index_notes WHERE key = $1";
  const { rows } = await clients.query<{ value: string }>(sql, [key]);
  if (rows[0]?.value === escapeText(store)) return;
  throw new UsageError(
    `${clients.location} has the index of another store: add ?options=-csearch_path=SCHEMA to its URL, with a schema that there is`,
    { code: "T2A_STORE_URL" },
  );
}
