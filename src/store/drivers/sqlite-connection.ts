// A connection to a store's SQLite file: waits for other writers with a bound, and says what went wrong as a store does.
import { closeSync, existsSync, lstatSync, openSync, statSync } from "node:fs";
import { mkdir, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Database } from "better-sqlite3";
import { StoreError, systemCode } from "../../core/index.js";
import { ioError, syncFolderAside } from "../../files/index.js";
import { retry } from "../retry.js";
import { isSqliteBusy, systemCodeBehind } from "../sqlite-codes.js";
import type { StorageOptions } from "../storage.js";
import { checkOwnAccess } from "./own-access.js";

/** SQLite itself waits so long, milliseconds: this process does nothing else meanwhile. */
const BUSY_MS = 30;
/** Another writer is waited for altogether, milliseconds; nobody writes for long at once. */
const PATIENCE_MS = 30_000;
const FIRST_WAIT_MS = 2;
const MAX_WAIT_MS = 50;
/** The log is cut to this when it has been taken into the file; bytes. */
const LOG_BYTES = 16 * 1024 * 1024;

/** One connection. Whoever opens it closes it. */
export class SqliteConnection {
  readonly database: Database;

  /** Takes over the database. */
  constructor(database: Database) {
    this.database = database;
  }

  /**
   * Does the work, and again while another process writes: nothing of it may stay where it throws.
   * @throws StoreError `T2A_STORE_UNAVAILABLE`, `T2A_STORE_DAMAGED`, `T2A_FILE_IO`; T2aError `T2A_ABORTED`.
   */
  async run<Result>(work: (database: Database) => Result, { signal }: StorageOptions = {}): Promise<Result> {
    try {
      return await retry(async () => work(this.database), {
        isTransient: isSqliteBusy,
        tries: Number.POSITIVE_INFINITY,
        firstWaitMs: FIRST_WAIT_MS,
        maxWaitMs: MAX_WAIT_MS,
        maxTotalMs: PATIENCE_MS,
        signal,
      });
    } catch (error) {
      throw storeErrorOf(error, this.database.name);
    }
  }

  /** As `run`, in one transaction that may write. */
  async write<Result>(work: (database: Database) => Result, options?: StorageOptions): Promise<Result> {
    return await this.run((database) => database.transaction(work).immediate(database), options);
  }

  /** Idempotent. */
  close(): void {
    this.database.close();
  }
}

/**
 * Opens the file, made 0600 where there is none, for a store in it. `accept` is asked before anything is changed there.
 * @throws AccessError `T2A_ACCESS`; StoreError `T2A_STORE_NOT_FOUND` with `mustExist`, `T2A_STORE_DAMAGED`, `T2A_FILE_IO`,
 * `T2A_STORE_UNAVAILABLE`.
 */
export async function openSqliteFile(
  path: string,
  {
    mustExist = false,
    accept,
  }: { readonly mustExist?: boolean | undefined; readonly accept?: ((database: Database) => void) | undefined } = {},
): Promise<SqliteConnection> {
  let real: string;
  try {
    if (mustExist && !existsSync(path)) throw noStore(path);
    if (!mustExist) await makeFile(path);
    real = await realpath(path);
    const stats = statSync(real);
    if (!stats.isFile()) throw new StoreError("T2A_STORE_DAMAGED", `${path} is no file`, { details: { path } });
    checkOwnAccess(path, "the library", stats);
    for (const name of [`${real}-wal`, `${real}-shm`]) {
      const beside = lstatSync(name, { throwIfNoEntry: false });
      if (beside !== undefined) checkOwnAccess(name, "the library", beside);
    }
  } catch (error) {
    throw systemCode(error)?.startsWith("E") === true && !(error instanceof StoreError)
      ? ioError("open", path, error)
      : error;
  }
  const { default: Sqlite } = await import("better-sqlite3").catch((cause: unknown) => {
    throw new StoreError("T2A_FILE_IO", `${path} cannot be opened: the package better-sqlite3 does not load here`, {
      cause,
      details: { nextStep: "npm rebuild better-sqlite3 compiles it" },
    });
  });
  let database: Database;
  try {
    database = new Sqlite(real, { timeout: BUSY_MS, fileMustExist: true });
  } catch (error) {
    throw storeErrorOf(error, path);
  }
  const connection = new SqliteConnection(database);
  try {
    await connection.run((opened) => accept?.(opened));
    await connection.run((opened) => {
      opened.pragma("auto_vacuum = incremental"); // says nothing to a database that has tables
      opened.pragma("journal_mode = wal");
      opened.pragma("synchronous = full");
      opened.pragma("fullfsync = on");
      opened.pragma(`journal_size_limit = ${LOG_BYTES}`);
    });
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

async function makeFile(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (systemCode(error) === "EEXIST") return;
    throw error;
  }
  await syncFolderAside(folder);
}

/** What SQLite says, as a store says it; everything else as it is. */
export function storeErrorOf(error: unknown, name: string): unknown {
  const code = systemCode(error);
  if (code === undefined || !code.startsWith("SQLITE_")) return error;
  const details = { name, sqliteCode: code };
  if (isSqliteBusy(error)) {
    const message = `the store ${name} is kept busy by another process: try again`;
    return new StoreError("T2A_STORE_UNAVAILABLE", message, { cause: error, details });
  }
  const system = systemCodeBehind(code);
  if (system !== undefined) return ioError("use", `the store ${name}`, { code: system, cause: error });
  if (/^SQLITE_(CORRUPT|NOTADB|FORMAT|ERROR)/.test(code)) {
    const reason = (error instanceof Error ? error.message : code).replaceAll("\n", " ");
    const message = `the store ${name} is damaged: ${reason}; sqlite3's .recover may save what is good of it`;
    return new StoreError("T2A_STORE_DAMAGED", message, { cause: error, details });
  }
  return new StoreError("T2A_FILE_IO", `cannot use the store ${name}: ${code}`, { cause: error, details });
}

/** That there is no such file. */
function noStore(path: string): StoreError {
  return new StoreError("T2A_STORE_NOT_FOUND", `there is no store in ${path}`, { details: { path } });
}
