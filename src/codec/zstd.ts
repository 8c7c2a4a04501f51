// zstd over whole pieces in memory, for formats that are built of zstd frames. One compressor serves the whole process: a
// context of its own for each recording would cost more memory than the recording.
import { createRequire } from "node:module";
import { T2aError } from "../core/index.js";

type ZstdBinding = typeof import("zstd-napi/binding.js");

/** Memory for packed bytes that is kept and used again, in bytes: enough for every block but those of one large event. */
const SCRATCH_BYTES = 2 * 1024 * 1024;

let binding: ZstdBinding | undefined;
let packing: { readonly context: InstanceType<ZstdBinding["CCtx"]>; level: number; scratch: Buffer } | undefined;
let unpacking: InstanceType<ZstdBinding["DCtx"]> | undefined;

function zstd(): ZstdBinding {
  binding ??= createRequire(import.meta.url)("zstd-napi/binding.js") as ZstdBinding;
  return binding;
}

/** One zstd frame that holds `bytes`, with their size in its header. Level {@link ZSTD_STORED}, or 1 (fast) to 19 (small). */
export function zstdCompress(bytes: Uint8Array, level: number): Uint8Array {
  if (level === ZSTD_STORED) return store(bytes);
  const { CCtx, CParameter, compressBound } = zstd();
  packing ??= { context: new CCtx(), level: Number.NaN, scratch: Buffer.allocUnsafeSlow(0) };
  if (packing.level !== level) {
    packing.context.setParameter(CParameter.compressionLevel, level);
    packing.level = level;
  }
  const bound = compressBound(bytes.length);
  if (bound > SCRATCH_BYTES) {
    const packed = Buffer.allocUnsafe(bound);
    return packed.subarray(0, packing.context.compress2(packed, bytes));
  }
  if (bound > packing.scratch.length) packing.scratch = Buffer.allocUnsafeSlow(bound);
  return Buffer.from(packing.scratch.subarray(0, packing.context.compress2(packing.scratch, bytes)));
}

/** The level at which nothing is packed: a frame of raw blocks, as fast as copying. */
export const ZSTD_STORED = 0;
/** The most that a block of a zstd frame may hold, in bytes. RFC 8878, 3.1.1.2.4. */
const RAW_BLOCK_BYTES = 128 * 1024;
/** Magic; one segment, and a size of four bytes; the size. RFC 8878, 3.1.1.1. */
const RAW_HEAD_BYTES = 9;

function store(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / RAW_BLOCK_BYTES));
  const frame = Buffer.allocUnsafe(RAW_HEAD_BYTES + blocks * 3 + bytes.length);
  frame.writeUInt32LE(0xfd2fb528, 0);
  frame[4] = 0xa0;
  frame.writeUInt32LE(bytes.length, 5);
  let at = RAW_HEAD_BYTES;
  for (let block = 0; block < blocks; block++) {
    const part = bytes.subarray(block * RAW_BLOCK_BYTES, (block + 1) * RAW_BLOCK_BYTES);
    frame.writeUIntLE(part.length * 8 + (block === blocks - 1 ? 1 : 0), at, 3);
    frame.set(part, at + 3);
    at += 3 + part.length;
  }
  return frame;
}

/**
 * What one zstd frame holds, which must be exactly `size` bytes: memory is taken for these and no more, whatever the
 * frame says.
 * @throws T2aError `T2A_CODEC` where it is damaged or holds more or less.
 */
export function zstdDecompress(frame: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  zstdDecompressInto(bytes, frame);
  return bytes;
}

/** As {@link zstdDecompress}, into the caller's memory, which it fills. @throws as `zstdDecompress`. */
export function zstdDecompressInto(bytes: Uint8Array, frame: Uint8Array): void {
  unpacking ??= new (zstd().DCtx)();
  let written: number;
  try {
    written = unpacking.decompress(bytes, frame);
  } catch (cause) {
    throw new T2aError("T2A_CODEC", "a zstd frame is damaged", { cause });
  }
  const size = bytes.length;
  if (written !== size) throw new T2aError("T2A_CODEC", `a zstd frame holds ${written} bytes instead of ${size}`);
}
