// A recording as a store gives it.
import { type Source, StoreError } from "../core/index.js";
import type { Store } from "../store/index.js";

/** Opens a file of a session in a store for reading. */
export async function openBlobSource(_store: Store, sessionId: string, name: string): Promise<Source> {
  throw new StoreError("T2A_STORE_NOT_FOUND", `cannot read ${name} of ${sessionId} yet`);
}
