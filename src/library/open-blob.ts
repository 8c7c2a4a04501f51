// A recording as a store gives it.
import { type Source, StoreError } from "../core/index.js";
import type { Store } from "../store/index.js";
import { storedSource } from "./stored-source.js";

/** Opens a file of a session in a store for reading. @throws StoreError `T2A_STORE_NOT_FOUND`. */
export async function openBlobSource(store: Store, sessionId: string, name: string): Promise<Source> {
  const stat = await store.storage.statBlob(sessionId, name);
  if (stat === undefined) {
    throw new StoreError(
      "T2A_STORE_NOT_FOUND",
      `the store has lost ${name} of the session ${sessionId}: t2a library fsck`,
      {
        details: { id: sessionId, name },
      },
    );
  }
  return storedSource(store.storage, stat);
}
