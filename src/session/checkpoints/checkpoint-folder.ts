// The checkpoints of one session: a folder of small files by number. The newest is the checkpoint, those before it are its backups. A file is
// written aside, synced and renamed, so that whoever is killed when leaves the ones before as they are.
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { StoreError, systemCode } from "../../core/index.js";
import { replacePrivateFileAside } from "../../files/index.js";
import { type Checkpoint, formatCheckpoint, MAX_CHECKPOINT_BYTES, parseCheckpoint } from "./checkpoint.js";

/** Files that a session has at most, the newest among them. */
export const MAX_CHECKPOINT_FILES = 20;

const FILE = /^([1-9][0-9]{0,14})\.json$/;
const TEMPORARY = /^\.[0-9]+(?:\.json)?\.[0-9]+\.new$/;

/** A file in the folder. */
export interface CheckpointFile {
  readonly number: number;
  readonly path: string;
  /** Undefined where it is damaged. */
  readonly checkpoint: Checkpoint | undefined;
  /** Milliseconds since 1970: when it was written. */
  readonly writtenMs: number;
}

/** What a session is to be resumed from. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Files of later ones that cannot be read. */
  readonly damaged: readonly string[];
}

/** The folder. One process writes to it. */
export class CheckpointFolder {
  readonly folder: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** All there are, newest first. @throws StoreError `T2A_FILE_IO`. */
  async list(): Promise<readonly CheckpointFile[]> {
    const files: CheckpointFile[] = [];
    for (const number of await this.#numbers()) {
      const path = this.#pathOf(number);
      const found = await read(path);
      if (found === undefined) continue;
      const checkpoint = found.text === undefined ? undefined : parseCheckpoint(found.text);
      const isOwn = checkpoint?.number === number;
      files.push({ number, path, checkpoint: isOwn ? checkpoint : undefined, writtenMs: found.writtenMs });
    }
    return files;
  }

  /** The newest that can be read; undefined where there is none. @throws StoreError `T2A_FILE_IO`. */
  async findLast(): Promise<FoundCheckpoint | undefined> {
    const files = await this.list();
    const at = files.findIndex(({ checkpoint }) => checkpoint !== undefined);
    const checkpoint = files[at]?.checkpoint;
    return checkpoint && { checkpoint, damaged: files.slice(0, at).map(({ path }) => path) };
  }

  /**
   * Writes the next one, and deletes the oldest beyond `backups` before it. It survives a power cut once this has resolved.
   * @throws StoreError `T2A_FILE_IO`.
   */
  async write(checkpoint: Omit<Checkpoint, "number">, backups: number): Promise<Checkpoint> {
    const turn = this.#turn.then(() => this.#write(checkpoint, backups));
    this.#turn = turn.catch(() => {});
    return await turn;
  }

  async #write(facts: Omit<Checkpoint, "number">, backups: number): Promise<Checkpoint> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await this.#removeTemporary();
      const numbers = await this.#numbers();
      const checkpoint: Checkpoint = { number: (numbers[0] ?? 0) + 1, ...facts };
      const { number } = checkpoint;
      await replacePrivateFileAside(this.#pathOf(number), formatCheckpoint(checkpoint));
      const kept = Math.min(Math.max(backups, 0) + 1, MAX_CHECKPOINT_FILES);
      for (const old of [number, ...numbers].slice(kept)) await rm(this.#pathOf(old), { force: true });
      return checkpoint;
    } catch (error) {
      const reason = systemCode(error) ?? String(error);
      throw new StoreError("T2A_FILE_IO", `cannot write a checkpoint in ${this.folder}: ${reason}`, {
        cause: error,
        details: { name: this.folder, systemCode: systemCode(error) },
      });
    }
  }

  /** What killed writers left. */
  async #removeTemporary(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (TEMPORARY.test(name)) await rm(join(this.folder, name), { force: true });
    }
  }

  /** Newest first. */
  async #numbers(): Promise<readonly number[]> {
    try {
      const names = await readdir(this.folder);
      return names
        .flatMap((name) => FILE.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((one, other) => other - one);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw new StoreError("T2A_FILE_IO", `cannot read the folder ${this.folder}: ${systemCode(error)}`, {
        cause: error,
        details: { name: this.folder },
      });
    }
  }

  #pathOf(number: number): string {
    return join(this.folder, `${number}.json`);
  }
}

/** Text of a file, undefined where it can be none of ours; undefined altogether where it is gone. */
async function read(
  path: string,
): Promise<{ readonly text: string | undefined; readonly writtenMs: number } | undefined> {
  try {
    const stats = await stat(path);
    const writtenMs = stats.mtimeMs;
    if (!stats.isFile() || stats.size > MAX_CHECKPOINT_BYTES) return { text: undefined, writtenMs };
    const file = await open(path, "r");
    try {
      return { text: await file.readFile("utf8"), writtenMs };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    return { text: undefined, writtenMs: 0 };
  }
}
