// What the library stands on, on this machine: the data folder, its disk, its locks, the clock, the native libraries.
import { randomBytes } from "node:crypto";
import { lstatSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatSize } from "../core/index.js";
import { holdFile } from "../files/index.js";
import type { Examination } from "../library/index.js";

/** Less is soon used up by recordings. */
const LITTLE_BYTES = 1024 * 1024 * 1024;
/** Before this there was no t2a, and after that nobody will use this one. */
const CLOCK = [Date.UTC(2026, 0, 1), Date.UTC(2100, 0, 1)] as const;

/** Looks at everything but the store. Nothing stays behind. */
export async function examineSurroundings(dataFolder: string, version: string): Promise<readonly Examination[]> {
  return [
    { name: "t2a", state: "ok", detail: `${version}, Node.js ${process.version}, ${process.platform} ${process.arch}` },
    clock(),
    folder(dataFolder),
    disk(dataFolder),
    locks(dataFolder),
    await libraries(),
  ];
}

function clock(): Examination {
  const now = Date.now();
  const detail = new Date(now).toISOString();
  if (now >= CLOCK[0] && now < CLOCK[1]) return { name: "clock", state: "ok", detail };
  return { name: "clock", state: "wrong", detail: `it says ${detail}: set it, times of recordings come from it` };
}

function folder(path: string): Examination {
  const name = "folder";
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { name, state: "note", detail: `${path} is made by the first recording` };
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  const user = process.geteuid?.();
  if (user !== undefined && stats.uid !== user)
    return {
      name,
      state: "wrong",
      detail: `${path} belongs to another user (uid ${stats.uid}): chown -R ${user} makes it yours`,
    };
  if (!stats.isSymbolicLink() && (stats.mode & 0o077) !== 0)
    return { name, state: "wrong", detail: `${path} is open to others (mode ${mode}): chmod 700 closes it` };
  return { name, state: "ok", detail: `${path}, mode ${mode}` };
}

function disk(path: string): Examination {
  try {
    const { bavail, bsize } = statfsSync(existing(path));
    const free = bavail * bsize;
    const detail = `${formatSize(free)} free`;
    if (free >= LITTLE_BYTES) return { name: "disk", state: "ok", detail };
    return { name: "disk", state: "wrong", detail: `only ${detail}: t2a library prune deletes what is old` };
  } catch (error) {
    return { name: "disk", state: "note", detail: `it does not say what is free: ${String(error)}` };
  }
}

/** The path, or the folder nearest to it that there is. */
function existing(path: string): string {
  for (let at = path; ; at = join(at, ".."))
    if (lstatSync(at, { throwIfNoEntry: false }) !== undefined || at === "/") return at;
}

function locks(path: string): Examination {
  const name = "locks";
  const at = existing(path);
  let own: string;
  try {
    own = mkdtempSync(join(at === path ? path : tmpdir(), ".t2a-doctor-"));
  } catch (error) {
    return { name, state: "wrong", detail: `${at} cannot be written: ${String(error)}` };
  }
  try {
    const file = join(own, "lock");
    writeFileSync(file, randomBytes(1), { mode: 0o600 });
    const lock = holdFile(file);
    try {
      if (!lock.isLocked)
        return {
          name,
          state: "wrong",
          detail: "this machine has none: two recorders may write one file, use one at a time",
        };
      if (canHold(file))
        return {
          name,
          state: "wrong",
          detail: "the file system takes them and does not hold them: put the library on another disk",
        };
      return { name, state: "ok", detail: "a file is held by one process at a time" };
    } finally {
      lock.release();
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function canHold(file: string): boolean {
  try {
    holdFile(file).release();
    return true;
  } catch {
    return false;
  }
}

async function libraries(): Promise<Examination> {
  const name = "libraries";
  const failed: string[] = [];
  // Whoever uses them loads them through the folder that alone knows them.
  const uses: Readonly<Record<string, () => Promise<unknown>>> = {
    "better-sqlite3": async () => {
      const { openStore } = await import("../store/index.js");
      await (await openStore({ driver: "memory" }, { cacheFolder: tmpdir() })).close();
    },
    "zstd-napi": async () => (await import("../codec/index.js")).zstdCompress(new Uint8Array(1), 1),
  };
  for (const [library, use] of Object.entries(uses)) {
    try {
      await use();
    } catch (error) {
      failed.push(`${library} (${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)})`);
    }
  }
  if (failed.length === 0) return { name, state: "ok", detail: Object.keys(uses).join(", ") };
  return {
    name,
    state: "wrong",
    detail: `cannot be loaded: ${failed.join(", ")}: npm rebuild builds them for this Node.js`,
  };
}
