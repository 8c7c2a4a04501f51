// zstd over whole pieces in memory, for formats that are built of zstd frames. One compressor serves the whole process: a
// context of its own for each recording would cost more memory than the recording.
import { createRequire } from "node:module";
import { T2aError } from "../core/index.js";

type Zstd = typeof import("zstd-napi");
type ZstdBinding = typeof import("zstd-napi/binding.js");

let shared: { readonly compressor: InstanceType<Zstd["Compressor"]>; level: number } | undefined;
let context: InstanceType<ZstdBinding["DCtx"]> | undefined;

/** One zstd frame that holds `bytes`, with their size in its header. Level 1 (fast) to 19 (small). */
export function zstdCompress(bytes: Uint8Array, level: number): Uint8Array {
  if (shared === undefined) {
    const { Compressor }: Zstd = createRequire(import.meta.url)("zstd-napi");
    shared = { compressor: new Compressor(), level: Number.NaN };
  }
  if (shared.level !== level) {
    shared.compressor.setParameters({ compressionLevel: level });
    shared.level = level;
  }
  return shared.compressor.compress(bytes);
}

/**
 * What one zstd frame holds, which must be exactly `size` bytes: memory is taken for these and no more, whatever the
 * frame says.
 * @throws T2aError `T2A_CODEC` where it is damaged or holds more or less.
 */
export function zstdDecompress(frame: Uint8Array, size: number): Uint8Array {
  if (context === undefined) {
    const binding: ZstdBinding = createRequire(import.meta.url)("zstd-napi/binding.js");
    context = new binding.DCtx();
  }
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  let written: number;
  try {
    written = context.decompress(bytes, frame);
  } catch (cause) {
    throw new T2aError("T2A_CODEC", "a zstd frame is damaged", { cause });
  }
  if (written !== size) throw new T2aError("T2A_CODEC", `a zstd frame holds ${written} bytes instead of ${size}`);
  return bytes;
}
