// A stream that can be read more than once: what has come of it is kept in a file that has no name.
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Source, wrapSource } from "../core/index.js";
import { ioError } from "./io-error.js";
import { openStreamSource } from "./stream-source.js";

/** Bytes of one read. */
const CHUNK_BYTES = 256 * 1024;

/** Keeps a stream. Takes disk space as large as what was read of it, until it is closed. */
export class SpooledStream {
  readonly #source: Source;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #file: Promise<FileHandle> | undefined;
  #size = 0;
  #end: { readonly error?: unknown } | undefined;
  #pulling: Promise<void> | undefined;

  /** `name` is for messages; `onClose` releases the stream. */
  constructor(name: string, chunks: AsyncIterable<Uint8Array>, onClose: () => void = () => {}) {
    this.#source = openStreamSource(name, chunks, onClose);
    this.#chunks = this.#source.stream()[Symbol.asyncIterator]();
  }

  /** The stream from its beginning, any number of times; closing such a source leaves the others as they are. */
  open(): Source {
    return wrapSource(this.#source, {
      supports: { ...this.#source.supports, restart: true },
      stream: () => this.#stream(),
      close: async () => {},
    });
  }

  /** Releases the stream and the file. */
  async close(): Promise<void> {
    this.#end ??= {};
    await this.#source.close();
    await (await this.#file?.catch(() => undefined))?.close();
  }

  async *#stream(): AsyncGenerator<Uint8Array> {
    let position = 0;
    for (;;) {
      if (position < this.#size) {
        const chunk = await this.#read(position);
        position += chunk.length;
        yield chunk;
      } else if (this.#end === undefined) await this.#pull();
      else if ("error" in this.#end) throw this.#end.error;
      else return;
    }
  }

  async #read(position: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, this.#size - position));
    const { bytesRead } = await (await this.#opened()).read(buffer, 0, buffer.length, position);
    return buffer.subarray(0, bytesRead);
  }

  /** Takes one chunk more, for all who wait for one. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#take().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  async #take(): Promise<void> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done === true) this.#end ??= {};
      else await this.#keep(value);
    } catch (error) {
      this.#end ??= { error };
    }
  }

  async #keep(chunk: Uint8Array): Promise<void> {
    const file = await this.#opened();
    try {
      await file.writeFile(chunk); // goes on where the last one ended
    } catch (error) {
      throw ioError("write", tmpdir(), error);
    }
    this.#size += chunk.length;
  }

  #opened(): Promise<FileHandle> {
    this.#file ??= openNameless();
    return this.#file;
  }
}

async function openNameless(): Promise<FileHandle> {
  try {
    const folder = await mkdtemp(join(tmpdir(), "t2a-"));
    try {
      return await open(join(folder, "stream"), "wx+", 0o600);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    throw ioError("write", tmpdir(), error);
  }
}
