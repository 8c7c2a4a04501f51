// Compression on writing: a Target that packs what it is given and hands it on.
import type { Transform } from "node:stream";
import { createGzip } from "node:zlib";
import { T2aError, type Target } from "../core/index.js";
import type { Codec } from "./codecs.js";

const ZSTD_LEVEL = 9;

/**
 * A target whose bytes are compressed on their way into `target`. What is written is not on disk before `commit`:
 * compressed recordings are not crash-safe.
 */
export async function compressedTarget(codec: Codec, target: Target): Promise<Target> {
  const stream = await createCompressor(codec);
  const chunks: Uint8Array[] = [];
  let failure: unknown;
  let ended = false;
  stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  stream.on("error", (error) => {
    failure = error;
  });
  const drain = async () => {
    if (failure !== undefined)
      throw new T2aError("T2A_CODEC", `${target.name} could not be compressed`, { cause: failure });
    for (const chunk of chunks.splice(0)) await target.write(chunk);
  };
  return {
    name: target.name,
    async write(bytes) {
      await new Promise<void>((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve())));
      await drain();
    },
    stopWaiting: (stallMs) => target.stopWaiting?.(stallMs),
    sibling() {
      throw new T2aError(
        "T2A_FORMAT_UNSUPPORTED",
        "a recording of several files cannot be compressed: leave the suffix out",
      );
    },
    async commit() {
      if (!ended) {
        ended = true;
        await new Promise<void>((resolve, reject) => {
          stream.on("end", resolve);
          stream.on("error", reject);
          stream.end();
        });
        await drain();
      }
      await target.commit();
    },
    async abort() {
      ended = true;
      stream.destroy();
      await target.abort();
    },
  };
}

async function createCompressor(codec: Codec): Promise<Transform> {
  if (codec.name === "gzip") return createGzip();
  if (codec.name === "zstd") {
    const { CompressStream } = await import("zstd-napi");
    return new CompressStream({ compressionLevel: ZSTD_LEVEL, checksumFlag: true });
  }
  throw new T2aError(
    "T2A_FORMAT_UNSUPPORTED",
    `t2a reads ${codec.suffix} files but does not write them: use .gz or .zst`,
  );
}
