// Where a zstd frame ends, told by its structure alone (RFC 8878, 3.1.1) and without unpacking it: how a reader gets past
// output whose length stood in a damaged frame.
import { MAX_BLOCK_BYTES, ZSTD_MAGIC } from "./layout.js";

const BLOCK_HEAD_BYTES = 3;
/** Bytes of the dictionary's id, by the two bits that say it. */
const DICTIONARY_BYTES = [0, 1, 2, 4];
/** Bytes of the content's size, by the two bits that say it; the first is 1 where there is no window descriptor. */
const SIZE_BYTES = [0, 2, 4, 8];
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/**
 * Takes a zstd frame with `take`, which gives so many bytes, or undefined where there are fewer. False, with some bytes
 * taken, where none stands there or it is larger than any content of a .t2r.
 */
export async function takeZstdFrame(take: (length: number) => Promise<Uint8Array | undefined>): Promise<boolean> {
  const head = await take(5);
  if (head === undefined || number(head.subarray(0, 4)) !== ZSTD_MAGIC) return false;
  const descriptor = head[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = SIZE_BYTES[descriptor >> 6] || (isSingle ? 1 : 0);
  const checksumBytes = (descriptor & 4) !== 0 ? 4 : 0;
  const rest = (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + sizeBytes;
  if ((await take(rest)) === undefined) return false;
  let size = 0;
  for (let isLast = false; !isLast; ) {
    const block = await take(BLOCK_HEAD_BYTES);
    if (block === undefined) return false;
    const fields = number(block);
    const type = (fields >> 1) & 3;
    isLast = (fields & 1) === 1;
    const stored = type === RLE_BLOCK ? 1 : fields >> 3;
    size += BLOCK_HEAD_BYTES + stored;
    if (type === RESERVED_BLOCK || size > MAX_BLOCK_BYTES || (await take(stored)) === undefined) return false;
  }
  return (await take(checksumBytes)) !== undefined;
}

/** Little-endian. */
function number(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
