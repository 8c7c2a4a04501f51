// What a driver's file gives: a function that opens stores of its kind.
import type { StoreLocation } from "./location.js";
import type { OpenedStore } from "./store.js";

/** What drivers may need beside the location. */
export interface OpenStoreOptions {
  /** Where an index goes that belongs to a store elsewhere: a folder of the user's own. */
  readonly cacheFolder: string;
  /** Opened for reading only: nothing is created. A store that is not there is `T2A_STORE_NOT_FOUND`. */
  readonly mustExist?: boolean | undefined;
  /**
   * The index is in memory, for who has to go on though the disk is full; others hold theirs against the store then. Of stores in files
   * alone.
   */
  readonly isIndexInMemory?: boolean | undefined;
}

/** Opens a store of one kind, made where there is none. */
export type OpenDriver<Driver extends StoreLocation["driver"]> = (
  location: Extract<StoreLocation, { driver: Driver }>,
  options: OpenStoreOptions,
) => Promise<OpenedStore>;
