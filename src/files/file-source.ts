// A Source over a regular file (or anything that can be opened by path): streamed, by ranges, with its siblings.
import { open as openDescriptor } from "node:fs";
import { type FileHandle, open, stat as statPath } from "node:fs/promises";
import { Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Source, Watch } from "../core/index.js";
import { FileWatch } from "./file-watch.js";
import { ioError } from "./io-error.js";
import { openStreamSource } from "./stream-source.js";

/** Bytes asked for in one read: large enough that the thread-pool hop does not count. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Opens a file for reading. Pipes and devices are streamed once, without size and ranges.
 * @throws StoreError `T2A_FILE_NOT_FOUND`, `T2A_FILE_IO`.
 */
export async function openFileSource(path: string): Promise<Source> {
  let handle: FileHandle;
  try {
    if ((await statPath(path)).isFIFO()) return await openPipeSource(path);
    handle = await open(path, "r");
  } catch (error) {
    throw ioError("read", path, error);
  }
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw ioError("read", path, { code: "EISDIR" });
    return new FileSource(path, handle, stat.isFile());
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Read as a socket: a file read would hold a thread, and with it the program's end, until the writer's next byte. */
async function openPipeSource(path: string): Promise<Source> {
  const fd = await promisify(openDescriptor)(path, "r");
  const socket = new Socket({ fd, readable: true, writable: false });
  return openStreamSource(path, socket, () => socket.destroy());
}

class FileSource implements Source {
  readonly name: string;
  readonly supports;
  readonly #handle: FileHandle;
  #closed = false;

  constructor(path: string, handle: FileHandle, regular: boolean) {
    this.name = path;
    this.#handle = handle;
    this.supports = { restart: regular, ranges: regular, siblings: true, follow: regular };
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const regular = this.supports.restart;
    let position = 0;
    let spare: Buffer | undefined;
    for (;;) {
      const buffer: Buffer = spare ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const bytesRead = await this.#read(buffer, regular ? position : null);
      if (bytesRead === 0) return;
      position += bytesRead;
      // A short read of a pipe must not cost a whole buffer: give a copy and read into the same memory again.
      spare = bytesRead < CHUNK_BYTES / 4 ? buffer : undefined;
      yield spare === undefined ? buffer.subarray(0, bytesRead) : Buffer.from(buffer.subarray(0, bytesRead));
    }
  }

  async size(): Promise<number | undefined> {
    if (!this.supports.ranges) return undefined;
    return (await this.#handle.stat()).size;
  }

  async readRange(start: number, length: number): Promise<Uint8Array> {
    const stat = await this.#handle.stat();
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, stat.size - start)));
    let filled = 0;
    while (filled < buffer.length) {
      const bytesRead = await this.#read(buffer.subarray(filled), start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  async sibling(name: string): Promise<Source | undefined> {
    try {
      return await openFileSource(join(dirname(this.name), basename(name)));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "T2A_FILE_NOT_FOUND") return undefined;
      throw error;
    }
  }

  watch(siblings: readonly string[] = []): Watch {
    return new FileWatch(this.name, this.#handle, siblings, openFileSource);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }

  async #read(buffer: Buffer, position: number | null): Promise<number> {
    try {
      return (await this.#handle.read(buffer, 0, buffer.length, position)).bytesRead;
    } catch (error) {
      throw ioError("read", this.name, error);
    }
  }
}
