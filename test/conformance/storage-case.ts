// What the conformance suite is told of a storage, and the documents and files that its tests are made from.
import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";
import type { SessionStorage, StoredDocument } from "../../src/store/index.js";

/** How a storage is opened once more, beside by whoever has it open. */
export interface OpenStorageOptions {
  /** Wall clock, milliseconds since 1970, of a machine whose clock is wrong. */
  readonly now?: () => number;
}

/** A store of a test's own, empty at first. What `create` started ends with the test. */
export interface StorageUnderTest {
  /** Opens it, as one more process would. The suite closes what it opened. */
  readonly open: (options?: OpenStorageOptions) => Promise<SessionStorage>;
  /**
   * The text of an ES module for other processes, which defines a function `open` that does the same: `from "src/...` is
   * the built module. Absent: the storage is this process's own.
   */
  readonly program?: string;
  /** Whatever lies in the store and belongs to no document and no file: what killed writers left. */
  readonly countLeftovers: () => Promise<number>;
  /** Clears what killed writers left, as if they had been killed long ago. */
  readonly cleanUp: () => Promise<void>;
}

/** A storage and what the suite needs to know to test it. */
export interface StorageCase {
  /** The driver's. */
  readonly name: string;
  readonly create: () => Promise<StorageUnderTest>;
  /** Documents where many are asked for; 10,000 unless that takes more than a few seconds. */
  readonly sessions?: number;
  /** Writers that are killed; 24 unless that takes more than a few seconds. */
  readonly kills?: number;
  /** Something secret in the store's URL. */
  readonly secret?: string;
  readonly skip?: readonly { readonly test: StorageTest; readonly reason: string }[];
}

/** The tests, by the names that skips use: rows of the conformance table. */
export type StorageTest =
  | "an empty store has nothing"
  | "a document is kept to the letter"
  | "compare-and-swap"
  | "tags change with every save"
  | "documents are deleted, files stay"
  | "documents are listed by id"
  | "any Unicode"
  | "many sessions"
  | "names that are none"
  | "documents of the store itself"
  | "a document of the store itself, eight at once"
  | "files of all sizes"
  | "ranges at all borders"
  | "a file is never replaced"
  | "a file put twice at once"
  | "a stream that fails"
  | "a signal"
  | "files are listed by session and name"
  | "files are deleted, and put again"
  | "a file deleted while it is read"
  | "listing while writing"
  | "flat memory"
  | "eight writing processes"
  | "eight processes, one file"
  | "writers killed at any point"
  | "a clock that is wrong"
  | "closed twice"
  | "nothing secret is shown";

/** Opens a store until the test is over. */
export async function openedFor(store: StorageUnderTest, options?: OpenStorageOptions): Promise<SessionStorage> {
  const storage = await store.open(options);
  onTestFinished(() => storage.close());
  return storage;
}

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID that a number stands for; greater ones sort behind. */
export function idOf(number: number): string {
  let text = "";
  for (let rest = number; text.length < 16; rest = Math.floor(rest / 32)) text = (DIGITS[rest % 32] ?? "") + text;
  return `01KAMEX5G0${text}`;
}

/** A document of a session, with its so-manyth revision. Its text is about as long as real ones are. */
export function documentOf(id: string, count = 1, more: Readonly<Record<string, unknown>> = {}): StoredDocument {
  const revision = `${count}-${idOf(count)}`;
  const json = `${JSON.stringify({ version: 1, id, revision, ...more, padding: "x".repeat(1500) }, null, 2)}\n`;
  return { id, revision, json };
}

/** Bytes that only this name stands for; the same each time. */
export function bytesOf(name: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  const seed = createHash("sha256").update(name).digest();
  for (let at = 0, block = 0; at < length; at += seed.length, block++) {
    seed.writeUInt32LE(block);
    seed.copy(bytes, at);
  }
  return bytes;
}

/** The bytes in chunks. */
export async function* inChunks(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All of it in one piece. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** All of it in an array. */
export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
