// Locks that die with their process: flock(2) on an open descriptor. The kernel releases it when the last copy of the
// descriptor is closed; Node opens files close-on-exec, so children never inherit it.
import { createRequire } from "node:module";
import { StoreError } from "../core/index.js";

const LOCK_EX = 2;
const LOCK_NB = 4;
/** EAGAIN differs between systems. */
const WOULD_BLOCK = process.platform === "darwin" ? 35 : 11;

type Flock = (fd: number, operation: number) => number;
/** Loaded at the first lock: commands that only read do without. `null`: this machine has no native library. */
let library: { readonly flock: Flock; readonly errno: () => number } | null | undefined;

/**
 * Takes the exclusive lock on an open file without waiting; it goes with the descriptor. On file systems that have no
 * locks the file goes unlocked. False where this machine cannot lock at all: recording matters more than its lock.
 * @throws StoreError `T2A_FILE_LOCKED` where another process holds it.
 */
export function lockFile(fd: number, name: string): boolean {
  if (library === undefined) library = loadLibrary();
  if (library === null) return false;
  if (library.flock(fd, LOCK_EX | LOCK_NB) !== 0 && library.errno() === WOULD_BLOCK) {
    throw new StoreError("T2A_FILE_LOCKED", `${name} is being written by another recording: choose another file`, {
      details: { name },
    });
  }
  return true;
}

function loadLibrary(): { readonly flock: Flock; readonly errno: () => number } | null {
  try {
    const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
    return { flock: koffi.load(null).func("int flock(int fd, int operation)") as Flock, errno: () => koffi.errno() };
  } catch {
    return null;
  }
}
