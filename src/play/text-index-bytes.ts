// A text index as bytes, to be kept between runs: magic with the version; CRC-32 of all that follows; how many chunks, events and
// nanoseconds; a row of figures for each chunk; the packed chunks. Little-endian, but for the chunks' columns, which are the
// machine's: such bytes stay on the machine that made them.
import { setImmediate as nextTurn } from "node:timers/promises";
import { crc32 } from "../codec/index.js";
import { isPlausible, type PackedChunk } from "./text-chunk.js";
import { TextIndex } from "./text-index.js";

/** Bytes of another version are not understood. To be raised whenever what counts as an appearance changes. */
export const TEXT_INDEX_VERSION = 1;

const MAGIC = Buffer.from(`t2atext${String.fromCharCode(TEXT_INDEX_VERSION)}`, "latin1");
const CRC_AT = 8;
const BODY_AT = 12;
const ROWS_AT = 32;
/** Lines, size, packed size; first and last events. */
const ROW_BYTES = 28;
/** Summed at a stretch. */
const SUM_BYTES = 4 * 1024 * 1024;

/** The bytes of a complete index. */
export async function textIndexToBytes(index: TextIndex): Promise<Uint8Array> {
  const { events, time, chunks } = index.content;
  const head = Buffer.alloc(ROWS_AT + chunks.length * ROW_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(chunks.length, 12);
  head.writeDoubleLE(events, 16);
  head.writeDoubleLE(time, 24);
  for (const [at, chunk] of chunks.entries()) writeRow(head, ROWS_AT + at * ROW_BYTES, chunk);
  const bytes = Buffer.concat([head, ...chunks.map(({ packed }) => packed)]);
  bytes.writeUInt32LE(await sum(bytes), CRC_AT);
  return bytes;
}

/** The index in these bytes, which must not change any more; undefined where they are damaged, or of another version. */
export async function textIndexFromBytes(bytes: Uint8Array): Promise<TextIndex | undefined> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length < ROWS_AT || !buffer.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const count = buffer.readUInt32LE(12);
  if (ROWS_AT + count * ROW_BYTES > buffer.length || (await sum(buffer)) !== buffer.readUInt32LE(CRC_AT))
    return undefined;
  const chunks = readChunks(buffer, count);
  return chunks && TextIndex.of({ events: buffer.readDoubleLE(16), time: buffer.readDoubleLE(24), chunks });
}

function writeRow(head: Buffer, at: number, { lines, size, packed, firstEvents, lastEvents }: PackedChunk): void {
  head.writeUInt32LE(lines, at);
  head.writeUInt32LE(size, at + 4);
  head.writeUInt32LE(packed.length, at + 8);
  head.writeDoubleLE(firstEvents, at + 12);
  head.writeDoubleLE(lastEvents, at + 20);
}

function readChunks(buffer: Buffer, count: number): PackedChunk[] | undefined {
  const chunks: PackedChunk[] = [];
  let start = ROWS_AT + count * ROW_BYTES;
  for (let at = ROWS_AT; at < ROWS_AT + count * ROW_BYTES; at += ROW_BYTES) {
    const figures = {
      lines: buffer.readUInt32LE(at),
      size: buffer.readUInt32LE(at + 4),
      firstEvents: buffer.readDoubleLE(at + 12),
      lastEvents: buffer.readDoubleLE(at + 20),
    };
    const end = start + buffer.readUInt32LE(at + 8);
    if (!isPlausible(figures) || end > buffer.length) return undefined;
    chunks.push({ ...figures, packed: buffer.subarray(start, end) });
    start = end;
  }
  return start === buffer.length ? chunks : undefined;
}

async function sum(bytes: Uint8Array): Promise<number> {
  let crc = 0;
  for (let at = BODY_AT; at < bytes.length; at += SUM_BYTES) {
    crc = crc32(bytes.subarray(at, at + SUM_BYTES), crc);
    await nextTurn();
  }
  return crc;
}
