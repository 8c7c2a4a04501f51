// Names survive a power cut when their folder was synced: a folder is a file too.
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { systemCode } from "../../core/index.js";

/** Syncs the folder. Some network file systems refuse: nothing is lost by it that could be kept. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } catch (error) {
    if (systemCode(error) !== "EINVAL") throw error;
  } finally {
    await folder.close();
  }
}
