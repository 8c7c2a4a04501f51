// Locks that die with their process: flock(2) on an open descriptor. The kernel releases it when the last copy of the
// descriptor is closed; Node opens files close-on-exec, so children never inherit it.
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { StoreError, systemCode } from "../core/index.js";
import { ioError } from "./io-error.js";

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;
/** EAGAIN differs between systems. */
const WOULD_BLOCK = process.platform === "darwin" ? 35 : 11;

/** Somebody who follows the file asks by taking the lock for a moment (see `isLocked`): that is no other recording. */
const MAX_TRIES = 4;
const RETRY_MS = 10;
/** Some file systems number a file differently each time one looks. */
const MAX_ATTEMPTS = 10;

type Flock = (fd: number, operation: number) => number;
/** Loaded at the first lock: commands that only read do without. `null`: this machine has no native library. */
let library: { readonly flock: Flock; readonly errno: () => number } | null | undefined;

/**
 * Takes the exclusive lock on an open file almost without waiting; it goes with the descriptor. On file systems that have no
 * locks the file goes unlocked. False where this machine cannot lock at all: recording matters more than its lock.
 * @throws StoreError `T2A_FILE_LOCKED` where another process holds it.
 */
function lockFile(fd: number, name: string, maxTries = MAX_TRIES): boolean {
  if (library === undefined) library = loadLibrary();
  if (library === null) return false;
  for (let tries = 1; library.flock(fd, LOCK_EX | LOCK_NB) !== 0 && library.errno() === WOULD_BLOCK; tries++) {
    if (tries < maxTries) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      continue;
    }
    throw new StoreError("T2A_FILE_LOCKED", `${name} is being written by another recording: choose another file`, {
      details: { name },
    });
  }
  return true;
}

/**
 * Whether another descriptor holds the exclusive lock on an open file; undefined where this machine or the file system has
 * no locks. Asking takes a shared lock for a moment.
 */
export function isLocked(fd: number): boolean | undefined {
  if (library === undefined) library = loadLibrary();
  if (library === null) return undefined;
  if (library.flock(fd, LOCK_SH | LOCK_NB) !== 0) return library.errno() === WOULD_BLOCK ? true : undefined;
  library.flock(fd, LOCK_UN);
  return false;
}

/**
 * Whether somebody holds the file of that name, without waiting and without being in another asker's way; undefined where this machine or
 * the file system has no locks, or the file is gone.
 */
export function isFileHeld(path: string): boolean | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  try {
    return isLocked(fd);
  } finally {
    closeSync(fd);
  }
}

/** A file that is held against every other writer. */
export interface FileLock {
  /** False on a machine that cannot lock. */
  readonly isLocked: boolean;
  /** Lets the file go. Idempotent. */
  release(): void;
}

/**
 * Locks the file of that name without writing to it.
 * @throws StoreError `T2A_FILE_LOCKED`, `T2A_FILE_NOT_FOUND`, `T2A_FILE_IO`.
 */
export function holdFile(path: string): FileLock {
  let held: { readonly fd: number; readonly isLocked: boolean } | undefined;
  try {
    held = openLocked(path, constants.O_RDONLY);
  } catch (error) {
    throw error instanceof StoreError ? error : ioError("read", path, error);
  }
  return {
    isLocked: held.isLocked,
    release: () => {
      if (held !== undefined) closeSync(held.fd);
      held = undefined;
    },
  };
}

/**
 * Locks the file of that name, made where there is none, if nobody else holds it: without waiting. Undefined where somebody does.
 * @throws StoreError `T2A_FILE_NOT_FOUND`, `T2A_FILE_IO`.
 */
export function tryHoldFile(path: string, { create = false } = {}): FileLock | undefined {
  const { O_RDONLY, O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  try {
    const flags = (create ? O_RDWR | O_CREAT : O_RDONLY) | O_NOFOLLOW;
    const { fd, isLocked } = openLocked(path, flags, 0o600, 1);
    let isHeld = true;
    const release = (): void => {
      if (isHeld) closeSync(fd);
      isHeld = false;
    };
    return { isLocked, release };
  } catch (error) {
    if (!(error instanceof StoreError)) throw ioError(create ? "write" : "read", path, error);
    if (error.code === "T2A_FILE_LOCKED") return undefined;
    throw error;
  }
}

/**
 * Opens the file of that name and locks it, if it is one that can be: a terminal or /dev/null has many writers. What was
 * opened may have been replaced by another file before it was locked: then that one is opened.
 * @throws StoreError `T2A_FILE_LOCKED`; what opening throws.
 */
export function openLocked(
  path: string,
  flags: number,
  mode?: number,
  maxTries?: number,
): { fd: number; isLocked: boolean } {
  for (let attempt = 1; ; attempt++) {
    const fd = openSync(path, flags, mode);
    try {
      const opened = fstatSync(fd);
      if (!opened.isFile()) return { fd, isLocked: true };
      const isLocked = lockFile(fd, path, maxTries);
      const named = statByName(path);
      const isSame = named?.ino === opened.ino && named.dev === opened.dev;
      if (isSame || attempt >= MAX_ATTEMPTS) return { fd, isLocked };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

function statByName(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function loadLibrary(): { readonly flock: Flock; readonly errno: () => number } | null {
  try {
    const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
    return { flock: koffi.load(null).func("int flock(int fd, int operation)") as Flock, errno: () => koffi.errno() };
  } catch {
    return null;
  }
}
