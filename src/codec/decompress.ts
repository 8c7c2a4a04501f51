// Decompression of a stream of chunks, several compressed streams back to back included. A stream that is cut or damaged
// yields what came before (but for a last piece that the codec has not given out yet) and then throws. Input goes in by
// small pieces, so that a few bytes that unpack to gigabytes are met one piece at a time.
import { createRequire } from "node:module";
import type { Transform } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { T2aError } from "../core/index.js";
import type { Codec } from "./codecs.js";

/** zstd streams may ask for windows of gigabytes; the command-line tool's own bound is 128 MB, as is ours. */
const ZSTD_WINDOW_LOG_MAX = 27;

/**
 * The decompressed bytes of `chunks`.
 * @throws T2aError `T2A_CODEC` where the compressed data is cut or damaged, after all that could be read.
 */
export async function* decompressed(codec: Codec, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  const source = (async function* () {
    try {
      yield* chunks;
    } catch (error) {
      failure = error; // an error of the source itself must not be told as damage of the compressed data
      throw error;
    }
  })();
  try {
    yield* DECOMPRESSORS[codec.name](source);
  } catch (error) {
    if (failure !== undefined) throw failure;
    const reason = error instanceof Error ? error.message : String(error);
    throw new T2aError("T2A_CODEC", `the ${codec.name} data is damaged or cut short (${reason})`, { cause: error });
  }
}

type Decompressor = (chunks: AsyncGenerator<Uint8Array>) => AsyncIterable<Uint8Array>;

/** Bytes given to a decompressor at once: zstd makes 128 KB of 4 bytes, gzip a thousand bytes of one. */
const ZSTD_PIECE_BYTES = 4 * 1024;
const GZIP_PIECE_BYTES = 64 * 1024;

const DECOMPRESSORS: Readonly<Record<Codec["name"], Decompressor>> = {
  gzip: (chunks) => throughStream(chunks, createGunzip(), GZIP_PIECE_BYTES),
  async *zstd(chunks) {
    const { DecompressStream } = await import("zstd-napi");
    const stream = new DecompressStream({ windowLogMax: ZSTD_WINDOW_LOG_MAX });
    yield* throughStream(chunks, stream, ZSTD_PIECE_BYTES);
  },
  async *bzip2(chunks) {
    const { default: unbzip2 } = await import("unbzip2-stream");
    // Its stream is of the oldest kind (no backpressure by promise, no destroy), so it gets the chunks one by one.
    const stream = unbzip2();
    const out: Uint8Array[] = [];
    let failure: unknown;
    let outBytes = 0;
    stream.on("data", (chunk: Uint8Array) => {
      outBytes += chunk.length;
      // The library unpacks all the blocks it has at once; what is thrown here it tells as an error of the stream.
      if (outBytes > BZIP2_MAX_AT_ONCE) throw new Error("it unpacks to more than any recording would");
      out.push(chunk);
    });
    stream.on("error", (error: unknown) => {
      failure = error instanceof TypeError ? new Error("it ends too early", { cause: error }) : error;
    });
    for await (const chunk of chunks) {
      // Blocks are found whole before they are unpacked: small writes keep what is unpacked at once small.
      for (let start = 0; start < chunk.length; start += BZIP2_WRITE_BYTES) {
        stream.write(Buffer.from(chunk.subarray(start, start + BZIP2_WRITE_BYTES)));
        yield* out.splice(0);
        outBytes = 0;
        if (failure !== undefined) throw failure;
      }
    }
    stream.end();
    yield* out.splice(0);
    if (failure !== undefined) throw failure;
  },
  async *xz(chunks) {
    // CommonJS whose names Node cannot see before it runs: required, not imported.
    const { XzReadableStream }: typeof import("xz-decompress") = createRequire(import.meta.url)("xz-decompress");
    const stream = new XzReadableStream(ReadableStream.from(chunks) as globalThis.ReadableStream<Uint8Array>);
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield Uint8Array.from(chunk); // its memory is the decoder's
  },
};

/** A megabyte of bzip2 can stand for gigabytes: of what a recording packs so, not a third of this. */
const BZIP2_MAX_AT_ONCE = 64 * 1024 * 1024;
const BZIP2_WRITE_BYTES = 64 * 1024;

/**
 * Runs chunks through one of Node's transforms. Its output is taken as it is made: a stream that fails throws away what
 * it holds, and that is what was good before the damage.
 */
async function* throughStream(
  chunks: AsyncIterable<Uint8Array>,
  transform: Transform,
  pieceBytes: number,
): AsyncGenerator<Uint8Array> {
  const out: Uint8Array[] = [];
  let failure: unknown;
  let settle = () => {};
  transform.push = (chunk: Uint8Array | null) => {
    if (chunk === null)
      settle(); // the end: `finish` may come before the last bytes are looked at
    else out.push(chunk);
    return true;
  };
  transform.on("error", (error) => {
    failure = error;
    settle(); // a write that fails may never be called back
  });
  const step = (start: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve) => {
      settle = resolve;
      start((error) => {
        failure ??= error ?? undefined;
        resolve();
      });
    });
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length; start += pieceBytes) {
        await step((done) => transform.write(chunk.subarray(start, start + pieceBytes), done));
        yield* out.splice(0);
        if (failure !== undefined) throw failure;
      }
    }
    await step(() => transform.end());
    yield* out.splice(0);
    if (failure !== undefined) throw failure;
  } finally {
    transform.destroy();
  }
}
