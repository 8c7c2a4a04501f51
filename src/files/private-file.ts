// Small files of the user's own: written whole or not at all, whatever ends it, a power cut too; read in bounds.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StoreError, systemCode } from "../core/index.js";
import { ioError } from "./io-error.js";
import { syncFolder, syncFolderAside } from "./sync-folder.js";

const MODE = 0o600;

/** Writes the file, 0600 where it is new, and brings it to the disk. Its name is not: see `syncFolder`. @throws what the system says. */
export function writeSynced(path: string, text: string, flags: "w" | "r+" = "w"): void {
  const fd = openSync(path, flags, MODE);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts the file, 0600, in place of what was there: on the disk by then, under its name. Who is killed before leaves `.NAME.PID.new` beside it.
 * @throws what the system says.
 */
export function replacePrivateFile(path: string, text: string): void {
  const temporary = temporaryOf(path);
  try {
    writeSynced(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    discard(temporary);
    throw error;
  }
  syncFolder(dirname(path));
}

/** As {@link replacePrivateFile}, without blocking; one at a time for a path. */
export async function replacePrivateFileAside(path: string, text: string): Promise<void> {
  const temporary = temporaryOf(path);
  try {
    const file = await open(temporary, "w", MODE);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    discard(temporary);
    throw error;
  }
  await syncFolderAside(dirname(path));
}

/** As {@link replacePrivateFile}, in a folder that is made 0700 where it is not. @throws StoreError `T2A_FILE_IO`. */
export function writePrivateFile(path: string, text: string): void {
  preparePrivateFolder(dirname(path));
  try {
    replacePrivateFile(path, text);
  } catch (error) {
    throw ioError("write", path, error);
  }
}

/** Makes the folder where there is none, for nobody else. @throws StoreError `T2A_FILE_IO`. */
export function preparePrivateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    throw ioError("write", folder, error);
  }
}

/** The file's text; undefined where there is none. @throws StoreError `T2A_FILE_IO`, also where it has more bytes. */
export function readPrivateFile(path: string, maxBytes: number): string | undefined {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > maxBytes) {
      throw new StoreError("T2A_FILE_IO", `${path} is no file of at most ${maxBytes} bytes`, {
        details: { name: path },
      });
    }
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error instanceof StoreError ? error : ioError("read", path, error);
  }
}

/** What went wrong before is what is told. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // it is not there
  }
}

function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.new`);
}
