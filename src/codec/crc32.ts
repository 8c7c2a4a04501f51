// CRC-32, for what is checked more often than SHA-256 can be afforded: it finds what breaks, not what is forged.
import * as zlib from "node:zlib";

/** The CRC-32 of zlib and gzip over `bytes`, begun with `start`: 0, or what it was of the bytes before. */
export function crc32(bytes: Uint8Array, start = 0): number {
  return zlib.crc32(bytes, start);
}
