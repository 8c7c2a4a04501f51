// Keeps characters whole for formats that hold text: an incomplete tail of UTF-8 is held back until the bytes that
// complete it come; bytes that are no UTF-8 become U+FFFD and are counted.
import { isUtf8 } from "node:buffer";

const NONE = new Uint8Array(0);
const REPLACEMENT = Buffer.from("\ufffd");

/** The UTF-8 state of one stream of text. */
export class Utf8Carry {
  #held: Uint8Array = NONE;

  /** An incomplete character is held. */
  get holds(): boolean {
    return this.#held.length > 0;
  }

  /** Whole characters of what was held and `data`, valid UTF-8, and how many bytes were replaced. May be empty. */
  push(data: Uint8Array): { readonly text: Uint8Array; readonly invalidBytes: number } {
    if (this.#held.length === 0 && isUtf8(data)) return { text: data, invalidBytes: 0 };
    const bytes = this.#held.length === 0 ? data : Buffer.concat([this.#held, data]);
    const whole = bytes.length - incompleteTail(bytes);
    this.#held = whole === bytes.length ? NONE : Uint8Array.from(bytes.subarray(whole));
    return sanitized(bytes.subarray(0, whole));
  }

  /** What is still held, replaced. */
  end(): { readonly text: Uint8Array; readonly invalidBytes: number } {
    const held = this.#held;
    this.#held = NONE;
    return sanitized(held);
  }
}

/** How many bytes at the end begin a character that more bytes could complete (0-3). */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number; // back is at most the length
    if (byte >= 0x80 && byte < 0xc0) continue;
    const needed = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    if (needed <= back || byte >= 0xf5) return 0;
    // A second byte out of its range (overlong, surrogate, beyond U+10FFFF) can never be completed.
    return back === 1 || isPrefix(byte, bytes[bytes.length - back + 1] as number) ? back : 0;
  }
  return 0;
}

function isPrefix(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second < 0xa0;
  if (lead === 0xf0) return second >= 0x90;
  if (lead === 0xf4) return second < 0x90;
  return true;
}

function sanitized(bytes: Uint8Array): { readonly text: Uint8Array; readonly invalidBytes: number } {
  if (isUtf8(bytes)) return { text: bytes, invalidBytes: 0 };
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = Buffer.from(source.toString("utf8"), "utf8");
  const replaced = occurrences(text) - occurrences(source);
  return { text, invalidBytes: source.length - (text.length - REPLACEMENT.length * replaced) };
}

function occurrences(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(REPLACEMENT); at >= 0; at = bytes.indexOf(REPLACEMENT, at + REPLACEMENT.length)) count++;
  return count;
}
