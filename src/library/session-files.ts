// The files that a session's document lists, and reading them in a way that tells whether they are what was put.
import { createHash } from "node:crypto";
import { StoreError } from "../core/index.js";
import type { Session, SessionStorage } from "../store/index.js";

/** A file as a document lists it. */
export interface ListedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The files of a session: its recordings, what they were made of, and its commands where they have a file. */
export function listedFiles({ recordings, commands }: Pick<Session, "recordings" | "commands">): readonly ListedFile[] {
  const all = [...recordings.flatMap((recording) => [recording, recording.original]), commands];
  return all.flatMap((file) =>
    file === undefined ? [] : [{ name: file.name, sizeBytes: file.sizeBytes, sha256: file.sha256 }],
  );
}

/**
 * The chunks as they come; at their end they must have been what is listed.
 * @throws StoreError `T2A_STORE_DAMAGED` as soon as they cannot be any more; `T2A_ABORTED` by the signal; what `chunks` throws.
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  { name, sizeBytes, sha256 }: ListedFile,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of chunks) {
    throwIfAborted(signal);
    size += chunk.length;
    if (size > sizeBytes) throw notAsListed(name, `it is larger than ${sizeBytes} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  if (size < sizeBytes) throw notAsListed(name, `it has ${size} of ${sizeBytes} bytes`);
  if (hash.digest("hex") !== sha256) throw notAsListed(name, "its SHA-256 is another");
}

/**
 * Reads a stored file and holds it against what is listed.
 * @throws StoreError `T2A_STORE_DAMAGED`, `T2A_STORE_NOT_FOUND`; what reading throws.
 */
export async function verifyStored(
  storage: SessionStorage,
  sessionId: string,
  file: ListedFile,
  { signal, onBytes }: { readonly signal?: AbortSignal | undefined; readonly onBytes?: (bytes: number) => void } = {},
): Promise<void> {
  for await (const chunk of verified(storage.readBlob(sessionId, file.name, { signal }), file, signal))
    onBytes?.(chunk.length);
}

/** As `signal.throwIfAborted`, with t2a's own error. @throws StoreError `T2A_ABORTED`. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StoreError("T2A_ABORTED", "interrupted", { cause: signal.reason });
}

function notAsListed(name: string, reason: string): StoreError {
  return new StoreError("T2A_STORE_DAMAGED", `the file ${name} is not what was put: ${reason}`, {
    details: { name, reason },
  });
}

/** Whether an error is one of the store's, of this code. */
export function isStoreError(error: unknown, code: StoreError["code"]): error is StoreError {
  return error instanceof StoreError && error.code === code;
}
