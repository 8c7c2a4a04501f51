// Opening a store by its URL. The list of drivers: adding one is a file in drivers/, a line here, and its part of the
// conformance suite (test/conformance/storage.ts). What a driver needs is loaded when it is opened.
import { bootId } from "../files/index.js";
import type { StoreLocation } from "./location.js";
import type { OpenDriver, OpenStoreOptions } from "./open-driver.js";
import { Store } from "./store.js";

export type { OpenDriver, OpenStoreOptions } from "./open-driver.js";

/** Every driver by the name that its URLs are parsed to. */
const DRIVERS: { readonly [Driver in StoreLocation["driver"]]?: () => Promise<OpenDriver<Driver>> } = {
  files: async () => (await import("./drivers/files.js")).openFiles,
  sqlite: async () => (await import("./drivers/sqlite.js")).openSqlite,
  postgres: async () => (await import("./drivers/postgres.js")).openPostgres,
  s3: async () => (await import("./drivers/s3.js")).openS3,
  memory: async () => (await import("./drivers/memory.js")).openMemory,
};

/**
 * Opens the store at a location, made where there is none. Whoever opens it closes it.
 * @throws StoreError `T2A_STORE_UNAVAILABLE`, `T2A_STORE_VERSION`, `T2A_STORE_DAMAGED`, `T2A_FILE_IO`; AccessError `T2A_ACCESS`.
 */
export async function openStore(location: StoreLocation, options: OpenStoreOptions): Promise<Store> {
  const load = DRIVERS[location.driver] as (() => Promise<OpenDriver<StoreLocation["driver"]>>) | undefined;
  if (load === undefined) throw new TypeError(`no driver ${location.driver}`);
  const open = await load();
  return new Store(await open(location, options), { bootId: bootId() });
}
