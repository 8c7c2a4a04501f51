// A store in a PostgreSQL database that several machines use at once: everything in tables `t2a_...` of the schema that
// the search path names first. Documents are bytes, since text there cannot hold U+0000.
import { StoreError } from "../../core/index.js";
import { PostgresIndex } from "../index/postgres-index.js";
import { checkDocumentName, checkName, conflict, namedConflict } from "../names.js";
import type { OpenDriver } from "../open-driver.js";
import type { BlobStat, DocumentStat, StorageOptions, StoredDocument } from "../storage.js";
import { type DatabaseBlob, DatabaseStorage } from "./database-storage.js";
import { PostgresClients } from "./postgres-clients.js";
import { bringForward, type PostgresMigrations } from "./postgres-migrations.js";

/** How a storage in PostgreSQL is opened. */
export interface PostgresStorageOptions extends StorageOptions {
  readonly mustExist?: boolean | undefined;
  readonly migrations?: PostgresMigrations | undefined;
}

/** The storage's tables, from nothing on. What has been released is never changed: a change is one more. */
export const STORAGE_MIGRATIONS: PostgresMigrations = [
  `
  CREATE TABLE t2a_documents (
    id text COLLATE "C" PRIMARY KEY,
    revision text COLLATE "C" NOT NULL,
    past text[] NOT NULL,
    json bytea NOT NULL
  );
  CREATE TABLE t2a_blobs (
    session_id text COLLATE "C",
    name text COLLATE "C",
    blob bigint NOT NULL,
    size_bytes bigint NOT NULL,
    put_at timestamptz NOT NULL,
    PRIMARY KEY (session_id, name)
  );
  CREATE TABLE t2a_uploads (
    blob bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    touched_at timestamptz NOT NULL
  );
  CREATE TABLE t2a_chunks (
    blob bigint,
    number int,
    bytes bytea NOT NULL,
    PRIMARY KEY (blob, number)
  );
  -- Compressed already, and read in parts.
  ALTER TABLE t2a_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;
  `,
  `
  CREATE TABLE t2a_named (
    name text COLLATE "C" PRIMARY KEY,
    revision text COLLATE "C" NOT NULL,
    past text[] NOT NULL,
    json bytea NOT NULL
  );
  `,
];

/** Revisions before the last one that a document remembers, so that a writer whose answer was lost finds its own. */
const PAST_REVISIONS = 16;
/** Rows of a list that are asked for at once. */
const PAGE_ROWS = 1000;
/** A writer that puts no chunk for so long is dead, by the server's clock. */
const LEFTOVER = "interval '1 day'";

interface BlobRow {
  readonly session_id: string;
  readonly name: string;
  readonly size_bytes: string;
  readonly put_at_ms: number;
}

const BLOB_COLUMNS = "session_id, name, size_bytes, (extract(epoch FROM put_at) * 1000)::float8 AS put_at_ms";

/** Sessions and recordings in a PostgreSQL database. */
export class PostgresStorage extends DatabaseStorage {
  readonly driver = "postgres";
  readonly location: string;
  readonly supports = { manyMachines: true, localPaths: false, durable: true };
  readonly #clients: PostgresClients;

  private constructor(clients: PostgresClients) {
    super();
    this.#clients = clients;
    this.location = clients.location;
  }

  /** Opens the storage, made where there is none. The connections stay the caller's, who closes them after it. */
  static async open(
    clients: PostgresClients,
    { mustExist, migrations = STORAGE_MIGRATIONS, signal }: PostgresStorageOptions = {},
  ): Promise<PostgresStorage> {
    await bringForward(clients, { part: "storage", migrations }, { mustExist, signal });
    const storage = new PostgresStorage(clients);
    await storage.sweep({ signal });
    return storage;
  }

  async findDocument(id: string, options?: StorageOptions): Promise<(StoredDocument & DocumentStat) | undefined> {
    checkName(id);
    const sql = "SELECT revision, json FROM t2a_documents WHERE id = $1";
    const { rows } = await this.#clients.query<{ revision: string; json: Buffer }>(sql, [id], options);
    const [row] = rows;
    return row && { id, revision: row.revision, json: textOf(row.json), tag: row.revision };
  }

  async putDocument(
    { id, revision, json }: StoredDocument,
    expected: string | undefined,
    options?: StorageOptions,
  ): Promise<string> {
    checkName(id);
    await this.#save(
      { table: "t2a_documents", key: "id" },
      { id, revision, json },
      expected,
      () => conflict(id),
      options,
    );
    return revision;
  }

  async findNamed(name: string, options?: StorageOptions): Promise<StoredDocument | undefined> {
    checkDocumentName(name);
    const sql = "SELECT revision, json FROM t2a_named WHERE name = $1";
    const { rows } = await this.#clients.query<{ revision: string; json: Buffer }>(sql, [name], options);
    const [row] = rows;
    return row && { id: name, revision: row.revision, json: textOf(row.json) };
  }

  async putNamed(document: StoredDocument, expected: string | undefined, options?: StorageOptions): Promise<void> {
    const { id: name } = document;
    checkDocumentName(name);
    await this.#save({ table: "t2a_named", key: "name" }, document, expected, () => namedConflict(name), options);
  }

  async *listNamed(options?: StorageOptions): AsyncGenerator<string> {
    const sql = "SELECT name FROM t2a_named ORDER BY name";
    const { rows } = await this.#clients.query<{ name: string }>(sql, [], options);
    for (const { name } of rows) yield name;
  }

  /** Compare-and-swap on a row of a table of documents. */
  async #save(
    { table, key }: { readonly table: string; readonly key: string },
    { id, revision, json }: StoredDocument,
    expected: string | undefined,
    refuse: () => StoreError,
    options: StorageOptions | undefined,
  ): Promise<void> {
    const bytes = bytesOf(json);
    await this.#clients.run(async ({ query }, tryNumber) => {
      const { count } =
        expected === undefined
          ? await query(
              `INSERT INTO ${table} (${key}, revision, past, json) VALUES ($1, $2, '{}', $3) ON CONFLICT DO NOTHING`,
              [id, revision, bytes],
            )
          : await query(
              `UPDATE ${table} SET revision = $2, past = (revision || past)[1:${PAST_REVISIONS}], json = $3
              WHERE ${key} = $1 AND revision = $4`,
              [id, revision, bytes, expected],
            );
      if (count > 0) return;
      // An earlier try may have done it, its answer lost; others may have saved since then.
      const sql = `SELECT 1 FROM ${table} WHERE ${key} = $1 AND (revision = $2 OR $2 = ANY (past))`;
      if (tryNumber === 1 || (await query(sql, [id, revision])).count === 0) throw refuse();
    }, options);
  }

  async deleteDocument(id: string, expected: string, options?: StorageOptions): Promise<void> {
    checkName(id);
    await this.#clients.run(async ({ query }, tryNumber) => {
      const sql = "DELETE FROM t2a_documents WHERE id = $1 AND revision = $2";
      if ((await query(sql, [id, expected])).count > 0) return;
      const isThere = async () => (await query("SELECT 1 FROM t2a_documents WHERE id = $1", [id])).count > 0;
      if (tryNumber === 1 || (await isThere())) throw conflict(id);
    }, options);
  }

  async *listDocuments(options?: StorageOptions): AsyncGenerator<DocumentStat> {
    const sql = `SELECT id, revision AS tag FROM t2a_documents WHERE id > $1 ORDER BY id LIMIT ${PAGE_ROWS}`;
    for (let last = ""; ; ) {
      const { rows } = await this.#clients.query<{ id: string; tag: string }>(sql, [last], options);
      yield* rows;
      if (rows.length < PAGE_ROWS) return;
      last = rows.at(-1)?.id ?? "";
    }
  }

  async statBlob(sessionId: string, name: string, options?: StorageOptions): Promise<BlobStat | undefined> {
    checkName(sessionId, name);
    const sql = `SELECT ${BLOB_COLUMNS} FROM t2a_blobs WHERE session_id = $1 AND name = $2`;
    const { rows } = await this.#clients.query<BlobRow>(sql, [sessionId, name], options);
    return rows[0] && statOf(rows[0]);
  }

  async deleteBlob(sessionId: string, name: string, options?: StorageOptions): Promise<void> {
    checkName(sessionId, name);
    const sql = `WITH gone AS (DELETE FROM t2a_blobs WHERE session_id = $1 AND name = $2 RETURNING blob)
      DELETE FROM t2a_chunks WHERE blob IN (SELECT blob FROM gone)`;
    await this.#clients.query(sql, [sessionId, name], options);
  }

  async *listBlobs({
    sessionId,
    ...options
  }: StorageOptions & { readonly sessionId?: string | undefined } = {}): AsyncGenerator<BlobStat> {
    if (sessionId !== undefined) checkName(sessionId);
    const which = sessionId === undefined ? "(session_id, name) > ($1, $2)" : "session_id = $1 AND name > $2";
    const sql = `SELECT ${BLOB_COLUMNS} FROM t2a_blobs WHERE ${which} ORDER BY session_id, name LIMIT ${PAGE_ROWS}`;
    for (let last = [sessionId ?? "", ""]; ; ) {
      const { rows } = await this.#clients.query<BlobRow>(sql, last, options);
      yield* rows.map(statOf);
      const row = rows.at(-1);
      if (row === undefined || rows.length < PAGE_ROWS) return;
      last = [row.session_id, row.name];
    }
  }

  /**
   * Deletes what writers left that have put nothing for a day, by the server's clock, or for `age` (an interval of
   * PostgreSQL's). Done at opening.
   */
  async sweep({ age, signal }: StorageOptions & { readonly age?: string | undefined } = {}): Promise<void> {
    const over = `touched_at < clock_timestamp() - ${age === undefined ? LEFTOVER : "$1::interval"}`;
    const values = age === undefined ? [] : [age];
    const { count } = await this.#clients.query(`SELECT 1 FROM t2a_uploads WHERE ${over} LIMIT 1`, values, { signal });
    if (count === 0) return;
    const sql = `WITH gone AS (DELETE FROM t2a_uploads WHERE ${over} RETURNING blob)
      DELETE FROM t2a_chunks WHERE blob IN (SELECT blob FROM gone)`;
    await this.#clients.query(sql, values, { signal, patience: 10 });
  }

  async close(): Promise<void> {
    await this.#clients.close();
  }

  protected async findBlob(
    sessionId: string,
    name: string,
    options: StorageOptions | undefined,
  ): Promise<DatabaseBlob | undefined> {
    const sql = `SELECT blob, size_bytes AS size FROM t2a_blobs WHERE session_id = $1 AND name = $2`;
    const { rows } = await this.#clients.query<{ blob: string; size: string }>(sql, [sessionId, name], options);
    return rows[0] && { blob: rows[0].blob, sizeBytes: Number(rows[0].size) };
  }

  protected async beginBlob(options: StorageOptions | undefined): Promise<string> {
    // A number that is drawn in vain, its answer lost, is swept.
    const sql = "INSERT INTO t2a_uploads (touched_at) VALUES (clock_timestamp()) RETURNING blob";
    const { rows } = await this.#clients.query<{ blob: string }>(sql, [], options);
    return rows[0]?.blob ?? "";
  }

  protected async putChunk(
    blob: string,
    number: number,
    bytes: Uint8Array,
    options: StorageOptions | undefined,
  ): Promise<void> {
    // Done twice it is done once. What was swept is not put again: what was there before it is gone.
    const sql = `WITH touched AS (UPDATE t2a_uploads SET touched_at = clock_timestamp() WHERE blob = $1 RETURNING blob)
      INSERT INTO t2a_chunks SELECT blob, $2, $3 FROM touched ON CONFLICT DO NOTHING`;
    await this.#clients.query(sql, [blob, number, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)], options);
  }

  protected async showBlob(
    blob: string,
    { sessionId, name, sizeBytes }: { readonly sessionId: string; readonly name: string; readonly sizeBytes: number },
    options: StorageOptions | undefined,
  ): Promise<boolean> {
    return await this.#clients.run(async ({ query }, tryNumber) => {
      // The row is locked first: either it is swept, or shown, and shown only if all of it is there.
      const sql = `WITH whole AS (SELECT blob FROM t2a_uploads WHERE blob = $1 FOR UPDATE),
        shown AS (
          INSERT INTO t2a_blobs SELECT $2, $3, blob, $4, clock_timestamp() FROM whole
          WHERE (SELECT coalesce(sum(octet_length(bytes)), 0) FROM t2a_chunks WHERE blob = $1) = $4
          ON CONFLICT DO NOTHING RETURNING blob)
        DELETE FROM t2a_uploads WHERE blob IN (SELECT blob FROM shown)`;
      if ((await query(sql, [blob, sessionId, name, sizeBytes])).count > 0) return true;
      const found = `SELECT blob FROM t2a_blobs WHERE session_id = $1 AND name = $2`;
      const { rows } = await query<{ blob: string }>(found, [sessionId, name]);
      const [row] = rows;
      if (row !== undefined) return tryNumber > 1 && row.blob === blob;
      throw new StoreError("T2A_STORE_UNAVAILABLE", `the file ${name} was put too slowly, and is swept: put it again`, {
        details: { id: sessionId, name, reason: "swept" },
      });
    }, options);
  }

  protected async dropBlob(blob: string): Promise<void> {
    const sql = `WITH gone AS (DELETE FROM t2a_uploads WHERE blob = $1 RETURNING blob)
      DELETE FROM t2a_chunks WHERE blob IN (SELECT blob FROM gone)`;
    try {
      await this.#clients.query(sql, [blob], { isOnce: true });
    } catch {
      // Swept later.
    }
  }

  protected async readChunk(
    blob: string,
    number: number,
    { start, length }: { readonly start: number; readonly length: number },
    options: StorageOptions | undefined,
  ): Promise<Uint8Array | undefined> {
    const sql = "SELECT substring(bytes FROM $3 FOR $4) AS bytes FROM t2a_chunks WHERE blob = $1 AND number = $2";
    const values = [blob, number, start + 1, length];
    const { rows } = await this.#clients.query<{ bytes: Buffer }>(sql, values, options);
    return rows[0]?.bytes;
  }
}

/** Opens the store in a database: its sessions and its index there. */
export const openPostgres: OpenDriver<"postgres"> = async (location, { mustExist }) => {
  const clients = new PostgresClients(location);
  try {
    const storage = await PostgresStorage.open(clients, { mustExist });
    const index = await PostgresIndex.open(clients, { mustExist, store: "postgres" });
    return { storage, index, check: "never" };
  } catch (error) {
    await clients.close();
    throw error;
  }
};

function statOf({ session_id, name, size_bytes, put_at_ms }: BlobRow): BlobStat {
  return { sessionId: session_id, name, sizeBytes: Number(size_bytes), putAtMs: Math.round(put_at_ms) };
}

/** What begins no UTF-8: the text is UTF-16 then, since it has halves of surrogate pairs. */
const UTF16 = Buffer.from([0xff, 0xfe]);

function bytesOf(text: string): Buffer {
  return /\p{Cs}/u.test(text) ? Buffer.concat([UTF16, Buffer.from(text, "utf16le")]) : Buffer.from(text, "utf8");
}

function textOf(bytes: Buffer): string {
  return bytes.subarray(0, 2).equals(UTF16) ? bytes.toString("utf16le", 2) : bytes.toString("utf8");
}
