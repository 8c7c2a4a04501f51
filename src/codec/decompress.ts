// Decompression of a stream of chunks, several compressed streams back to back included. A stream that is cut or damaged
// yields what came before (but for a last piece that the codec has not given out yet) and then throws. A few bytes may
// unpack to gigabytes: each codec unpacks a bounded piece, which is taken before the next. At once there are at most 16 MB
// of gzip, 128 KB of zstd and its window of up to 128 MB, a block of bzip2 (47 MB), a piece of xz and its dictionary, of
// which the library refuses those over 64 MB.
import { createRequire } from "node:module";
import { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { T2aError } from "../core/index.js";
import { bunzip2 } from "./bunzip2.js";
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

const DECOMPRESSORS: Readonly<Record<Codec["name"], Decompressor>> = {
  gzip: gunzip,
  zstd: unzstd,
  bzip2: bunzip2,
  async *xz(chunks) {
    // CommonJS whose names Node cannot see before it runs: required, not imported.
    const { XzReadableStream }: typeof import("xz-decompress") = createRequire(import.meta.url)("xz-decompress");
    const stream = new XzReadableStream(ReadableStream.from(chunks) as globalThis.ReadableStream<Uint8Array>);
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield Uint8Array.from(chunk); // its memory is the decoder's
  },
};

/** Bytes given to zlib at once: it makes at most a thousand of one. */
const GZIP_PIECE_BYTES = 16 * 1024;

/** zlib's output is taken as it is made: a stream that fails throws away what it holds, and that is what was good before. */
async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const transform = createGunzip();
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
      for (let start = 0; start < chunk.length; start += GZIP_PIECE_BYTES) {
        await step((done) => transform.write(chunk.subarray(start, start + GZIP_PIECE_BYTES), done));
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

/** By the binding: the library's stream unpacks all that it is given before anybody can take it. */
async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { DCtx, DParameter, dStreamOutSize }: typeof import("zstd-napi/binding.js") = createRequire(import.meta.url)(
    "zstd-napi/binding.js",
  );
  const context = new DCtx();
  context.setParameter(DParameter.windowLogMax, ZSTD_WINDOW_LOG_MAX);
  const size = dStreamOutSize();
  let spare: Uint8Array | undefined;
  let inFrame = false;
  for await (const chunk of chunks) {
    let rest = chunk;
    let isFull = false;
    while (rest.length > 0 || (isFull && inFrame)) {
      const buffer = spare ?? new Uint8Array(size);
      const [left, produced, consumed] = context.decompressStream(buffer, rest);
      rest = rest.subarray(consumed);
      inFrame = left !== 0;
      isFull = produced === size;
      // Little output must not cost a whole buffer: give a copy and unpack into the same memory again.
      spare = produced < size / 4 ? buffer : undefined;
      if (produced > 0) yield spare === undefined ? buffer.subarray(0, produced) : buffer.slice(0, produced);
    }
  }
  if (inFrame) throw new Error("it ends too early");
}
