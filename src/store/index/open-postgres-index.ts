// Opening an index in PostgreSQL of a store that is elsewhere.
import { PostgresClients } from "../drivers/postgres-clients.js";
import type { PostgresLocation } from "../location.js";
import { PostgresIndex, type PostgresIndexOptions } from "./postgres-index.js";

/**
 * Opens the index at a location, made where there is none; closing it ends its connections. `store` tells the store from
 * others.
 * @throws UsageError `T2A_STORE_URL` where another store's is there; StoreError `T2A_STORE_UNAVAILABLE`, `T2A_STORE_VERSION`.
 */
export async function openPostgresIndex(
  location: PostgresLocation,
  store: string,
  options: Omit<PostgresIndexOptions, "store" | "ownsClients"> = {},
): Promise<PostgresIndex> {
  const clients = new PostgresClients(location);
  try {
    return await PostgresIndex.open(clients, { ...options, store, ownsClients: true });
  } catch (error) {
    await clients.close();
    throw error;
  }
}
