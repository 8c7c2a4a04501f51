// Opening a store by its URL. The list of drivers: adding one is a file in drivers/, a line here, and its part of the
// conformance suite (test/conformance/storage.ts). What a driver needs is loaded when it is opened.
import { bootId } from "../files/index.js";
import type { StoreLocation } from "./location.js";
import { type OpenedStore, Store } from "./store.js";

/** What drivers may need beside the location. */
export interface OpenStoreOptions {
  /** Where an index goes that belongs to a store elsewhere: a folder of the user's own. */
  readonly cacheFolder: string;
  /** Opened for reading only: nothing is created. A store that is not there is `T2A_STORE_NOT_FOUND`. */
  readonly mustExist?: boolean | undefined;
}

/** Opens a store of one kind, made where there is none. */
export type OpenDriver<Driver extends StoreLocation["driver"]> = (
  location: Extract<StoreLocation, { driver: Driver }>,
  options: OpenStoreOptions,
) => Promise<OpenedStore>;

/** Every driver by the name that its URLs are parsed to. */
const DRIVERS: { readonly [Driver in StoreLocation["driver"]]?: () => Promise<OpenDriver<Driver>> } = {
  s3: async () => (await import("./drivers/s3.js")).openS3,
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
