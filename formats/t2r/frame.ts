// The skippable frames of a .t2r: built and taken apart, each with its checksum.
import { createHash, hash } from "node:crypto";
import { zstdCompress, zstdDecompress } from "../../src/codec/index.js";
import { T2aError } from "../../src/core/index.js";
import {
  CHECKSUM_BYTES,
  Encoding,
  FRAME_HEAD_BYTES,
  LAYOUT_VERSION,
  MAJOR_VERSION,
  MAX_BLOCK_BYTES,
  SIGNATURE,
  SKIPPABLE_MAGIC,
} from "./layout.js";

/** Compression of payloads: they are small. */
export const PAYLOAD_LEVEL = 19;

/** A skippable frame, taken apart. */
export interface Frame {
  /** The format's major version; of a newer one only the frame's shape is known. */
  readonly major: number;
  readonly type: number;
  /** Version of the payload's layout. */
  readonly layout: number;
  /** A view of the bytes that were parsed, or what they unpack to. */
  readonly payload: Uint8Array;
}

/** The first eight bytes of the SHA-256 of `bytes`, and of what follows them. */
export function checksum(bytes: Uint8Array, more?: Uint8Array): Uint8Array {
  if (more === undefined) return hash("sha256", bytes, "buffer").subarray(0, CHECKSUM_BYTES);
  return createHash("sha256").update(bytes).update(more).digest().subarray(0, CHECKSUM_BYTES);
}

/** A whole skippable frame of that type. */
export function buildFrame(type: number, payload: Uint8Array, encoding: number = Encoding.plain): Uint8Array {
  const size = FRAME_HEAD_BYTES + payload.length + CHECKSUM_BYTES;
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeUInt32LE(SKIPPABLE_MAGIC, 0);
  bytes.writeUInt32LE(size - 8, 4);
  bytes.set(SIGNATURE, 8);
  bytes[11] = MAJOR_VERSION;
  bytes[12] = type;
  bytes[13] = LAYOUT_VERSION;
  bytes[14] = encoding;
  bytes[15] = 0;
  bytes.set(payload, FRAME_HEAD_BYTES);
  bytes.set(checksum(bytes.subarray(0, size - CHECKSUM_BYTES)), size - CHECKSUM_BYTES);
  return bytes;
}

/** A frame whose payload is packed where that makes it smaller: its size, 32 bits, and a zstd frame. */
export function buildPackedFrame(type: number, payload: Uint8Array, level = PAYLOAD_LEVEL): Uint8Array {
  const packed = zstdCompress(payload, level);
  if (packed.length + 4 >= payload.length) return buildFrame(type, payload);
  const sized = Buffer.allocUnsafe(packed.length + 4);
  sized.writeUInt32LE(payload.length, 0);
  sized.set(packed, 4);
  return buildFrame(type, sized, Encoding.zstd);
}

/** What the first {@link FRAME_HEAD_BYTES} of a frame say: its whole size in bytes. Undefined where they are none of t2a's. */
export function frameSize(head: Uint8Array): number | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < FRAME_HEAD_BYTES || view.getUint32(0, true) !== SKIPPABLE_MAGIC) return undefined;
  if (!SIGNATURE.every((byte, index) => head[8 + index] === byte)) return undefined;
  const size = view.getUint32(4, true) + 8;
  return size < FRAME_HEAD_BYTES + CHECKSUM_BYTES ? undefined : size;
}

/** Takes a whole frame apart; undefined where its checksum does not hold or its payload does not unpack. */
export function parseFrame(bytes: Uint8Array): Frame | undefined {
  const end = bytes.length - CHECKSUM_BYTES;
  if (frameSize(bytes) !== bytes.length || !equalBytes(checksum(bytes.subarray(0, end)), bytes.subarray(end))) {
    return undefined;
  }
  const stored = bytes.subarray(FRAME_HEAD_BYTES, end);
  const major = bytes[11] ?? 0;
  const payload = bytes[14] === Encoding.plain || major > MAJOR_VERSION ? stored : unpack(stored, bytes[14]);
  if (payload === undefined) return undefined;
  return { major, type: bytes[12] ?? 0, layout: bytes[13] ?? 0, payload };
}

function unpack(stored: Uint8Array, encoding: number | undefined): Uint8Array | undefined {
  if (encoding !== Encoding.zstd || stored.length < 4) return undefined;
  const size = new DataView(stored.buffer, stored.byteOffset).getUint32(0, true);
  if (size > MAX_BLOCK_BYTES) return undefined;
  try {
    return zstdDecompress(stored.subarray(4), size);
  } catch (error) {
    if (error instanceof T2aError) return undefined;
    throw error;
  }
}

/** Whether two runs of bytes are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
