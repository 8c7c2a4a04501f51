// A growable run of bytes: what is built piece by piece here (filtered output, dumps, answers) is built in one of these.

const encoder = new TextEncoder();

/** Collects bytes. `take` hands them out and begins anew; the memory stays with the writer. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(initialBytes = 1024) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** Forgets all that was collected. */
  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Appends `source[start, end)`. */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.#reserve(count);
    // A call of set() costs more than a short loop.
    if (count > 48) this.#bytes.set(source.subarray(start, end), this.#length);
    else for (let i = 0; i < count; i++) this.#bytes[this.#length + i] = source[start + i] ?? 0;
    this.#length += count;
  }

  /** Appends text as UTF-8. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    let at = 0;
    // Nearly all of it is a few ASCII characters, for which a call of the encoder costs more than a loop.
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) break;
      this.#bytes[this.#length++] = code;
    }
    if (at < text.length) {
      this.#length += encoder.encodeInto(text.slice(at), this.#bytes.subarray(this.#length)).written;
    }
  }

  /** Appends a non-negative integer in decimal digits. */
  decimal(value: number): void {
    if (value >= 10) this.decimal(Math.floor(value / 10));
    this.byte(0x30 + (value % 10));
  }

  /** Appends a character as UTF-8. */
  codePoint(code: number): void {
    if (code < 0x80) {
      this.byte(code);
      return;
    }
    const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    this.byte(((0xff00 >> (more + 1)) & 0xff) | (code >> (6 * more)));
    for (let shift = 6 * (more - 1); shift >= 0; shift -= 6) this.byte(0x80 | ((code >> shift) & 0x3f));
  }

  /** A copy of what was collected; the writer is empty afterwards. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** The bytes of `first` and then those of `second`. */
export function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
