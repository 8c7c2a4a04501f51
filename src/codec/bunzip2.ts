// bzip2, block by block. The library's own stream unpacks every block it has at once, each into an array of numbers, which
// takes gigabytes for a few bytes; its decoder of single blocks is used instead.
import { createRequire } from "node:module";

/** Reads bits of what `next` gives; `null` goes on to the next whole byte. */
type BitReader = ((count: number | null) => number) & { readonly bytesRead: number };
type CreateBitReader = (next: () => Uint8Array | undefined) => BitReader;

interface BlockDecoder {
  /** The size of blocks that a stream's header states, in units of {@link BLOCK_UNIT}. */
  header(bits: BitReader): number;
  /** Unpacks one block; the checksum so far, or null at the end of the stream. */
  decompress(
    bits: BitReader,
    put: (byte: number) => void,
    memory: Int32Array,
    size: number,
    crc: number,
  ): number | null;
}

/** Bytes of a block before the runs in it are written out: at most 52 times as many come of it, 47 MB of a large one. */
const BLOCK_UNIT = 100_000;
/** No block is longer packed than unpacked by more than this: so many bytes hold a whole one. */
const BLOCK_MARGIN = 25_000;
const PIECE_BYTES = 256 * 1024;

/** The unpacked bytes, and never more of them in memory than one block's. */
export async function* bunzip2(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const load = createRequire(import.meta.url);
  const decoder: BlockDecoder = load("unbzip2-stream/lib/bzip2.js");
  const createBitReader: CreateBitReader = load("unbzip2-stream/lib/bit_iterator.js");
  const queue: Uint8Array[] = [];
  const out = new Pieces();
  let received = 0;
  let bits: BitReader | undefined;
  let units = 0;
  let crc: number | null = null;
  let memory = new Int32Array(0);

  /** Reads a header or a block. */
  const step = (reader: BitReader) => {
    try {
      if (crc === null) {
        units = decoder.header(reader);
        crc = 0;
        if (memory.length < units * BLOCK_UNIT) memory = new Int32Array(units * BLOCK_UNIT);
      } else crc = decoder.decompress(reader, out.put, memory, units * BLOCK_UNIT, crc);
    } catch (cause) {
      throw cause instanceof TypeError ? new Error("it ends too early", { cause }) : cause; // it reads behind the last byte
    }
  };
  const needed = () => (crc === null ? 4 : BLOCK_MARGIN + units * BLOCK_UNIT);

  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    queue.push(chunk);
    received += chunk.length;
    bits ??= createBitReader(() => queue.shift());
    while (received - bits.bytesRead >= needed()) {
      step(bits);
      yield* out.taken();
    }
  }
  while (bits !== undefined && received > bits.bytesRead) {
    step(bits);
    yield* out.taken();
  }
  if (crc !== null) throw new Error("it ends too early");
}

/** Single bytes, gathered. */
class Pieces {
  #full: Uint8Array[] = [];
  #piece = new Uint8Array(PIECE_BYTES);
  #length = 0;

  readonly put = (byte: number): void => {
    if (this.#length === PIECE_BYTES) {
      this.#full.push(this.#piece);
      this.#piece = new Uint8Array(PIECE_BYTES);
      this.#length = 0;
    }
    this.#piece[this.#length++] = byte;
  };

  /** What was gathered; each piece is let go as it is given. */
  *taken(): Generator<Uint8Array> {
    for (let next = this.#full.shift(); next !== undefined; next = this.#full.shift()) yield next;
    if (this.#length > 0) yield this.#piece.slice(0, this.#length);
    this.#length = 0;
  }
}
