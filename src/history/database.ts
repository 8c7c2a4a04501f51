// Histories that are SQLite databases: read where they are and as they are, also while their shell writes them.
import { existsSync, readFileSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Database } from "better-sqlite3";
import { FormatError, StoreError, systemCode } from "../core/index.js";
import { type HistoryEntry, type HistoryName, type HistoryReadOptions, MAX_HISTORY_ENTRY_BYTES } from "./entry.js";

/** What every SQLite database begins with. */
export const SQLITE_MAGIC: Uint8Array = Buffer.from("SQLite format 3\0", "latin1");

/** A row as both kinds of database give it; integers are bigints. */
interface Row {
  readonly line: string | null;
  readonly nanos: bigint | null;
  readonly duration: bigint | null;
  readonly exit: bigint | null;
  readonly cwd: string | null;
  readonly host: string | null;
}

interface DatabaseKind {
  readonly name: HistoryName;
  /** Columns of the table `history` that it is known by. */
  readonly columns: readonly string[];
  readonly query: (columns: ReadonlySet<string>) => string;
  entry(row: Row & { readonly line: string }): HistoryEntry;
}

/** What is longer is not taken into memory: the first bytes are. */
const text = (column: string) => `substr(cast(${column} as text), 1, ${MAX_HISTORY_ENTRY_BYTES + 1}) as`;
const number = (column: string) => `cast(${column} as integer)`;

const KINDS: readonly DatabaseKind[] = [
  {
    name: "atuin",
    columns: ["command", "timestamp", "duration", "exit", "cwd", "hostname"],
    // deleted_at came with a later version of atuin.
    query: (columns) => `
      select ${text("command")} line, ${number("timestamp")} as nanos, ${number("duration")} as duration,
        ${number("exit")} as exit, ${text("cwd")} cwd, ${text("hostname")} host
      from history ${columns.has("deleted_at") ? "where deleted_at is null" : ""} order by ${number("timestamp")}, rowid`,
    entry({ line, nanos, duration, exit, cwd, host }) {
      const [name, user] = splitHost(host ?? "");
      return {
        line,
        time: nanos === null || nanos === 0n ? undefined : nanos,
        // -1: it was never told how the command ended.
        duration: positive(duration),
        exitStatus: exit === null || exit < 0n ? undefined : Number(exit),
        cwd: known(cwd),
        host: known(name),
        user: known(user),
      };
    },
  },
  {
    name: "nushell",
    columns: ["command_line", "start_timestamp", "duration_ms", "exit_status", "cwd", "hostname"],
    query: () => `
      select ${text("command_line")} line, ${number("start_timestamp")} as nanos, ${number("duration_ms")} as duration,
        ${number("exit_status")} as exit, ${text("cwd")} cwd, ${text("hostname")} host
      from history order by id`,
    entry({ line, nanos, duration, exit, cwd, host }) {
      return {
        line,
        time: nanos === null ? undefined : nanos * MILLISECOND,
        duration: duration === null ? undefined : positive(duration * MILLISECOND),
        exitStatus: exit === null ? undefined : Number(exit),
        cwd: known(cwd),
        host: known(host),
      };
    },
  },
];

const MILLISECOND = 1_000_000n;

/** atuin writes host and user as one: `box:ann`. */
function splitHost(host: string): readonly [string, string] {
  const colon = host.indexOf(":");
  return colon < 0 ? [host, ""] : [host.slice(0, colon), host.slice(colon + 1)];
}

function positive(nanos: bigint | null): number | undefined {
  return nanos === null || nanos < 0n ? undefined : Number(nanos);
}

function known(value: string | null | undefined): string | undefined {
  return value === null || value === undefined || value === "" || value === "unknown" ? undefined : value;
}

/** An open database of a known kind. Whoever opened it closes it. */
export interface HistoryDatabase {
  readonly name: HistoryName;
  entries(): Iterable<HistoryEntry>;
  close(): void;
}

/**
 * Opens a history that is a database: nothing in it or beside it is changed. Only entries that were not deleted are given.
 * @throws FormatError `T2A_UNKNOWN_FORMAT` where it is another database, `T2A_FORMAT_DAMAGED`; StoreError `T2A_FILE_IO`.
 */
export async function openDatabase(path: string, { onCut }: HistoryReadOptions): Promise<HistoryDatabase> {
  const database = await openReadOnly(path);
  try {
    const columns = new Set(
      database.prepare("select name from pragma_table_info('history')").pluck().all() as string[],
    );
    const kind = KINDS.find((candidate) => candidate.columns.every((column) => columns.has(column)));
    if (kind === undefined) {
      throw new FormatError("T2A_UNKNOWN_FORMAT", `${path} is a database, but no history of atuin or nushell`);
    }
    const statement = database.prepare<[], Row>(kind.query(columns)).safeIntegers();
    return {
      name: kind.name,
      entries: () => entriesOf(statement.iterate(), kind, path, onCut),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error instanceof FormatError ? error : damaged(path, error);
  }
}

function* entriesOf(
  rows: Iterable<Row>,
  kind: DatabaseKind,
  path: string,
  onCut: (() => void) | undefined,
): Generator<HistoryEntry> {
  try {
    for (const row of rows) {
      if (row.line === null || row.line.trim() === "") continue;
      if (row.line.length > MAX_HISTORY_ENTRY_BYTES) onCut?.();
      yield kind.entry({ ...row, line: row.line.slice(0, MAX_HISTORY_ENTRY_BYTES) });
    }
  } catch (error) {
    throw isSqlite(error) ? damaged(path, error) : error;
  }
}

/** Bytes of a database that is read into memory at most. */
const MAX_IN_MEMORY = 512 * 1024 * 1024;
/** Where a database says how it is journaled, for reading and for writing: 2 is a write-ahead log. */
const JOURNAL_BYTES = [18, 19] as const;

async function openReadOnly(path: string): Promise<Database> {
  const { default: Sqlite } = await import("better-sqlite3").catch((cause: unknown) => {
    throw new StoreError("T2A_FILE_IO", `${path} cannot be read: the package better-sqlite3 does not load here`, {
      cause,
      details: { nextStep: "npm rebuild better-sqlite3 compiles it" },
    });
  });
  try {
    // A log that nobody has open would be made anew by SQLite, beside the file and by reading alone.
    const isAtRest = (await usesLog(path)) && !existsSync(`${path}-wal`);
    if (isAtRest && statSync(path).size <= MAX_IN_MEMORY) return new Sqlite(withoutLog(path), { readonly: true });
    return new Sqlite(path, { readonly: true, fileMustExist: true });
  } catch (error) {
    throw isSqlite(error)
      ? damaged(path, error)
      : new StoreError("T2A_FILE_IO", `cannot read ${path}: ${systemCode(error)}`, { cause: error });
  }
}

async function usesLog(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(JOURNAL_BYTES[1] + 1);
    await file.read(head, 0, head.length, 0);
    return head[JOURNAL_BYTES[0]] === 2;
  } finally {
    await file.close();
  }
}

function withoutLog(path: string): Buffer {
  const bytes = readFileSync(path);
  for (const at of JOURNAL_BYTES) bytes[at] = 1;
  return bytes;
}

function isSqlite(error: unknown): boolean {
  return systemCode(error)?.startsWith("SQLITE_") === true;
}

function damaged(path: string, cause: unknown): FormatError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FormatError("T2A_FORMAT_DAMAGED", `${path} is no readable SQLite database: ${reason}`, {
    cause,
    details: { nextStep: "sqlite3's .recover may save what is good of it" },
  });
}
