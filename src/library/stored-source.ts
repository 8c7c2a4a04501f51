// A file of a store as a source, read by its ranges as they are asked for: for looking at it once.
import { type Source, StoreError } from "../core/index.js";
import type { SessionStorage } from "../store/index.js";

/** Opens nothing: what is not there fails when it is read. Closing is nothing either. */
export function storedSource(
  storage: SessionStorage,
  { sessionId, name, sizeBytes }: { readonly sessionId: string; readonly name: string; readonly sizeBytes: number },
  signal?: AbortSignal,
): Source {
  return {
    name,
    supports: { restart: true, ranges: true, siblings: false, follow: false },
    stream: () => storage.readBlob(sessionId, name, { signal }),
    size: async () => sizeBytes,
    readRange: (start, length) => storage.readBlobRange(sessionId, name, { start, length }, { signal }),
    sibling: async () => undefined,
    watch() {
      throw new StoreError("T2A_FORMAT_UNSUPPORTED", `${name} is in a store, where nobody writes it any more`);
    },
    close: async () => {},
  };
}
