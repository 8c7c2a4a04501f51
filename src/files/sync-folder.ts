// Names survive a power cut when their folder was synced: a folder is a file too.
import { closeSync, constants, fsync, fsyncSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { systemCode } from "../core/index.js";

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY;
const syncAside = promisify(fsync);

/** Syncs the folder. Some network file systems refuse: nothing is lost by it that could be kept. @throws what the system says. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, FLAGS);
  try {
    fsyncSync(fd);
  } catch (error) {
    if (systemCode(error) !== "EINVAL") throw error;
  } finally {
    closeSync(fd);
  }
}

/** As {@link syncFolder}, without blocking. */
export async function syncFolderAside(folder: string): Promise<void> {
  const fd = openSync(folder, FLAGS);
  try {
    await syncAside(fd);
  } catch (error) {
    if (systemCode(error) !== "EINVAL") throw error;
  } finally {
    closeSync(fd);
  }
}
