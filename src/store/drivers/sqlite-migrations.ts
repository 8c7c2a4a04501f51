// The versions of a store's tables in SQLite: brought forward in one exclusive transaction, so that whoever ends meanwhile has done
// nothing, and left alone where a newer t2a made them.
import type { Database } from "better-sqlite3";
import { ulid } from "ulid";
import { StoreError } from "../../core/index.js";
import { newerVersion } from "./newer-version.js";

/** Brings the tables from one version to the next; it is in a transaction, and makes tables `store_...` only. */
export type SqliteMigration = (database: Database) => void;

/** From nothing on. What has been released is never changed: a change is one more. */
export const SQLITE_MIGRATIONS: readonly SqliteMigration[] = [
  (database) =>
    database.exec(`
      create table store_documents(id text primary key, revision text not null, json text not null);
      -- To list without reading the documents.
      create index store_document_tags on store_documents(id, revision);
      create table store_blobs(
        blob integer primary key, session_id text not null, name text not null, size_bytes integer not null,
        put_at_ms integer not null, unique(session_id, name)
      );
      -- Numbers are never used again: who reads what was deleted finds nothing, and not another file.
      create table store_uploads(blob integer primary key autoincrement, owner text not null, touched_at_ms integer not null);
      create table store_chunks(
        blob integer not null, number integer not null, bytes blob not null, primary key(blob, number)
      );`),
  (database) =>
    database.exec("create table store_named(name text primary key, revision text not null, json text not null)"),
];

/**
 * Holds a database against what can be used. Errors are SQLite's, and
 * @throws StoreError `T2A_STORE_VERSION`, `T2A_STORE_DAMAGED` where it is one of something else, `T2A_STORE_NOT_FOUND` with `mustExist`.
 */
export function checkTables(
  database: Database,
  { migrations, mustExist = false }: { migrations: readonly SqliteMigration[]; mustExist?: boolean | undefined },
): void {
  if (versionOf(database, migrations.length) > 0) return;
  if (mustExist) {
    const message = `there is no store in ${database.name}`;
    throw new StoreError("T2A_STORE_NOT_FOUND", message, { details: { path: database.name } });
  }
  refuseStranger(database);
}

function hasStoreTables(database: Database): boolean {
  return database.prepare("select 1 from sqlite_master where name = 'store_notes'").get() !== undefined;
}

/** Brings the tables to the last version. Quick where they have it. Errors are SQLite's and those of {@link checkTables}. */
export function bringTablesForward(database: Database, migrations: readonly SqliteMigration[]): void {
  if (versionOf(database, migrations.length) === migrations.length) return;
  const bring = (): void => {
    // Another process may have been first.
    const version = versionOf(database, migrations.length);
    if (version === migrations.length) return;
    if (version === 0) {
      refuseStranger(database);
      database.exec("create table store_notes(key text primary key, value not null) without rowid");
      database.prepare("insert into store_notes values('id', ?)").run(ulid());
    }
    for (const migrate of migrations.slice(version)) migrate(database);
    database.prepare("insert or replace into store_notes values('version', ?)").run(migrations.length);
  };
  database.transaction(bring).exclusive();
}

function versionOf(database: Database, latest: number): number {
  if (!hasStoreTables(database)) return 0;
  const version = database.prepare("select value from store_notes where key = 'version'").pluck().get();
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) {
    throw new StoreError("T2A_STORE_DAMAGED", `the store ${database.name} is damaged: it does not say its version`, {
      details: { name: database.name },
    });
  }
  if (version > latest) throw newerVersion(database.name, version, latest);
  return version;
}

function refuseStranger(database: Database): void {
  const table = database
    .prepare(
      `select name from sqlite_master where type = 'table' and name not like 'index\\_%' escape '\\'
        and name not like 'sqlite\\_%' escape '\\' limit 1`,
    )
    .pluck()
    .get();
  if (table === undefined) return;
  throw new StoreError("T2A_STORE_DAMAGED", `${database.name} is a database of something else: choose another file`, {
    details: { name: database.name },
  });
}
