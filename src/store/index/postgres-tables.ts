// The tables of an index in PostgreSQL. Grams are numbers under GIN: so no extension is needed, texts of one and two characters and
// of any language are found alike, and the newest rows can be asked for first. They are kept packed; what is indexed is a function of
// them. No statistics of it are gathered: that would unpack many thousand rows to learn what nobody asks.
import type { PostgresMigrations } from "../drivers/postgres-migrations.js";
import { CODES_FUNCTION } from "./gram-codes.js";

/**
 * Kilobytes of grams of passages that may wait to be put in order before one who adds some has to do it within that statement: more than
 * those let wait who see to it (see postgres-texts.ts).
 */
const WAITING_KB = 256 * 1024;

const gramsIndex = (name: string, table: string, options = "") => `
  CREATE INDEX ${name} ON ${table} USING gin (t2a_index_codes(row, grams)) ${options};
  ALTER INDEX ${name} ALTER COLUMN 1 SET STATISTICS 0;
  ALTER TABLE ${table} ALTER COLUMN grams SET STORAGE EXTERNAL;`;

/** From nothing on. What has been released is never changed: a change is one more. */
export const INDEX_MIGRATIONS: PostgresMigrations = [
  `
  ${CODES_FUNCTION}
  CREATE TABLE t2a_index_notes (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);
  CREATE TABLE t2a_index_pending (
    note bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
    owner text NOT NULL,
    since_ms bigint NOT NULL
  );
  CREATE INDEX t2a_index_pending_of ON t2a_index_pending (id, owner);

  CREATE TABLE t2a_index_sessions (
    row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    saves bigint NOT NULL,
    tag text COLLATE "C" NOT NULL,
    is_deleted boolean NOT NULL,
    created_ms bigint NOT NULL,
    active_ms bigint NOT NULL,
    duration_ns bigint NOT NULL,
    stored_bytes bigint NOT NULL,
    output_bytes bigint NOT NULL,
    recordings int NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    is_failed boolean NOT NULL,
    command text COLLATE "C" NOT NULL,
    agent text COLLATE "C",
    host text COLLATE "C",
    "user" text COLLATE "C",
    program text COLLATE "C" NOT NULL,
    tags text[] COLLATE "C" NOT NULL,
    json bytea NOT NULL
  ) WITH (toast_tuple_target = 256);
  -- Beside, since they hardly ever change and the rest does with each save.
  CREATE TABLE t2a_index_session_grams (row bigint PRIMARY KEY, grams bytea NOT NULL);
  CREATE INDEX t2a_index_by_created ON t2a_index_sessions (is_deleted, created_ms, id);
  CREATE INDEX t2a_index_by_active ON t2a_index_sessions (is_deleted, active_ms, id);
  CREATE INDEX t2a_index_by_name ON t2a_index_sessions (is_deleted, left(name_folded, 256), id);
  CREATE INDEX t2a_index_by_duration ON t2a_index_sessions (is_deleted, duration_ns, id);
  CREATE INDEX t2a_index_by_size ON t2a_index_sessions (is_deleted, stored_bytes, id);
  ${gramsIndex("t2a_index_session_grams_in", "t2a_index_session_grams")}

  CREATE TABLE t2a_index_recordings (
    row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    title text,
    title_folded text NOT NULL,
    text_title text,
    start_ms float8 NOT NULL,
    text bigint,
    text_version int NOT NULL DEFAULT 0,
    UNIQUE (session, id)
  );
  CREATE UNIQUE INDEX t2a_index_recordings_text ON t2a_index_recordings (text);
  CREATE INDEX t2a_index_recordings_version ON t2a_index_recordings (text_version);
  -- What is taken in as one: not seen before a recording names it. touched_at: null once it is seen, -infinity when it is to go.
  CREATE TABLE t2a_index_texts (
    row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recording bigint NOT NULL,
    touched_at timestamptz
  );
  CREATE INDEX t2a_index_texts_hidden ON t2a_index_texts (touched_at) WHERE touched_at IS NOT NULL;
  -- Some passages a row: they have many grams together that they would have each. Rows are short, and what is long in them is
  -- beside: many are gone over for one that is looked at. lines: how many each of the passages has.
  CREATE TABLE t2a_index_packs (
    row bigint PRIMARY KEY,
    text bigint NOT NULL,
    first_ns bigint NOT NULL,
    last_ns bigint NOT NULL,
    lines int[] NOT NULL,
    bytes bytea NOT NULL,
    grams bytea NOT NULL
  ) WITH (toast_tuple_target = 128);
  ALTER TABLE t2a_index_packs ALTER COLUMN bytes SET STORAGE EXTERNAL;
  CREATE SEQUENCE t2a_index_packs_row OWNED BY t2a_index_packs.row;
  CREATE INDEX t2a_index_packs_of ON t2a_index_packs (text);
  ${gramsIndex("t2a_index_pack_grams", "t2a_index_packs", `WITH (gin_pending_list_limit = ${WAITING_KB})`)}
  CREATE TABLE t2a_index_blocks (
    row bigint PRIMARY KEY,
    text bigint NOT NULL,
    has_failed boolean NOT NULL,
    grams bytea NOT NULL
  ) WITH (toast_tuple_target = 128);
  CREATE SEQUENCE t2a_index_blocks_row OWNED BY t2a_index_blocks.row;
  CREATE INDEX t2a_index_blocks_of ON t2a_index_blocks (text);
  ${gramsIndex("t2a_index_block_grams", "t2a_index_blocks")}
  CREATE TABLE t2a_index_commands (
    block bigint,
    number bigint,
    line text NOT NULL,
    cwd text,
    start_ns bigint NOT NULL,
    duration_ns bigint,
    exit_status int,
    PRIMARY KEY (block, number)
  );
  `,
];
