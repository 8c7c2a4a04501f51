// Names survive a power cut when their folder was synced: a folder is a file too.
import { closeSync, constants, fsync, openSync } from "node:fs";
import { promisify } from "node:util";
import { systemCode } from "../../core/index.js";

const syncAside = promisify(fsync);

/** Syncs the folder. Some network file systems refuse: nothing is lost by it that could be kept. */
export async function syncFolder(path: string): Promise<void> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await syncAside(fd);
  } catch (error) {
    if (systemCode(error) !== "EINVAL") throw error;
  } finally {
    closeSync(fd);
  }
}
