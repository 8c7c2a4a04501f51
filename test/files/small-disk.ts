// A disk that is soon full: a memory file system of 64 KB or a few more, where the tests may mount one.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A mounted disk. */
export interface SmallDisk {
  readonly folder: string;
  remove(): void;
}

/** Mounts the disk, of a size as mount takes it; undefined where that is not allowed: only root may, and not in every container. */
export function mountSmallDisk(size = "64k"): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), "t2a-disk-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]).status !== 0) {
    rmdirSync(folder);
    return undefined;
  }
  return {
    folder,
    remove: () => {
      spawnSync("umount", [folder]);
      rmdirSync(folder);
    },
  };
}

/** Why tests that need the disk must be skipped; undefined where they can run. */
export function noSmallDisk(): string | undefined {
  const disk = mountSmallDisk();
  disk?.remove();
  return disk === undefined ? "a small file system cannot be mounted here" : undefined;
}
