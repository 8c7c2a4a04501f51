// Writes JSON text byte by byte into one buffer that is used again: no string is ever made of what a terminal printed.
import { isAscii, needsEscape, viewOf } from "./plain-words.js";

/** For each byte in a JSON string: 0 copied as it is, 1 written as \u00XX, else the letter of its short escape. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(1, 0, 32);
for (const [byte, letter] of [
  [8, "b"],
  [9, "t"],
  [10, "n"],
  [12, "f"],
  [13, "r"],
  [34, '"'],
  [92, "\\"],
] as const) {
  ESCAPES[byte] = letter.charCodeAt(0);
}
const HEX = Buffer.from("0123456789abcdef", "latin1");
/** Escaping makes six bytes of one at most. */
const MAX_GROWTH = 6;
const SLICE_BYTES = 32 * 1024;
const SHORT_BYTES = 64;

/** A growing buffer of JSON text. What `bytes` returns is valid until the next `reset`. */
export class JsonWriter {
  #buffer = Buffer.allocUnsafeSlow(512 * 1024);
  #view = viewOf(this.#buffer);
  #length = 0;

  /** Bytes written since `reset`; writing can go back to such a place by `truncate`. */
  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  truncate(length: number): void {
    this.#length = length;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Appends text that is ASCII or JSON already. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length, "utf8");
  }

  /** Appends bytes as they are: JSON already. */
  raw(bytes: Uint8Array): void {
    this.rawRange(bytes, 0, bytes.length);
  }

  /** Appends a part of bytes that are JSON already. */
  rawRange(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    if (end - start < SHORT_BYTES) {
      // A call into the runtime costs more than copying so few bytes.
      const buffer = this.#buffer;
      let length = this.#length;
      for (let i = start; i < end; i++) buffer[length++] = bytes[i] as number; // i is below the end of bytes
      this.#length = length;
      return;
    }
    this.#buffer.set(bytes.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  /** Appends a non-negative integer divided by 10^decimals, with all its decimals. */
  decimal(units: number, decimals: number): void {
    this.#reserve(32);
    const scale = 10 ** decimals;
    const whole = Math.floor(units / scale);
    this.#digits(whole, digitCount(whole));
    if (decimals === 0) return;
    this.#buffer[this.#length++] = 0x2e;
    this.#digits(units - whole * scale, decimals);
  }

  /** Appends UTF-8 bytes as the inside of a JSON string. Returns whether all of them are ASCII. */
  escaped(data: Uint8Array): boolean {
    let seen = 0;
    const from = viewOf(data);
    for (let start = 0; start < data.length; start += SLICE_BYTES) {
      const end = Math.min(data.length, start + SLICE_BYTES);
      this.#reserve((end - start) * MAX_GROWTH);
      const buffer = this.#buffer;
      const to = this.#view;
      const lastWord = end - 4;
      let length = this.#length;
      for (let i = start; i < end; i++) {
        for (; i <= lastWord; i += 4) {
          const word = from.getInt32(i, true);
          if (needsEscape(word)) break;
          to.setInt32(length, word, true);
          seen |= word;
          length += 4;
        }
        if (i === end) break;
        const byte = data[i] as number; // i is below data.length
        const form = ESCAPES[byte] as number; // the table has 256 entries
        seen |= byte;
        if (form === 0) {
          buffer[length++] = byte;
        } else if (form !== 1) {
          buffer[length] = 0x5c;
          buffer[length + 1] = form;
          length += 2;
        } else {
          buffer[length] = 0x5c;
          buffer[length + 1] = 0x75;
          buffer[length + 2] = 0x30;
          buffer[length + 3] = 0x30;
          buffer[length + 4] = HEX[byte >> 4] as number;
          buffer[length + 5] = HEX[byte & 15] as number;
          length += 6;
        }
      }
      this.#length = length;
    }
    return isAscii(seen);
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let i = this.#length + count - 1; i >= this.#length; i--) {
      const next = Math.floor(rest / 10);
      this.#buffer[i] = 48 + (rest - next * 10);
      rest = next;
    }
    this.#length += count;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
    this.#view = viewOf(grown);
  }
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}
