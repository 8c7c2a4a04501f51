// Work on a database that other processes work on too: waits for them, with a bound, and tells what went wrong as a store does.
import { setTimeout } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import { StoreError, systemCode } from "../../core/index.js";
import { ioError } from "../../files/index.js";
import { isSqliteBusy, systemCodeBehind } from "../sqlite-codes.js";

/** Milliseconds that SQLite itself waits for another writer: it holds up this process meanwhile. */
const BUSY_MS = 50;
/** Milliseconds that another writer is waited for altogether. */
const PATIENCE_MS = 30_000;
/** Between two tries, milliseconds at most. */
const PAUSE_MS = 40;

/** A database's reads and writes, each wholly done or not at all. */
export class SqliteAccess {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.pragma(`busy_timeout = ${BUSY_MS}`);
  }

  /** Does the work in one transaction that writes. It may be done more than once: nothing but the last counts. */
  async write<T>(work: () => T): Promise<T> {
    return await this.#patiently(() => this.#database.transaction(work).immediate());
  }

  /** Does the work in one transaction that sees one state. */
  async read<T>(work: () => T): Promise<T> {
    return await this.#patiently(() => this.#database.transaction(work).deferred());
  }

  async #patiently<T>(work: () => T): Promise<T> {
    const start = performance.now();
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isSqliteBusy(error)) throw asStoreError(error, this.#database.name);
        if (performance.now() - start > PATIENCE_MS) throw busy(this.#database.name, error);
      }
      await setTimeout(Math.random() * PAUSE_MS);
    }
  }
}

function busy(name: string, cause: unknown): StoreError {
  return new StoreError("T2A_STORE_UNAVAILABLE", `${name} is kept busy by another process: try again`, { cause });
}

/** Whether it is said of a file that it is no database any more. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(systemCode(error) ?? "");
}

/** What SQLite throws, as stores throw it; all else as it is. */
export function asStoreError(error: unknown, name: string): unknown {
  const code = systemCode(error);
  if (code === undefined || !code.startsWith("SQLITE_")) return error;
  if (isDamage(error)) {
    return new StoreError("T2A_STORE_DAMAGED", `${name} is damaged: t2a library reindex makes an index anew`, {
      cause: error,
      details: { name, systemCode: code },
    });
  }
  const system = systemCodeBehind(code);
  if (system !== undefined) return ioError("use", name, { code: system, cause: error });
  return new StoreError("T2A_FILE_IO", `${name} cannot be used: ${code}`, {
    cause: error,
    details: { name, systemCode: code },
  });
}
