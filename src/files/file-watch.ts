// Watches a file that another process may be writing. The system tells of changes in its folder; where it does not (some
// network file systems, no watches left), looking a few times a second has to do.
import { type FSWatcher, realpathSync, watch } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Source, StoreError, systemCode, type Watch } from "../core/index.js";
import { ioError } from "./io-error.js";
import { isLocked } from "./lock.js";

/** After so long it may be worth a look, whatever the system told, milliseconds: nothing tells that a writer died. */
const LOOK_MS = 200;

/** A watch over a file and files beside it. */
export class FileWatch implements Watch {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #open: (path: string) => Promise<Source>;
  readonly #watchers: FSWatcher[] = [];
  #hasChanged = false;
  #wake: (() => void) | undefined;
  #closed = false;

  /** `handle` is the file that stood under `path`; it stays the caller's and must outlive the watch. `open` opens what stands there later. */
  constructor(path: string, handle: FileHandle, siblings: readonly string[], open: (path: string) => Promise<Source>) {
    this.#path = path;
    this.#handle = handle;
    this.#open = open;
    this.#watch(dirname(path), new Set([basename(path), ...siblings]));
    const target = realTarget(path);
    if (target !== undefined) this.#watch(dirname(target), new Set([basename(target)]));
  }

  get closed(): boolean {
    return this.#closed;
  }

  async changed(): Promise<void> {
    if (!this.#hasChanged && !this.#closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#hasChanged = false;
  }

  isWritten(): boolean | undefined {
    return this.#closed ? undefined : isLocked(this.#handle.fd);
  }

  async successor(): Promise<Source | undefined> {
    try {
      const [there, ours] = await Promise.all([stat(this.#path), this.#handle.stat()]);
      if (there.ino === ours.ino && there.dev === ours.dev) return undefined;
      return await this.#open(this.#path);
    } catch (error) {
      const code = systemCode(error);
      // Between two files of that name, or none any more: what is open goes on.
      if (code === "ENOENT" || code === "T2A_FILE_NOT_FOUND") return undefined;
      throw error instanceof StoreError ? error : ioError("read", this.#path, error);
    }
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    this.#wake?.();
  }

  /** A folder, not the files: what takes a file's place by its name is seen too. */
  #watch(folder: string, names: ReadonlySet<string>): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name !== null && !names.has(name)) return;
        this.#hasChanged = true;
        this.#wake?.();
      });
      watcher.on("error", () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // no watches left, or none in this file system
    }
  }
}

/** The file that a symbolic link stands for. */
function realTarget(path: string): string | undefined {
  try {
    const target = realpathSync(path);
    return target === join(realpathSync(dirname(path)), basename(path)) ? undefined : target;
  } catch {
    return undefined; // gone meanwhile
  }
}
