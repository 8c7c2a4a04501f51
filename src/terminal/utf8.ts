// UTF-8 cut anywhere. Well-formed byte sequences: Unicode 16, table 3-7; damage is replaced per maximal subpart (section 3.9),
// as in WHATWG Encoding, so that the same bytes give the same characters however they were cut.
import { joinBytes } from "./byte-writer.js";

/**
 * What stands at `start`: n > 0, a whole character of n bytes; 0, the beginning of one that the input's end cuts;
 * -n, n bytes that are no UTF-8 and stand for one U+FFFD.
 */
export function measureUtf8(bytes: Uint8Array, start: number): number {
  const lead = bytes[start] ?? 0;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const need = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < need; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return 0;
    if (byte < lowest || byte > highest) return -i;
    lowest = 0x80;
    highest = 0xbf;
  }
  return need;
}

/** Where the cut character at the end begins; the length where none is cut. */
export function findCutCharacter(bytes: Uint8Array): number {
  for (let start = bytes.length - 1; start >= 0 && start >= bytes.length - 3; start--) {
    const byte = bytes[start] ?? 0;
    if (byte >= 0xc0) return measureUtf8(bytes, start) === 0 ? start : bytes.length;
    if (byte < 0x80) break;
  }
  return bytes.length;
}

const NOTHING = new Uint8Array(0);

/** Decodes chunks cut anywhere; the at most three bytes of a cut character wait for the next chunk. */
export class Utf8Decoder {
  #open: Uint8Array = NOTHING;

  /** The bytes of the character that the last chunk cut. */
  get open(): Uint8Array {
    return this.#open;
  }

  /** Becomes one whose {@link open} bytes these were; they are copied. */
  restore(open: Uint8Array): void {
    this.#open = Uint8Array.from(open);
  }

  decode(chunk: Uint8Array): string {
    const bytes = joinBytes(this.#open, chunk);
    const cut = findCutCharacter(bytes);
    this.#open = cut === bytes.length ? NOTHING : bytes.slice(cut);
    // Buffer's own decoder, unlike TextDecoder, keeps U+FEFF at the start of a chunk.
    return Buffer.from(bytes.buffer, bytes.byteOffset, cut).toString("utf8");
  }
}
