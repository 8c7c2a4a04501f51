// A recording as a store gives it.
import type { Source } from "../core/index.js";
import { openBlobSource as openBlob, type Store } from "../store/index.js";

/** Opens a file of a session in a store for reading. @throws StoreError `T2A_STORE_NOT_FOUND`. */
export async function openBlobSource(store: Store, sessionId: string, name: string): Promise<Source> {
  return await openBlob(store.storage, sessionId, name);
}
