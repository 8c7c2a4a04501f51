// Opening an index in a SQLite file. It is a cache: what is damaged is set aside, and made anew.
import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Database, Options } from "better-sqlite3";
import { StoreError, systemCode } from "../../core/index.js";
import { ioError, tryHoldFile } from "../../files/index.js";
import { asStoreError } from "./sqlite-access.js";
import { SqliteIndex, type SqliteIndexOptions } from "./sqlite-index.js";

/** How to open an index in a file. */
export interface OpenIndexOptions extends SqliteIndexOptions {
  /** Sets aside what is there, whatever it is. */
  readonly isAnew?: boolean | undefined;
}

/** Another process sets the damaged file aside for so long, milliseconds, at most. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;
/** The log is cut to this when it has been taken into the file; bytes. */
const LOG_BYTES = 16 * 1024 * 1024;

/**
 * Opens the index in a file of its own, in a folder that is there, made where there is none; a damaged one becomes `FILE.damaged`.
 * What it then knows is for whoever opens it to say: see `Store.catchUp`.
 * @throws StoreError `T2A_FILE_IO`, `T2A_STORE_UNAVAILABLE`.
 */
export async function openSqliteIndex(path: string, options: OpenIndexOptions = {}): Promise<SqliteIndex> {
  if (options.isAnew === true) await setAside(path, async () => false);
  try {
    return await openFile(path, options);
  } catch (error) {
    if (!isDamaged(error)) throw error;
  }
  return await setAside(path, async () => {
    try {
      return await openFile(path, options); // who held the lock before may have done it
    } catch (error) {
      if (isDamaged(error)) return false;
      throw error;
    }
  }).then(async (index) => index || (await openFile(path, options)));
}

/** Opens an index in the file of a store that is there: in tables of its own, over a connection of its own. */
export async function openIndexWithin(path: string, options: SqliteIndexOptions = {}): Promise<SqliteIndex> {
  return await open(path, { fileMustExist: true }, options);
}

/** An index in memory, gone with the process. */
export async function openMemoryIndex(options: SqliteIndexOptions = {}): Promise<SqliteIndex> {
  return await open(":memory:", {}, options);
}

async function openFile(path: string, options: SqliteIndexOptions): Promise<SqliteIndex> {
  try {
    closeSync(openSync(path, "a", 0o600)); // the files beside it become as it is
  } catch (error) {
    throw ioError("open", path, error);
  }
  return await open(path, {}, options);
}

async function open(path: string, how: Options, options: SqliteIndexOptions): Promise<SqliteIndex> {
  const { default: Sqlite } = await import("better-sqlite3").catch((cause: unknown) => {
    throw new StoreError("T2A_FILE_IO", `${path} cannot be opened: the package better-sqlite3 does not load here`, {
      cause,
      details: { nextStep: "npm rebuild better-sqlite3 compiles it" },
    });
  });
  let database: Database | undefined;
  try {
    database = new Sqlite(path, { ...how, timeout: PATIENCE_MS });
    // What a power cut takes is what the index may lose: it is held against the store after a boot.
    database.pragma("journal_mode = wal");
    database.pragma("synchronous = normal");
    database.pragma(`journal_size_limit = ${LOG_BYTES}`);
    return new SqliteIndex(database, options);
  } catch (error) {
    database?.close();
    throw asStoreError(error, path);
  }
}

function isDamaged(error: unknown): boolean {
  return error instanceof StoreError && error.code === "T2A_STORE_DAMAGED";
}

/** Sets the file aside while nobody else does, unless there is no need any more: gives what `findNeedless` gives. */
async function setAside<T>(path: string, findNeedless: () => Promise<T | false>): Promise<T | false> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const lock = tryHoldFile(`${path}.lock`, { create: true });
    if (lock === undefined) {
      if (performance.now() > end) throw new StoreError("T2A_STORE_UNAVAILABLE", `${path}.lock is held: try again`);
      await setTimeout(PAUSE_MS);
      continue;
    }
    try {
      const needless = await findNeedless();
      if (needless !== false) return needless;
      for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
      try {
        renameSync(path, `${path}.damaged`);
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw ioError("rename", path, error);
      }
      return false;
    } finally {
      lock.release();
    }
  }
}
