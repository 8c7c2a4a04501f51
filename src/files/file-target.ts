// A Target over a file. Converted files are written beside their name and renamed, so a failure leaves no half file. A
// new one is not synced before, since its source is still there and syncing would cost more than converting; one that
// takes the place of another is, so that a power cut leaves the old bytes or the new ones. Recordings in progress are
// written live under their own name, locked, so that what was shown is on disk.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { StoreError, systemCode, type Target } from "../core/index.js";
import { ioError } from "./io-error.js";
import { openLocked } from "./lock.js";
import { PatientWriter, reopenPatient } from "./patient-writer.js";
import { syncFolder, syncFolderAside } from "./sync-folder.js";

/** How a file is written. */
export interface FileTargetOptions {
  /**
   * `replace` (default): written beside and renamed on commit. `live`: written under its name from the first byte,
   * locked against a second writer. `append`: as `live`, continuing the existing file.
   */
  readonly mode?: "replace" | "live" | "append";
  /** Replace an existing file. Otherwise one that is not empty is an error. */
  readonly overwrite?: boolean;
  /** For `replace`: what the file is called until `commit`, beside it. What a killed process left under that name is overwritten. */
  readonly temporaryName?: string | undefined;
  /** For `replace`: the file may be read by whom the one that it replaces may be read by; otherwise by its owner alone. */
  readonly keepPermissions?: boolean | undefined;
  /** A live file could not be locked, since this machine has no native library for it; it is written all the same. */
  readonly onUnlocked?: (() => void) | undefined;
}

/** Only the owner reads recordings: they hold what was on the screen. */
const FILE_MODE = 0o600;

/**
 * Opens a file for writing. Nothing that exists is touched before this returns, nor by `replace` before `commit`.
 * @throws StoreError `T2A_FILE_EXISTS`, `T2A_FILE_LOCKED`, `T2A_FILE_IO`.
 */
export function openFileTarget(path: string, options: FileTargetOptions = {}): Target {
  const { mode = "replace", overwrite = false, onUnlocked } = options;
  if (mode === "replace") return openReplacing(path, overwrite, options);
  return new LiveTarget(path, { append: mode === "append", overwrite, onUnlocked });
}

type ReplaceOptions = Pick<FileTargetOptions, "temporaryName" | "keepPermissions">;

function openReplacing(path: string, overwrite: boolean, options: ReplaceOptions = {}): FileTarget {
  // A pipe or a device is written to, never replaced by a file of its name.
  if (findFile(path)?.isFile() === false) return new LiveTarget(path, { append: false, overwrite });
  try {
    return new ReplacingTarget(path, followLinks(path), overwrite, options);
  } catch (error) {
    throw error instanceof StoreError ? error : ioError("write", path, error);
  }
}

/** The file a name stands for: a symbolic link stays one, what it points to is replaced, also where nothing is there yet. */
function followLinks(path: string): string {
  const folder = realpathSync(dirname(path));
  let target: string;
  try {
    target = readlinkSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EINVAL" || code === "ENOENT") return join(folder, basename(path)); // no link, or nothing at all
    throw error;
  }
  return followLinks(resolve(folder, target));
}

function existsError(path: string): StoreError {
  return new StoreError(
    "T2A_FILE_EXISTS",
    `${path} exists already: use --overwrite to replace it, or choose another name`,
    { details: { name: path } },
  );
}

/** What is there under a path, links followed; undefined where nothing is. */
function findFile(path: string): Stats | undefined {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw ioError("write", path, { code: "EISDIR" });
    return stats;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error instanceof StoreError ? error : ioError("write", path, error);
  }
}

/** `position`: where in the file; absent: where it stands, or at the end of one opened to append. */
function writeAll(fd: number, bytes: Uint8Array, name: string, position?: number): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      const at = position === undefined ? null : position + written;
      written += writeSync(fd, bytes, written, bytes.length - written, at);
    } catch (error) {
      throw ioError("write", name, error);
    }
  }
}

/** A name beside `path` that nothing has. */
function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString("hex")}.tmp`);
}

/** A new file on the same disk, which has no name, or none any more. */
function openNameless(beside: string): number {
  if (O_TMPFILE !== undefined) {
    try {
      return openSync(dirname(beside), O_TMPFILE | constants.O_WRONLY, FILE_MODE);
    } catch {
      // not every file system makes such files: it is made with a name, which it has for an instant
    }
  }
  const path = temporaryPath(beside);
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE);
  try {
    unlinkSync(path);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

/** Linux: a file that never has a name; open(2). Node does not name the flag. */
const O_TMPFILE = process.platform === "linux" ? 0o20000000 | constants.O_DIRECTORY : undefined;

/** Pipes and devices cannot be synced: nothing is lost by it that could be kept. */
async function unlessNotSyncable(syncing: Promise<void>): Promise<void> {
  try {
    await syncing;
  } catch (error) {
    if (systemCode(error) !== "EINVAL") throw error;
  }
}

abstract class FileTarget implements Target {
  readonly name: string;
  readonly siblings: FileTarget[] = [];

  constructor(name: string) {
    this.name = name;
  }

  abstract write(bytes: Uint8Array): void | Promise<void>;
  abstract sibling(name: string): Target;
  stopWaiting?(stallMs: number): void;
  /** What is under way with the file; nothing is closed before it is done. Never rejects. */
  protected settled(): Promise<void> {
    return Promise.resolve();
  }
  /** All that can well fail: afterwards the bytes are written, but not yet under their name. */
  protected abstract prepareSelf(): void;
  protected abstract publishSelf(): void;
  protected abstract abortSelf(): void;

  /** Every file is made ready before the first is renamed: files that belong together change together or not at all. */
  async commit(): Promise<void> {
    const files = this.#family();
    for (const file of files) await file.settled();
    try {
      for (const file of files) file.prepareSelf();
      for (const file of files) file.publishSelf();
    } catch (error) {
      for (const file of files) file.abortSelf();
      throw error;
    }
  }

  async abort(): Promise<void> {
    const files = this.#family();
    for (const file of files) await file.settled();
    for (const file of files) file.abortSelf();
  }

  #family(): FileTarget[] {
    return [...this.siblings.flatMap((sibling) => sibling.#family()), this];
  }

  protected addSibling(target: FileTarget): FileTarget {
    this.siblings.push(target);
    return target;
  }

  protected siblingPath(name: string): string {
    return join(dirname(this.name), basename(name));
  }
}

class ReplacingTarget extends FileTarget {
  /** What is replaced: `name` itself, or what it points to. */
  readonly #path: string;
  readonly #overwrite: boolean;
  readonly #temporary: string;
  /** The temporary file is there, and not yet under its name. */
  #isPending = true;
  #fd: number | undefined;

  constructor(name: string, path: string, overwrite: boolean, { temporaryName, keepPermissions }: ReplaceOptions) {
    super(name);
    this.#path = path;
    this.#overwrite = overwrite;
    const existing = findFile(path);
    if ((existing?.size ?? 0) > 0 && !overwrite) throw existsError(name);
    this.#temporary = temporaryName === undefined ? temporaryPath(path) : join(dirname(path), basename(temporaryName));
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    try {
      if (temporaryName !== undefined) this.#removeTemporary();
      this.#fd = openSync(this.#temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
      if (keepPermissions && existing !== undefined) fchmodSync(this.#fd, existing.mode & 0o777);
    } catch (error) {
      throw ioError("write", name, error);
    }
  }

  write(bytes: Uint8Array): void {
    if (this.#fd !== undefined) writeAll(this.#fd, bytes, this.name);
  }

  sibling(name: string): Target {
    return this.addSibling(openReplacing(this.siblingPath(name), this.#overwrite));
  }

  protected prepareSelf(): void {
    if (this.#fd === undefined) return;
    try {
      if ((this.#existing()?.size ?? 0) > 0) fsyncSync(this.#fd);
      this.#close();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  protected publishSelf(): void {
    if (!this.#isPending) return;
    try {
      // link() fails where somebody makes the file meanwhile, which rename() would silently replace.
      if (this.#existing() !== undefined || !this.#linked()) renameSync(this.#temporary, this.#path);
      this.#isPending = false;
      syncFolder(dirname(this.#path));
    } catch (error) {
      throw this.#failure(error);
    }
  }

  protected abortSelf(): void {
    this.#close();
    if (this.#isPending) this.#removeTemporary();
    this.#isPending = false;
  }

  /** What would be replaced, which must be wanted. */
  #existing(): Stats | undefined {
    const existing = findFile(this.#path);
    if (!this.#overwrite && (existing?.size ?? 0) > 0) throw existsError(this.name);
    return existing;
  }

  #close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  #failure(error: unknown): StoreError {
    return error instanceof StoreError ? error : ioError("write", this.name, error);
  }

  #linked(): boolean {
    try {
      linkSync(this.#temporary, this.#path);
    } catch (error) {
      if (systemCode(error) === "EEXIST") throw existsError(this.name);
      return false; // file systems without hard links: rename
    }
    this.#removeTemporary();
    return true;
  }

  #removeTemporary(): void {
    try {
      unlinkSync(this.#temporary);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
  }
}

interface LiveOptions {
  /** Goes on behind what stands in the file. */
  readonly append: boolean;
  readonly overwrite: boolean;
  readonly isSibling?: boolean;
  readonly onUnlocked?: (() => void) | undefined;
}

class LiveTarget extends FileTarget {
  readonly #options: LiveOptions;
  readonly #regular: boolean;
  /** For pipes and terminals, whose reader may pause. Owns the descriptor. */
  readonly #patient: PatientWriter | undefined;
  /** What stands in the file goes with the first write: until then nothing was recorded that could take its place. */
  #replaces = false;
  #isUnwanted = false;
  /** Bytes of a recording that is continued: not ours to write over. */
  #start: number;
  /** Where the next write goes. */
  #position: number;
  #size: number;
  #fd: number | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #reserve: { readonly fd: number; size: number } | undefined;
  #isNameSynced = false;
  readonly sync?: () => Promise<void>;

  constructor(path: string, options: LiveOptions) {
    super(path);
    this.#options = options;
    const { append, overwrite, isSibling = false, onUnlocked = () => {} } = options;
    let fd: number | undefined;
    try {
      // Before looking at the content: what another recording has just written is not ours to judge.
      // Whatever else is done to the file somebody named, a recording goes on at its end. A sibling may be written over.
      const placing = isSibling ? 0 : constants.O_APPEND;
      const opened = openLocked(path, constants.O_WRONLY | constants.O_CREAT | placing, FILE_MODE);
      fd = opened.fd;
      if (!opened.isLocked) onUnlocked();
      const stat = fstatSync(fd);
      if (stat.isFile() && stat.size > 0 && !append) {
        if (!overwrite) throw existsError(path);
        this.#replaces = true;
      }
      this.#regular = stat.isFile();
      this.#start = append ? stat.size : 0;
      this.#size = this.#start;
      this.#position = this.#start;
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      throw error instanceof StoreError ? error : ioError("write", path, error);
    }
    const patientFd = this.#regular ? undefined : reopenPatient(fd);
    if (patientFd !== undefined) closeSync(fd);
    this.#patient = patientFd === undefined ? undefined : new PatientWriter(patientFd, path);
    this.#fd = patientFd ?? fd;
    if (this.#regular) this.sync = () => this.#sync();
  }

  /** A write that fails half-way is taken back, so that a full disk does not leave a cut event behind. */
  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#fd === undefined) return;
    if (this.#patient !== undefined) return this.#patient.write(bytes);
    try {
      if (this.#replaces) this.#takeOver(this.#fd);
      writeAll(this.#fd, bytes, this.name, this.#options.isSibling && this.#regular ? this.#position : undefined);
    } catch (error) {
      if (this.#regular) ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#position += bytes.length;
    this.#size = Math.max(this.#size, this.#position);
  }

  rewind(): void {
    if (this.#options.isSibling) this.#position = this.#start;
  }

  cut(size: number): void {
    if (this.#fd === undefined || !this.#regular) return;
    try {
      if (size === 0) this.#takeOver(this.#fd);
      else ftruncateSync(this.#fd, size);
    } catch (error) {
      throw ioError("write", this.name, error);
    }
    this.#start = size;
    this.#size = size;
    this.#position = size;
  }

  /** In a file without a name: nobody sees it, and whatever ends this process frees it. */
  reserve(bytes: number): void {
    if (bytes === 0) this.#freeReserve();
    if (bytes === 0 || this.#fd === undefined || !this.#regular) return;
    try {
      this.#reserve ??= { fd: openNameless(this.name), size: 0 };
      const more = bytes - this.#reserve.size;
      if (more <= 0) return;
      writeAll(this.#reserve.fd, randomBytes(more), this.name); // random: some disks would store zeros as nothing
      this.#reserve.size = bytes;
    } catch (error) {
      throw error instanceof StoreError ? error : ioError("write", this.name, error);
    }
  }

  #freeReserve(): void {
    if (this.#reserve !== undefined) closeSync(this.#reserve.fd);
    this.#reserve = undefined;
  }

  protected override async settled(): Promise<void> {
    await this.#syncing.catch(() => {}); // told to who asked for it
  }

  #sync(): Promise<void> {
    this.#syncing = this.#syncNow();
    return this.#syncing;
  }

  async #syncNow(): Promise<void> {
    if (this.#fd === undefined) return; // closed, and synced before
    try {
      await unlessNotSyncable(promisify(fdatasync)(this.#fd));
      // A file that was just made is found again only when its folder says so.
      if (!this.#isNameSynced) await syncFolderAside(dirname(this.name));
      this.#isNameSynced = true;
    } catch (error) {
      throw ioError("write", this.name, error);
    }
  }

  removeOnCommit(): void {
    this.#isUnwanted = this.#regular;
  }

  override stopWaiting(stallMs: number): void {
    this.#patient?.stopWaiting(stallMs);
    for (const sibling of this.siblings) sibling.stopWaiting?.(stallMs);
  }

  sibling(name: string): Target {
    const { append, overwrite } = this.#options;
    return this.addSibling(new LiveTarget(this.siblingPath(name), { append, overwrite, isSibling: true }));
  }

  protected prepareSelf(): void {
    this.#freeReserve();
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      if (!this.#isUnwanted) fsyncSync(fd);
    } catch (error) {
      if (systemCode(error) !== "EINVAL") throw ioError("write", this.name, error); // pipes and devices cannot be synced
    } finally {
      this.#close(fd);
    }
  }

  /** It stands under its name from the first byte. */
  protected publishSelf(): void {
    if (!this.#isUnwanted) return;
    this.#isUnwanted = false;
    try {
      unlinkSync(this.name);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw ioError("write", this.name, error);
    }
  }

  /** What was recorded stays: a live file is never thrown away. */
  protected abortSelf(): void {
    this.#freeReserve();
    if (this.#fd === undefined) return;
    this.#close(this.#fd);
    this.#fd = undefined;
  }

  /** Throws away what another recording left, and whoever else could read it. */
  #takeOver(fd: number): void {
    ftruncateSync(fd, 0);
    fchmodSync(fd, FILE_MODE);
    this.#replaces = false;
  }

  #close(fd: number): void {
    if (this.#patient === undefined) closeSync(fd);
    else this.#patient.close();
  }
}
