// A disk that is soon full: a memory file system of 64 KB, where the tests may mount one.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder of the disk, or why there is none. Call `remove` at the end. */
export interface SmallDisk {
  readonly folder: string;
  readonly reason: string | undefined;
  remove(): void;
}

/** Mounts the disk; only root can. */
export function mountSmallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "t2a-disk-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  return {
    folder,
    reason: status === 0 ? undefined : "a small file system cannot be mounted here",
    remove: () => {
      if (status === 0) spawnSync("umount", [folder]);
      rmdirSync(folder);
    },
  };
}
