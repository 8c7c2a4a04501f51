// The versions of tables in a PostgreSQL database: brought forward by one client while the others wait, and left alone where
// a newer t2a made them.
import { StoreError } from "../../core/index.js";
import type { StorageOptions } from "../storage.js";
import { newerVersion } from "./newer-version.js";
import type { PostgresClients } from "./postgres-clients.js";

/** Statements, each of which brings the tables of a part from the version of its place in the list to the next: `t2a_` tables only. */
export type PostgresMigrations = readonly string[];

/** A part of a store that has tables, and the statements that make them. */
export interface PostgresTables {
  /** `storage`, `index`. */
  readonly part: string;
  readonly migrations: PostgresMigrations;
}

/** What to do where there are no tables. */
export interface BringForwardOptions extends StorageOptions {
  /** Nothing is made: that there are none is `T2A_STORE_NOT_FOUND`. */
  readonly mustExist?: boolean | undefined;
}

/** Brings a part's tables to the last version. Quick where they have it. @throws StoreError `T2A_STORE_VERSION`, `T2A_STORE_NOT_FOUND`. */
export async function bringForward(
  clients: PostgresClients,
  { part, migrations }: PostgresTables,
  { mustExist, signal }: BringForwardOptions = {},
): Promise<void> {
  const read = async (query: PostgresClients["query"]): Promise<number> => {
    const { rows } = await query<{ version: number }>("SELECT version FROM t2a_versions WHERE part = $1", [part]);
    return rows[0]?.version ?? 0;
  };
  // One statement may not name a table that is not there.
  const isThere = async (): Promise<boolean> => {
    const sql = "SELECT to_regclass('t2a_versions') IS NOT NULL AS is";
    return (await clients.query<{ is: boolean }>(sql, [], { signal })).rows[0]?.is === true;
  };
  const check = (version: number): boolean => {
    if (version > migrations.length) throw newerVersion(clients.location, version, migrations.length);
    return version === migrations.length;
  };
  const version = (await isThere()) ? await read((sql, values) => clients.query(sql, values, { signal })) : 0;
  if (check(version)) return;
  if (version === 0 && mustExist) {
    throw new StoreError("T2A_STORE_NOT_FOUND", `there is no store at ${clients.location}: record something first`, {
      details: { location: clients.location },
    });
  }
  // Large tables take their time.
  const patience = 100;
  const bring = async ({ query }: Pick<PostgresClients, "query">): Promise<void> => {
    // Until the transaction's end; stores in other schemas are not waited for.
    await query("SELECT pg_advisory_xact_lock(hashtextextended('t2a ' || current_schema(), 0))");
    // Whether there is one could be an answer from before the lock; this is not.
    await query("CREATE TABLE IF NOT EXISTS t2a_versions (part text PRIMARY KEY, version int NOT NULL)");
    const current = await read(query);
    if (check(current)) return;
    for (const sql of migrations.slice(current)) {
      for (const statement of sql.split(/;\s*$/m)) if (statement.trim() !== "") await query(statement);
    }
    await query(
      "INSERT INTO t2a_versions VALUES ($1, $2) ON CONFLICT (part) DO UPDATE SET version = excluded.version",
      [part, migrations.length],
    );
  };
  await clients.transaction((statements) => bring(statements as Pick<PostgresClients, "query">), { signal, patience });
}
