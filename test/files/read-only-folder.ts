// A folder that cannot be written any more: by its modes where they bind, else, since nothing binds root, a disk that is mounted so.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mountSmallDisk } from "./small-disk.js";

/** A folder that can be written until `freeze`. */
export interface FreezableFolder {
  readonly folder: string;
  /** Nothing can be written in it from here on. */
  freeze(): void;
  remove(): void;
}

/** Makes the folder; undefined where nothing keeps this user from writing: see {@link noReadOnlyFolder}. */
export function makeFreezable(): FreezableFolder | undefined {
  return process.geteuid?.() === 0 ? onDisk() : byModes();
}

/** Why tests that need the folder must be skipped; undefined where they can run. */
export function noReadOnlyFolder(): string | undefined {
  const made = makeFreezable();
  made?.remove();
  return made === undefined ? "root can write everywhere, and no file system can be mounted here" : undefined;
}

function onDisk(): FreezableFolder | undefined {
  const disk = mountSmallDisk("16m");
  if (disk === undefined) return undefined;
  return {
    folder: disk.folder,
    freeze: () => {
      const { status, stderr } = spawnSync("mount", ["-o", "remount,ro", disk.folder], { encoding: "utf8" });
      if (status !== 0) throw new Error(`it could not be made read-only: ${stderr}`);
    },
    remove: () => disk.remove(),
  };
}

function byModes(): FreezableFolder {
  const folder = mkdtempSync(join(tmpdir(), "t2a-read-only-"));
  return {
    folder,
    freeze: () => void spawnSync("chmod", ["-R", "a-w", folder]),
    remove: () => {
      spawnSync("chmod", ["-R", "u+w", folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
