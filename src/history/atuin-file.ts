// Writing atuin's history: the table that atuin itself first made, so that any version of it takes the file over.
import { createHash } from "node:crypto";
import type { Database, Statement } from "better-sqlite3";
import type { HistoryEntry } from "./entry.js";

/** Later columns are left to atuin: it adds them itself, once, and would fail where they stand already. */
const SCHEMA = `
  create table history (
    id text primary key,
    timestamp integer not null,
    duration integer not null,
    exit integer not null,
    command text not null,
    cwd text not null,
    session text not null,
    hostname text not null,
    unique(timestamp, cwd, command)
  );
  create index idx_history_timestamp on history(timestamp);
  create index idx_history_command on history(command);`;

/** Rows of one transaction. */
const BATCH_ROWS = 10_000;

/** A database of atuin's that is being written, in a file of its own. Whoever opened it closes it. */
export class AtuinFile {
  readonly #database: Database;
  readonly #insert: Statement;
  #rows = 0;

  private constructor(database: Database) {
    this.#database = database;
    database.pragma("journal_mode = off"); // nobody sees it before it is whole
    database.pragma("synchronous = off");
    database.exec(SCHEMA);
    this.#insert = database.prepare("insert or ignore into history values (?, ?, ?, ?, ?, ?, ?, ?)");
    database.exec("begin");
  }

  /** Begins a file that does not exist, or is empty. */
  static async create(path: string): Promise<AtuinFile> {
    const { default: Sqlite } = await import("better-sqlite3");
    return new AtuinFile(new Sqlite(path));
  }

  /**
   * Adds an entry; `session` is any name of the session it is of. The same line in the same folder at the same nanosecond is kept
   * once, as atuin keeps it.
   */
  add(entry: HistoryEntry, session: string): void {
    const { time = 0n, duration, exitStatus, cwd = "unknown", host = "unknown", user = "unknown" } = entry;
    // SQLite's functions take NUL for the end of a text.
    const line = entry.line.replaceAll("\0", "");
    if (line.trim() === "") return;
    this.#insert.run(
      uuid(time, `${session}\0${time}\0${cwd}\0${line}`),
      time,
      BigInt(duration === undefined ? -1 : Math.round(duration)),
      BigInt(exitStatus ?? -1),
      line,
      cwd,
      uuid(0n, session),
      `${host}:${user}`,
    );
    if (++this.#rows % BATCH_ROWS === 0) this.#database.exec("commit; begin");
  }

  /** The file is complete. */
  end(): void {
    this.#database.exec("commit");
    this.#database.close();
  }

  /** Idempotent, and nothing after `end`. */
  abort(): void {
    if (this.#database.open) this.#database.close();
  }
}

/** A UUID of version 7 without hyphens, as atuin's ids are: the same for the same entry, whenever it is written. */
function uuid(time: bigint, name: string): string {
  const bytes = createHash("sha256").update(name).digest().subarray(0, 16);
  bytes.writeUIntBE(Number((time < 0n ? 0n : time / 1_000_000n) % (1n << 48n)), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex");
}
