// The sessions of an index in SQLite: put, found, listed and counted.
import type { Database } from "better-sqlite3";
import { fold } from "../search/fold.js";
import { gramsOf } from "../search/grams.js";
import { programOf, sessionLines } from "../search/session-text.js";
import { sessionTexts } from "../search/session-texts.js";
import type { Session } from "../session.js";
import { revisionCount } from "../store.js";
import type { SessionQuery, StoreStats, StoreTotals } from "../store-index.js";
import { SORT_COLUMNS, selectionOf } from "./sqlite-filter.js";

/** Most hosts and programs that are told of. */
const MAX_GROUPS = 100;

const TOTALS = `count(*) as sessions, total(recordings) as recordings, total(output_bytes) as outputBytes,
  total(stored_bytes) as storedBytes, total(duration_ns) as durationNs`;

interface RecordingRow {
  readonly row: number;
  readonly id: string;
  readonly text: number | null;
}

/** Reads and writes sessions; within the transactions of whoever calls. */
export class SqliteSessions {
  readonly #database: Database;
  readonly #sql;

  constructor(database: Database) {
    this.#database = database;
    const columns = [
      ...["id", "saves", "tag", "is_deleted", "created_ms", "active_ms", "duration_ns", "stored_bytes"],
      ...[
        "output_bytes",
        "recordings",
        "name",
        "name_folded",
        "status",
        "is_failed",
        "command",
        "agent",
        "host",
        "user",
        "program",
      ],
    ];
    this.#sql = {
      known: database.prepare<[string], { readonly row: number; readonly saves: number; readonly words: string }>(
        "select row, saves, words from index_sessions join index_documents using (row) where id = ?",
      ),
      put: database.prepare(
        `insert into index_sessions(${columns.join(", ")}) values(${columns.map(() => "?").join(", ")})
         on conflict(id) do update set ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`,
      ),
      rowOf: database.prepare("select row from index_sessions where id = ?").pluck(),
      putDocument: database.prepare("insert or replace into index_documents(row, json, words) values(?, ?, ?)"),
      dropGrams: database.prepare("delete from index_session_grams where rowid = ?"),
      putGrams: database.prepare("insert into index_session_grams(rowid, grams) values(?, ?)"),
      dropTags: database.prepare("delete from index_tags where session = ?"),
      putTag: database.prepare(
        "insert or ignore into index_tags select ?, is_deleted, created_ms, id, row from index_sessions where row = ?",
      ),
      recordings: database.prepare<[number], RecordingRow>(
        "select row, id, text from index_recordings where session = ?",
      ),
      putRecording: database.prepare(
        `insert into index_recordings(session, id, title, title_folded, start_ms) values(?, ?, ?, ?, ?)
         on conflict(session, id) do update set title = excluded.title, title_folded = excluded.title_folded`,
      ),
      dropRecording: database.prepare("delete from index_recordings where row = ?"),
      dropSession: database.prepare("delete from index_sessions where row = ?"),
      dropDocument: database.prepare("delete from index_documents where row = ?"),
      find: database.prepare("select json from index_sessions join index_documents using (row) where id = ?").pluck(),
      ids: database.prepare("select id from index_sessions where id >= ? and id < ? order by id limit ?").pluck(),
      tags: database.prepare<[string, number], { readonly id: string; readonly tag: string }>(
        "select id, tag from index_sessions where id > ? order by id limit ?",
      ),
    };
  }

  /** Gives the texts that the session has no more; undefined where a newer revision is known. */
  put(session: Session, tag: string): readonly number[] | undefined {
    const saves = revisionCount(session.revision);
    const known = this.#sql.known.get(session.id);
    if (known !== undefined && known.saves > saves) return undefined;
    const { stats, config } = session;
    const isFailed = session.status === "failed" || (session.exitStatus ?? 0) !== 0;
    this.#sql.put.run(
      ...[session.id, saves, tag, session.deletedAt === undefined ? 0 : 1],
      ...[Date.parse(session.createdAt), Date.parse(session.lastActivityAt), stats.durationNs, stats.storedBytes],
      ...[stats.outputBytes, session.recordings.length, session.name, fold(session.name)],
      ...[
        session.status,
        isFailed ? 1 : 0,
        fold(config.command ?? ""),
        session.agent ?? null,
        session.host ?? null,
        session.user ?? null,
      ],
      programOf(session),
    );
    const row = known?.row ?? (this.#sql.rowOf.get(session.id) as number);
    this.#putWords(row, session, known?.words);
    return this.#putRecordings(row, session);
  }

  /** Gives the texts that the session had; undefined where it is not known. */
  remove(id: string): readonly number[] | undefined {
    const row = this.#sql.rowOf.get(id) as number | undefined;
    if (row === undefined) return undefined;
    const recordings = this.#sql.recordings.all(row);
    for (const recording of recordings) this.#sql.dropRecording.run(recording.row);
    this.#sql.dropTags.run(row);
    this.#sql.dropGrams.run(row);
    this.#sql.dropDocument.run(row);
    this.#sql.dropSession.run(row);
    return textsOf(recordings);
  }

  find(id: string): Session | undefined {
    const json = this.#sql.find.get(id) as string | undefined;
    return json === undefined ? undefined : (JSON.parse(json) as Session);
  }

  findIds(prefix: string, limit: number): readonly string[] {
    return this.#sql.ids.all(prefix, `${prefix}\uffff`, limit) as string[];
  }

  /** Those behind an id, in order. */
  tagsBehind(id: string, limit: number): readonly { readonly id: string; readonly tag: string }[] {
    return this.#sql.tags.all(id, limit);
  }

  list(query: SessionQuery, commandSessions: readonly number[]) {
    const { sort = "created", isAscending = false, limit = -1, offset = 0 } = query;
    const { from, sql, parameters, columns } = selectionOf(query, commandSessions);
    const direction = isAscending ? "asc" : "desc";
    const key = sort === "created" ? columns.created : `s.${SORT_COLUMNS[sort]}`;
    const total = this.#database.prepare(`select count(*) from ${from(false)} where ${sql}`).pluck();
    // What is left out is counted before any document is read.
    const page = this.#database
      .prepare(
        `select json from (select ${columns.row} as row, ${key} as key, ${columns.id} as id from ${from(sort !== "created")}
         where ${sql} order by ${key} ${direction}, ${columns.id} ${direction} limit ? offset ?)
         join index_documents using (row) order by key ${direction}, id ${direction}`,
      )
      .pluck();
    const jsons = page.all(...parameters, limit, offset) as string[];
    return {
      sessions: jsons.map((json) => JSON.parse(json) as Session),
      total: total.get(...parameters) as number,
    };
  }

  stats(): StoreStats {
    const database = this.#database;
    const group = (column: string, name: string) =>
      database
        .prepare(
          `select ${column} as ${name}, ${TOTALS} from index_sessions where is_deleted = 0 and ${column} is not null
           group by ${column} order by count(*) desc, ${column} limit ${MAX_GROUPS}`,
        )
        .all();
    const totals = database.prepare(`select ${TOTALS} from index_sessions where is_deleted = 0`).get() as StoreTotals;
    const span = database
      .prepare("select min(created_ms) as oldest, max(created_ms) as newest from index_sessions where is_deleted = 0")
      .get() as { readonly oldest: number | null; readonly newest: number | null };
    return {
      ...totals,
      deleted: database.prepare("select count(*) from index_sessions where is_deleted = 1").pluck().get() as number,
      ...(span.oldest === null ? {} : { oldest: new Date(span.oldest).toISOString() }),
      ...(span.newest === null ? {} : { newest: new Date(span.newest).toISOString() }),
      byHost: group("host", "host") as StoreStats["byHost"],
      byProgram: group("program", "program") as StoreStats["byProgram"],
    };
  }

  #putWords(row: number, session: Session, before: string | undefined): void {
    const words = sessionLines(session)
      .map(({ text }) => text.replaceAll("\n", " "))
      .join("\n");
    this.#sql.putDocument.run(row, JSON.stringify(session), words);
    if (words !== before) {
      this.#sql.dropGrams.run(row);
      this.#sql.putGrams.run(row, gramsOf(fold(words)));
    }
    this.#sql.dropTags.run(row);
    for (const tag of session.tags) this.#sql.putTag.run(tag, row);
  }

  #putRecordings(row: number, session: Session): readonly number[] {
    const recordings = sessionTexts(session);
    for (const { id, title, createdAt } of recordings) {
      this.#sql.putRecording.run(row, id, title ?? null, fold(title ?? ""), Date.parse(createdAt));
    }
    const kept = new Set(recordings.map(({ id }) => id));
    const gone = this.#sql.recordings.all(row).filter(({ id }) => !kept.has(id));
    for (const recording of gone) this.#sql.dropRecording.run(recording.row);
    return textsOf(gone);
  }
}

function textsOf(recordings: readonly RecordingRow[]): readonly number[] {
  return recordings.flatMap(({ text }) => (text === null ? [] : [text]));
}
