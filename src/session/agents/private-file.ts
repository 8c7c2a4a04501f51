// Small files of the user's own: written whole or not at all, read in bounds.
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
import { dirname, join } from "node:path";
import { StoreError, systemCode } from "../../core/index.js";
import { ioError } from "../../files/index.js";

let written = 0;

/** Writes the file in place of what was there, 0600 in a folder that is 0700. @throws StoreError `T2A_FILE_IO`. */
export function writePrivateFile(path: string, text: string): void {
  const temporary = join(dirname(path), `.${process.pid}.${++written}.new`);
  try {
    preparePrivateFolder(dirname(path));
    const fd = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    discard(temporary);
    throw error instanceof StoreError ? error : ioError("write", path, error);
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
