// The sessions of an index in PostgreSQL: put, found, listed and counted. Each change is one statement.
import type { PostgresClients } from "../drivers/postgres-clients.js";
import { fold } from "../search/fold.js";
import { programOf, sessionLines } from "../search/session-text.js";
import { sessionTexts } from "../search/session-texts.js";
import type { Session } from "../session.js";
import type { DocumentStat } from "../storage.js";
import { revisionCount } from "../store.js";
import type { SessionQuery, StoreStats, StoreTotals } from "../store-index.js";
import { codesOf, packCodes } from "./gram-codes.js";
import { conditionOf, SORT_COLUMNS, SqlValues } from "./postgres-filter.js";
import { escapeText, unescapeText } from "./text-escape.js";

/** Most hosts and programs that are told of. */
const MAX_GROUPS = 100;

const TOTALS = `count(*)::float8 AS sessions, coalesce(sum(recordings), 0)::float8 AS recordings,
  coalesce(sum(output_bytes), 0)::float8 AS "outputBytes", coalesce(sum(stored_bytes), 0)::float8 AS "storedBytes",
  coalesce(sum(duration_ns), 0)::float8 AS "durationNs"`;

/** What a session says of itself, as it is searched: a line each. */
export function wordsOf(session: Session): readonly string[] {
  return sessionLines(session).map(({ text }) => text.replaceAll("\n", " "));
}

/** Deletes one note of an owner that a session is changing; `$1` its id, `$2` the owner; nothing where the owner is null. */
const UNMARKED = `unmarked AS (
  DELETE FROM t2a_index_pending WHERE note = (SELECT min(note) FROM t2a_index_pending WHERE id = $1 AND owner = $2))`;
/** Texts of recordings in `gone` are seen no more, and are swept. */
const DISCARDED = `discarded AS (
  UPDATE t2a_index_texts SET touched_at = '-infinity' WHERE row IN (SELECT text FROM gone) RETURNING row)`;

/** Reads and writes sessions. */
export class PostgresSessions {
  readonly #clients: PostgresClients;

  constructor(clients: PostgresClients) {
    this.#clients = clients;
  }

  /** Gives whether there are texts to be swept. `owner`: whose note goes with it. */
  async put(session: Session, tag: string, owner: string | undefined): Promise<boolean> {
    const { stats, config, recordings } = session;
    const columns = {
      saves: revisionCount(session.revision),
      tag,
      is_deleted: session.deletedAt !== undefined,
      created_ms: Date.parse(session.createdAt),
      active_ms: Date.parse(session.lastActivityAt),
      duration_ns: stats.durationNs,
      stored_bytes: stats.storedBytes,
      output_bytes: stats.outputBytes,
      recordings: recordings.length,
      name: escapeText(session.name),
      name_folded: fold(session.name),
      status: session.status,
      is_failed: session.status === "failed" || (session.exitStatus ?? 0) !== 0,
      command: fold(config.command ?? ""),
      agent: escaped(session.agent),
      host: escaped(session.host),
      '"user"': escaped(session.user),
      program: escapeText(programOf(session)),
      tags: session.tags.map(escapeText),
      json: Buffer.from(JSON.stringify(session)),
    };
    const names = Object.keys(columns);
    const values = new SqlValues();
    values.add(session.id);
    values.add(owner ?? null);
    const places = Object.values(columns).map((value) => values.add(value));
    const grams = values.add(packCodes(codesOf(wordsOf(session).join("\n"))));
    const texts = sessionTexts(session);
    const ids = values.add(texts.map(({ id }) => id));
    const titles = values.add(texts.map(({ title }) => escaped(title)));
    const folded = values.add(texts.map(({ title }) => fold(title ?? "")));
    const starts = values.add(texts.map(({ createdAt }) => Date.parse(createdAt)));
    const sql = `WITH ${UNMARKED},
      put AS (
        INSERT INTO t2a_index_sessions AS known (id, ${names.join(", ")}) VALUES ($1, ${places.join(", ")})
        ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")}
        WHERE known.saves <= excluded.saves RETURNING row),
      worded AS (
        INSERT INTO t2a_index_session_grams AS known (row, grams) SELECT row, ${grams}::bytea FROM put
        ON CONFLICT (row) DO UPDATE SET grams = excluded.grams WHERE known.grams <> excluded.grams),
      gone AS (
        DELETE FROM t2a_index_recordings WHERE session IN (SELECT row FROM put) AND id <> ALL (${ids}::text[])
        RETURNING text),
      kept AS (
        INSERT INTO t2a_index_recordings (session, id, title, title_folded, start_ms)
        SELECT put.row, r.* FROM put, unnest(${ids}::text[], ${titles}::text[], ${folded}::text[], ${starts}::float8[]) AS r
        ON CONFLICT (session, id) DO UPDATE SET title = excluded.title, title_folded = excluded.title_folded),
      ${DISCARDED}
      SELECT count(*)::int AS gone FROM discarded`;
    return await this.#change(sql, values.list);
  }

  /** As `put`. */
  async remove(id: string, owner: string | undefined): Promise<boolean> {
    const sql = `WITH ${UNMARKED},
      removed AS (DELETE FROM t2a_index_sessions WHERE id = $1 RETURNING row),
      unworded AS (DELETE FROM t2a_index_session_grams WHERE row IN (SELECT row FROM removed)),
      gone AS (DELETE FROM t2a_index_recordings WHERE session IN (SELECT row FROM removed) RETURNING text),
      ${DISCARDED}
      SELECT count(*)::int AS gone FROM discarded`;
    return await this.#change(sql, [id, owner ?? null]);
  }

  async find(id: string): Promise<Session | undefined> {
    const sql = "SELECT json FROM t2a_index_sessions WHERE id = $1";
    const { rows } = await this.#clients.query<{ json: Buffer }>(sql, [escapeText(id)]);
    return rows[0] && parse(rows[0].json);
  }

  async findIds(prefix: string, limit: number): Promise<readonly string[]> {
    const sql = "SELECT id FROM t2a_index_sessions WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3";
    const start = escapeText(prefix);
    const { rows } = await this.#clients.query<{ id: string }>(sql, [start, `${start}\uffff`, limit]);
    return rows.map(({ id }) => id);
  }

  /** Those behind an id, in order. */
  async tagsBehind(id: string, limit: number): Promise<readonly DocumentStat[]> {
    const sql = "SELECT id, tag FROM t2a_index_sessions WHERE id > $1 ORDER BY id LIMIT $2";
    const { rows } = await this.#clients.query<{ id: string; tag: string }>(sql, [id, limit]);
    return rows;
  }

  async list(query: SessionQuery, commandSessions: readonly string[]) {
    const { sort = "created", isAscending = false, limit, offset = 0 } = query;
    const counted = new SqlValues();
    const count = `SELECT count(*)::float8 AS total FROM t2a_index_sessions s
      WHERE ${conditionOf(query, commandSessions, counted)}`;
    const values = new SqlValues();
    const condition = conditionOf(query, commandSessions, values);
    const direction = isAscending ? "ASC" : "DESC";
    const order = [...SORT_COLUMNS[sort], "id"].map((column) => `${column} ${direction}`).join(", ");
    // With one value for it, an index gives the order.
    const page = `SELECT json FROM t2a_index_sessions s WHERE ${condition} ORDER BY ${order}
      LIMIT ${values.add(limit ?? null)} OFFSET ${values.add(offset)}`;
    return await this.#clients.run(async (statements) => {
      const totals = await statements.query<{ total: number }>(count, counted.list);
      const { rows } = await statements.query<{ json: Buffer }>(page, values.list);
      return { sessions: rows.map(({ json }) => parse(json)), total: totals.rows[0]?.total ?? 0 };
    });
  }

  async stats(): Promise<StoreStats> {
    const of = "FROM t2a_index_sessions WHERE NOT is_deleted";
    const group = (column: string) =>
      `SELECT ${column}, ${TOTALS} ${of} AND ${column} IS NOT NULL
      GROUP BY ${column} ORDER BY count(*) DESC, ${column} LIMIT ${MAX_GROUPS}`;
    return await this.#clients.run(async ({ query }) => {
      const totals = await query<StoreTotals & { oldest: string | null; newest: string | null; deleted: number }>(
        `SELECT ${TOTALS}, min(created_ms) AS oldest, max(created_ms) AS newest,
        (SELECT count(*)::float8 FROM t2a_index_sessions WHERE is_deleted) AS deleted ${of}`,
      );
      const hosts = await query<StoreTotals & { host: string }>(group("host"));
      const programs = await query<StoreTotals & { program: string }>(group("program"));
      const [row] = totals.rows;
      if (row === undefined) throw new TypeError("a count gives a row");
      const { oldest, newest, ...counts } = row;
      return {
        ...counts,
        ...(oldest === null ? {} : { oldest: new Date(Number(oldest)).toISOString() }),
        ...(newest === null ? {} : { newest: new Date(Number(newest)).toISOString() }),
        byHost: hosts.rows.map((one) => ({ ...one, host: unescapeText(one.host) })),
        byProgram: programs.rows.map((one) => ({ ...one, program: unescapeText(one.program) })),
      };
    });
  }

  async #change(sql: string, values: readonly unknown[]): Promise<boolean> {
    return await this.#clients.run(async ({ query }, tryNumber) => {
      // An earlier try may have taken its note away; a second one would be another's. What stays is cleared in time.
      const [id, owner, ...others] = values;
      const { rows } = await query<{ gone: number }>(sql, [id, tryNumber === 1 ? owner : null, ...others]);
      return (rows[0]?.gone ?? 0) > 0;
    });
  }
}

function parse(json: Buffer): Session {
  return JSON.parse(json.toString("utf8")) as Session;
}

function escaped(text: string | undefined): string | null {
  return text === undefined ? null : escapeText(text);
}
