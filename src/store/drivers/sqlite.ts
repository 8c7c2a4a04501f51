// A store in one SQLite file: documents are rows, recordings rows of chunks. Nobody has the file to himself for long: long recordings
// are put and deleted in many short transactions, and seen or gone by one.
import type { Database, Statement } from "better-sqlite3";
import { StoreError } from "../../core/index.js";
import { bootId, isAlive } from "../../files/index.js";
import { throwIfAborted } from "../aborted.js";
import { visibleStoreUrl } from "../location.js";
import { checkDocumentName, checkName, conflict, namedConflict } from "../names.js";
import type { OpenDriver } from "../open-driver.js";
import type { BlobStat, DocumentStat, StorageOptions, StoredDocument } from "../storage.js";
import { type DatabaseBlob, DatabaseStorage } from "./database-storage.js";
import { openSqliteFile, type SqliteConnection } from "./sqlite-connection.js";
import { bringTablesForward, checkTables, SQLITE_MIGRATIONS, type SqliteMigration } from "./sqlite-migrations.js";

/** How a store in SQLite is opened. */
export interface SqliteStorageOptions {
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** Nothing is made where there is no store. */
  readonly mustExist?: boolean | undefined;
  /** Those of this version unless given. */
  readonly migrations?: readonly SqliteMigration[] | undefined;
}

/** Rows of a list that are asked for at once. */
const PAGE_ROWS = 1000;
/** Chunks deleted in one transaction, and pages given back to the disk in one. */
const DELETED_CHUNKS = 16;
const FREED_PAGES = 4096;
/** Nothing that was touched since is taken for left over: another container's processes cannot be seen. Milliseconds. */
const MIN_AGE_MS = 60_000;

const BLOB_COLUMNS = "session_id as sessionId, name, size_bytes as sizeBytes, put_at_ms as putAtMs";

/** Sessions and recordings in an SQLite file. */
export class SqliteStorage extends DatabaseStorage {
  readonly driver = "sqlite";
  readonly location: string;
  readonly supports = { manyMachines: false, localPaths: false, durable: true };
  readonly #connection: SqliteConnection;
  readonly #now: () => number;
  readonly #statements = new Map<string, Statement>();
  /** What could not be deleted of files that failed: on a full disk that takes room too. */
  readonly #undropped = new Set<string>();
  /** Who puts files here: a process that may end. */
  readonly #owner = `${process.pid}/${bootId() ?? ""}`;

  private constructor(location: string, connection: SqliteConnection, now: () => number) {
    super();
    this.location = location;
    this.#connection = connection;
    this.#now = now;
  }

  /**
   * Opens the store in the file, made where there is none, and clears what killed writers left.
   * @throws AccessError `T2A_ACCESS` where it is open to others or another user's; StoreError `T2A_STORE_NOT_FOUND` with
   * `mustExist`, `T2A_STORE_VERSION`, `T2A_STORE_DAMAGED`, `T2A_FILE_IO`, `T2A_STORE_UNAVAILABLE`.
   */
  static async open(path: string, options: SqliteStorageOptions = {}): Promise<SqliteStorage> {
    const { now = Date.now, mustExist, migrations = SQLITE_MIGRATIONS } = options;
    const accept = (database: Database): void => checkTables(database, { migrations, mustExist });
    const connection = await openSqliteFile(path, { mustExist, accept });
    try {
      await connection.run((database) => bringTablesForward(database, migrations));
      const storage = new SqliteStorage(visibleStoreUrl({ driver: "sqlite", path }), connection, now);
      await storage.#clearLeftovers();
      return storage;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async findDocument(
    id: string,
    { signal }: StorageOptions = {},
  ): Promise<(StoredDocument & DocumentStat) | undefined> {
    checkName(id);
    const sql = "select revision, json from store_documents where id = ?";
    const row = await this.#run<{ readonly revision: string; readonly json: string } | undefined>(
      () => this.#prepare(sql).get(id) as never,
      signal,
    );
    return row && { id, revision: row.revision, json: row.json, tag: row.revision };
  }

  async putDocument(
    { id, revision, json }: StoredDocument,
    expected: string | undefined,
    { signal }: StorageOptions = {},
  ): Promise<string> {
    checkName(id);
    const changes = await this.#run(() => {
      if (expected === undefined) {
        const sql = "insert into store_documents(id, revision, json) values(?, ?, ?) on conflict do nothing";
        return this.#prepare(sql).run(id, revision, json).changes;
      }
      const sql = "update store_documents set revision = ?, json = ? where id = ? and revision = ?";
      return this.#prepare(sql).run(revision, json, id, expected).changes;
    }, signal);
    if (changes === 0) throw conflict(id);
    return revision;
  }

  async deleteDocument(id: string, expected: string, { signal }: StorageOptions = {}): Promise<void> {
    checkName(id);
    const sql = "delete from store_documents where id = ? and revision = ?";
    const changes = await this.#run(() => this.#prepare(sql).run(id, expected).changes, signal);
    if (changes === 0) throw conflict(id);
  }

  async *listDocuments({ signal }: StorageOptions = {}): AsyncGenerator<DocumentStat> {
    const sql = `select id, revision as tag from store_documents where id > ? order by id limit ${PAGE_ROWS}`;
    for (let last = ""; ; ) {
      const rows = await this.#run<readonly DocumentStat[]>(() => this.#prepare(sql).all(last) as never, signal);
      yield* rows;
      if (rows.length < PAGE_ROWS) return;
      last = rows.at(-1)?.id ?? "";
    }
  }

  async statBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): Promise<BlobStat | undefined> {
    checkName(sessionId, name);
    const sql = `select ${BLOB_COLUMNS} from store_blobs where session_id = ? and name = ?`;
    return await this.#run<BlobStat | undefined>(() => this.#prepare(sql).get(sessionId, name) as never, signal);
  }

  async deleteBlob(sessionId: string, name: string, { signal }: StorageOptions = {}): Promise<void> {
    checkName(sessionId, name);
    const blob = await this.#write(() => {
      const sql = "delete from store_blobs where session_id = ? and name = ? returning blob";
      const gone = this.#prepare(sql).pluck().get(sessionId, name) as number | undefined;
      if (gone === undefined) return undefined;
      // Gone from here on; whoever ends now leaves the chunks to be cleared.
      this.#prepare("insert into store_uploads(blob, owner, touched_at_ms) values(?, ?, 0)").run(gone, this.#owner);
      return gone;
    }, signal);
    if (blob !== undefined) await this.dropBlob(String(blob));
  }

  async *listBlobs({
    sessionId,
    signal,
  }: StorageOptions & { readonly sessionId?: string | undefined } = {}): AsyncGenerator<BlobStat> {
    if (sessionId !== undefined) checkName(sessionId);
    const which = sessionId === undefined ? "(session_id, name) > (?, ?)" : "session_id = ? and name > ?";
    const sql = `select ${BLOB_COLUMNS} from store_blobs where ${which} order by session_id, name limit ${PAGE_ROWS}`;
    for (let last = [sessionId ?? "", ""]; ; ) {
      const rows = await this.#run<readonly BlobStat[]>(() => this.#prepare(sql).all(...last) as never, signal);
      yield* rows;
      const row = rows.at(-1);
      if (row === undefined || rows.length < PAGE_ROWS) return;
      last = [row.sessionId, row.name];
    }
  }

  async findNamed(name: string, { signal }: StorageOptions = {}): Promise<StoredDocument | undefined> {
    checkDocumentName(name);
    const sql = "select name as id, revision, json from store_named where name = ?";
    return await this.#run<StoredDocument | undefined>(() => this.#prepare(sql).get(name) as never, signal);
  }

  async putNamed(
    { id: name, revision, json }: StoredDocument,
    expected: string | undefined,
    { signal }: StorageOptions = {},
  ): Promise<void> {
    checkDocumentName(name);
    const changes = await this.#run(() => {
      if (expected === undefined) {
        const sql = "insert into store_named(name, revision, json) values(?, ?, ?) on conflict do nothing";
        return this.#prepare(sql).run(name, revision, json).changes;
      }
      const sql = "update store_named set revision = ?, json = ? where name = ? and revision = ?";
      return this.#prepare(sql).run(revision, json, name, expected).changes;
    }, signal);
    if (changes === 0) throw namedConflict(name);
  }

  async *listNamed({ signal }: StorageOptions = {}): AsyncGenerator<string> {
    const sql = "select name from store_named order by name";
    yield* await this.#run<readonly string[]>(() => this.#prepare(sql).pluck().all() as never, signal);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  protected async findBlob(
    sessionId: string,
    name: string,
    options: StorageOptions | undefined,
  ): Promise<DatabaseBlob | undefined> {
    const sql = "select blob, size_bytes as sizeBytes from store_blobs where session_id = ? and name = ?";
    const row = await this.#run<{ readonly blob: number; readonly sizeBytes: number } | undefined>(
      () => this.#prepare(sql).get(sessionId, name) as never,
      options?.signal,
    );
    return row && { blob: String(row.blob), sizeBytes: row.sizeBytes };
  }

  protected async beginBlob(options: StorageOptions | undefined): Promise<string> {
    const sql = "insert into store_uploads(owner, touched_at_ms) values(?, ?)";
    for (const blob of [...this.#undropped]) await this.dropBlob(blob);
    const add = (): number | bigint => this.#prepare(sql).run(this.#owner, this.#now()).lastInsertRowid;
    return String(await this.#run(add, options?.signal));
  }

  protected async putChunk(
    blob: string,
    number: number,
    bytes: Uint8Array,
    options: StorageOptions | undefined,
  ): Promise<void> {
    await this.#write(() => {
      const touch = "update store_uploads set touched_at_ms = ? where blob = ?";
      if (this.#prepare(touch).run(this.#now(), Number(blob)).changes === 0) throw this.#cleared();
      this.#prepare("insert into store_chunks values(?, ?, ?)").run(Number(blob), number, bytes);
    }, options?.signal);
  }

  protected async showBlob(
    blob: string,
    { sessionId, name, sizeBytes }: { readonly sessionId: string; readonly name: string; readonly sizeBytes: number },
    options: StorageOptions | undefined,
  ): Promise<boolean> {
    return await this.#write(() => {
      const sql = `insert into store_blobs(blob, session_id, name, size_bytes, put_at_ms) values(?, ?, ?, ?, ?)
        on conflict(session_id, name) do nothing`;
      const put = this.#prepare(sql).run(Number(blob), sessionId, name, sizeBytes, Math.floor(this.#now()));
      if (put.changes === 0) return false;
      if (this.#prepare("delete from store_uploads where blob = ?").run(Number(blob)).changes === 0)
        throw this.#cleared();
      return true;
    }, options?.signal);
  }

  protected async dropBlob(blob: string): Promise<void> {
    try {
      const sql = `delete from store_chunks where blob = ? and number in
        (select number from store_chunks where blob = ? order by number limit ${DELETED_CHUNKS})`;
      const drop = (): boolean => {
        if (this.#prepare(sql).run(Number(blob), Number(blob)).changes === DELETED_CHUNKS) return false;
        this.#prepare("delete from store_uploads where blob = ?").run(Number(blob));
        return true;
      };
      while (!(await this.#write(drop, undefined)));
      this.#undropped.delete(blob);
      await this.#giveBack();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#undropped.add(blob); // later, or by the next one who opens the store
    }
  }

  protected async readChunk(
    blob: string,
    number: number,
    { start, length }: { readonly start: number; readonly length: number },
    options: StorageOptions | undefined,
  ): Promise<Uint8Array | undefined> {
    const sql = "select substr(bytes, ?, ?) from store_chunks where blob = ? and number = ?";
    return await this.#run<Uint8Array | undefined>(
      () =>
        this.#prepare(sql)
          .pluck()
          .get(start + 1, length, Number(blob), number) as never,
      options?.signal,
    );
  }

  /** Deletes what is left of files whose writers or deleters are dead. */
  async #clearLeftovers(): Promise<void> {
    const sql = "select blob, owner, touched_at_ms as touchedAtMs from store_uploads";
    const uploads = await this.#run<readonly { blob: number; owner: string; touchedAtMs: number }[]>(
      () => this.#prepare(sql).all() as never,
      undefined,
    );
    for (const { blob, owner, touchedAtMs } of uploads) {
      // The clock may have been set back.
      const isOld = Math.abs(this.#now() - touchedAtMs) > MIN_AGE_MS;
      if (isOld && !isOwnerAlive(owner)) await this.dropBlob(String(blob));
    }
  }

  /** Gives free pages at the file's end back to the disk. */
  async #giveBack(): Promise<void> {
    const free = (database: Database): number => {
      database.pragma(`incremental_vacuum(${FREED_PAGES})`);
      return Number(database.pragma("freelist_count", { simple: true }));
    };
    for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
      const stillLeft = await this.#connection.run(free);
      if (stillLeft >= left) return; // somebody else deletes too, and gives back what that frees
      left = stillLeft;
    }
  }

  async #run<Result>(work: () => Result, signal: AbortSignal | undefined): Promise<Result> {
    throwIfAborted(signal);
    return await this.#connection.run(work, { signal });
  }

  async #write<Result>(work: () => Result, signal: AbortSignal | undefined): Promise<Result> {
    throwIfAborted(signal);
    return await this.#connection.write(work, { signal });
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #cleared(): StoreError {
    const message = `another process took a file that was being put in the store ${this.location} for left over: try again`;
    return new StoreError("T2A_STORE_UNAVAILABLE", message);
  }
}

/** Opens the store in a file, with its index in the same. */
export const openSqlite: OpenDriver<"sqlite"> = async ({ path }, { mustExist }) => {
  const storage = await SqliteStorage.open(path, { mustExist });
  try {
    const { openIndexWithin } = await import("../index/open-sqlite-index.js");
    return { storage, index: await openIndexWithin(path), check: "never" };
  } catch (error) {
    await storage.close();
    throw error;
  }
};

/** Whether who put a file is a process of this machine that is still there, as far as can be seen. */
function isOwnerAlive(owner: string): boolean {
  const [pid = "", boot = ""] = owner.split("/");
  return boot === (bootId() ?? "") && isAlive(Number(pid));
}
