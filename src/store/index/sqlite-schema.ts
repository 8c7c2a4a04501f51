// The tables of an index in SQLite. It is a cache: of another version, or damaged, it is made anew.
import type { Database } from "better-sqlite3";

/** Raised whenever the tables change. */
const SCHEMA_VERSION = "3";
/** Raised whenever the same recording would give other text: what older ones took in is taken in again. */
export const TEXT_VERSION = 1;

/** Tokens are grams, made by us; a row is a passage, a block of commands or a session; no text is kept there, and no places in it. */
const grams = (name: string) =>
  `create virtual table ${name} using fts5(grams, content='', contentless_delete=1, detail=none, tokenize='ascii');
   insert into ${name}(${name}, rank) values('hashsize', ${8 * 1024 * 1024});`;

const TABLES = `
create table index_notes(key text primary key, value text not null) without rowid;
create table index_pending(
  id text not null, owner text not null, notes integer not null, since_ms integer not null, primary key(id, owner)
) without rowid;

create table index_sessions(
  row integer primary key, id text not null unique, saves integer not null, tag text not null, is_deleted integer not null,
  created_ms integer not null, active_ms integer not null, duration_ns integer not null, stored_bytes integer not null,
  output_bytes integer not null, recordings integer not null, name text not null, name_folded text not null, status text not null, is_failed integer not null,
  command text not null, agent text, host text, user text, program text not null
);
-- What most filters ask for is in it: sessions are not looked up one by one for that.
create index index_by_created on index_sessions(
  is_deleted, created_ms, id, host, user, agent, status, is_failed, duration_ns
);
create index index_by_active on index_sessions(is_deleted, active_ms, id);
create index index_by_name on index_sessions(is_deleted, name_folded, id);
create index index_named on index_sessions(name);
create index index_by_duration on index_sessions(is_deleted, duration_ns, id);
create index index_by_size on index_sessions(is_deleted, stored_bytes, id);
create table index_documents(row integer primary key, json text not null, words text not null);
-- With what most lists of a tag are sorted by, and leave out.
create table index_tags(
  tag text not null, is_deleted integer not null, created_ms integer not null, id text not null, session integer not null,
  primary key(tag, is_deleted, created_ms, id)
) without rowid;
create index index_tags_of on index_tags(session);

create table index_recordings(
  row integer primary key, session integer not null, id text not null, title text, title_folded text, text_title text,
  start_ms integer not null,
  text integer, text_version integer not null default 0, unique(session, id)
);
create index index_recordings_by_version on index_recordings(text_version);
-- What is taken in as one: not seen before index_recordings.text names it. touched_ms: null once it is seen, 0 when it is to go.
create table index_texts(row integer primary key, recording integer not null, touched_ms integer);
create index index_texts_hidden on index_texts(touched_ms) where touched_ms is not null;
-- Passages are found one by one, but packed some at a time, which makes them smaller: so many lines from the first_line of the pack on.
create table index_packs(row integer primary key, bytes blob not null);
create table index_passages(
  row integer primary key, text integer not null, first_ns integer not null, last_ns integer not null, pack integer not null,
  first_line integer not null, lines integer not null
);
create index index_passages_of on index_passages(text);
create table index_blocks(row integer primary key, text integer not null);
create index index_blocks_of on index_blocks(text);
create table index_commands(
  block integer not null, number integer not null, line text not null, cwd text, start_ns integer not null, duration_ns integer,
  exit_status integer, primary key(block, number)
) without rowid;
create index index_commands_failed on index_commands(block) where exit_status <> 0;
${grams("index_session_grams")}
${grams("index_passage_grams")}
${grams("index_block_grams")}
`;

/** Makes the tables where there are none, and anew where they are of another version. */
export function prepareTables(database: Database): void {
  database.pragma("busy_timeout = 5000"); // several may come to make them at once
  if (versionOf(database) === SCHEMA_VERSION) return;
  database
    .transaction(() => {
      if (versionOf(database) !== SCHEMA_VERSION) remakeTables(database);
    })
    .immediate();
}

/** Makes the tables anew, with nothing in them. To be called within a transaction. */
export function remakeTables(database: Database): void {
  dropTables(database);
  database.exec(TABLES);
  database.prepare("insert into index_notes values('version', ?)").run(SCHEMA_VERSION);
}

function versionOf(database: Database): string | undefined {
  const has = database.prepare("select 1 from sqlite_master where name = 'index_notes'").get() !== undefined;
  if (!has) return undefined;
  return database.prepare("select value from index_notes where key = 'version'").pluck().get() as string | undefined;
}

/** Those of FTS5 take theirs with them. */
function dropTables(database: Database): void {
  const tables = database
    .prepare(
      "select name from sqlite_master where type = 'table' and name like 'index\\_%' escape '\\' order by sql like 'create virtual%' desc",
    )
    .pluck()
    .all() as string[];
  for (const table of tables) database.exec(`drop table if exists "${table.replaceAll('"', '""')}"`);
}
