// Text indexes kept in a folder between runs, so that a recording is read for its text once. A file is found by what it was made
// of; one that is damaged is made anew; what was not used for longest goes first. A cache that cannot be read or written is none.
import { createHash, randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { mkdir, readdir, readFile, realpath, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../core/index.js";
import { SCREEN_ENGINE } from "../terminal/index.js";
import type { TextIndex } from "./text-index.js";
import { TEXT_INDEX_VERSION, textIndexFromBytes, textIndexToBytes } from "./text-index-bytes.js";

/** Bytes of all files together at most. */
export const MAX_TEXT_CACHE_BYTES = 512 * 1024 * 1024;

/** A folder of text indexes, of this user alone. */
export class TextCache {
  readonly #folder: string;
  readonly #maxBytes: number;

  /** `folder` is made when something is kept there first. */
  constructor(folder: string, { maxBytes = MAX_TEXT_CACHE_BYTES } = {}) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** What an index of the file as it now is goes by: another file, another content, another engine give another key. */
  static async keyOf(path: string): Promise<string | undefined> {
    return await unlessSystem(async () => {
      const real = await realpath(path);
      const file = await stat(real, { bigint: true });
      return file.isFile() ? keyOf(real, file) : undefined;
    });
  }

  /** The index of that key; undefined where there is none that is whole. */
  async load(key: string): Promise<TextIndex | undefined> {
    const path = this.#path(key);
    return await unlessSystem(async () => {
      const { size } = await stat(path);
      const index = size <= this.#maxBytes ? await textIndexFromBytes(await readFile(path)) : undefined;
      if (index === undefined) await rm(path);
      else await utimes(path, new Date(), new Date());
      return index;
    });
  }

  /** Keeps a complete index, where it fits. */
  async save(key: string, index: TextIndex): Promise<void> {
    const bytes = await textIndexToBytes(index);
    if (bytes.length > this.#maxBytes) return;
    await unlessSystem(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#makeRoom(bytes.length);
      await writeBeside(this.#path(key), bytes);
    });
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.t2atext`);
  }

  async #makeRoom(bytes: number): Promise<void> {
    const files = await Promise.all((await readdir(this.#folder)).map((name) => figuresOf(join(this.#folder, name))));
    const known = files.flat().sort((one, other) => one.usedMs - other.usedMs);
    let total = known.reduce((sum, { size }) => sum + size, bytes);
    for (const { path, size } of known) {
      if (total <= this.#maxBytes) return;
      await rm(path, { force: true });
      total -= size;
    }
  }
}

function keyOf(path: string, { size, mtimeNs, ino, dev }: BigIntStats): string {
  const parts = [path, size, mtimeNs, ino, dev, TEXT_INDEX_VERSION, SCREEN_ENGINE];
  return createHash("sha256")
    .update(JSON.stringify(parts.map(String)))
    .digest("hex");
}

/** Only files of this cache are counted, and ever removed; those that a killed process left half-written too. */
async function figuresOf(path: string): Promise<{ path: string; size: number; usedMs: number }[]> {
  if (!/\.t2atext(-[0-9a-f]+)?$/.test(path)) return [];
  const file = await unlessSystem(() => stat(path));
  return file?.isFile() ? [{ path, size: file.size, usedMs: file.mtimeMs }] : [];
}

async function writeBeside(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}-${randomBytes(8).toString("hex")}`;
  try {
    await writeFile(beside, bytes, { mode: 0o600, flag: "wx" });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** What the system refuses is no error here: the cache is a help, no more. */
async function unlessSystem<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
