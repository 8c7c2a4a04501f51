// A file on its way into a store: written and synced under a name of its own in a folder beside, locked while its writer lives, then
// given its place in one step. What has a free lock there was left by a writer that was killed.
import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  futimesSync,
  lstatSync,
  readdirSync,
  unlinkSync,
  write,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ulid } from "ulid";
import { systemCode } from "../../core/index.js";
import { openLocked, tryHoldFile } from "../../files/index.js";

const writeAside = promisify(write);
const syncAside = promisify(fsync);

/** Nothing that is younger is taken for left over, whatever its lock says. */
const MIN_AGE_MS = 60_000;
/** Where there are no locks, age alone tells. */
const MIN_AGE_UNLOCKED_MS = 24 * 3_600_000;
/** File systems write times in steps of some milliseconds: two saves within one would look the same. */
const TIME_STEP_MS = 10;

/** One file. Errors are those of the system. */
export class IncomingFile {
  readonly path: string;
  #fd: number | undefined;

  /** Makes the file, for its owner alone. */
  constructor(folder: string) {
    this.path = join(folder, `${ulid()}.tmp`);
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    this.#fd = openLocked(this.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600).fd;
  }

  /** Appends the bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      at += (await writeAside(this.#open(), bytes, at, bytes.length - at, null)).bytesWritten;
    }
  }

  /** The bytes survive a power cut from here on. Gives a tag that no other content of its place has. */
  async finish(): Promise<string> {
    const fd = this.#open();
    const time = (Date.now() + Math.random() * TIME_STEP_MS) / 1000;
    futimesSync(fd, time, time);
    await syncAside(fd);
    return tagOf(fstatSync(fd, { bigint: true }));
  }

  /** Lets go of the file, and removes its name where that is still there. */
  discard(): void {
    try {
      unlinkSync(this.path);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    } finally {
      this.close();
    }
  }

  /** Lets go of the file. Idempotent. */
  close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  #open(): number {
    if (this.#fd === undefined) throw new TypeError("the file is closed");
    return this.#fd;
  }
}

/** What tells one content of a name from the next, without reading it. */
export function tagOf({ mtimeNs, size, ino }: { mtimeNs: bigint; size: bigint; ino: bigint }): string {
  return `${mtimeNs}-${size}-${ino}`;
}

/** Removes what killed writers left in the folder. `now`: milliseconds since 1970. Gives how many files. */
export function clearIncoming(folder: string, now: number): number {
  let cleared = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) continue;
    const age = Math.abs(now - stats.mtimeMs); // the clock may have been set back
    if (age > MIN_AGE_MS && clearFile(path, age)) cleared++;
  }
  return cleared;
}

function clearFile(path: string, age: number): boolean {
  try {
    const lock = tryHoldFile(path);
    if (lock === undefined) return false; // its writer lives
    try {
      if (!lock.isLocked && age < MIN_AGE_UNLOCKED_MS) return false;
      unlinkSync(path);
      return true;
    } finally {
      lock.release();
    }
  } catch {
    return false; // another one was first, or it is no file that can be read: neither is in anybody's way
  }
}
