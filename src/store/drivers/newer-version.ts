// That a store is of a version that came later than this t2a.
import { StoreError } from "../../core/index.js";

/** The error of a store that is left alone. `store` says where it is, without a password. */
export function newerVersion(store: string, version: number, latest: number): StoreError {
  return new StoreError(
    "T2A_STORE_VERSION",
    `the store ${store} is of version ${version}, and this t2a knows stores up to version ${latest}: update t2a to use it`,
    { details: { store, version, supported: latest } },
  );
}
