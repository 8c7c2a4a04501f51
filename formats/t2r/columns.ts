// Columns of numbers and bytes inside a block: written into growing memory, read back with every bound checked.

/** A number takes one byte for each seven bits of it, the lowest first; the highest bit says that more follow. */
const MAX_VARINT_BYTES = 8;

/** Memory of a column at first, and what one keeps that is asked to shrink, bytes. */
const FIRST_BYTES = 256;
const KEPT_BYTES = 4096;

/** A column that grows. */
export class ColumnWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends an integer from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends bytes with their length before them. */
  sized(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  /** Appends text as UTF-8 with its length in bytes before it. */
  text(text: string): void {
    this.sized(Buffer.from(text, "utf8"));
  }

  /** What was written; valid until the next write or `reset`. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  reset(): void {
    this.#length = 0;
  }

  /** Gives back memory that a full column took, where it is empty. */
  shrink(): void {
    if (this.#length === 0 && this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Thrown by {@link ColumnReader} where a column ends too early or holds an impossible number. The caller names the place. */
export class ColumnError extends Error {}

/** Reads a column from its beginning. What it gives are views of it. */
export class ColumnReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new ColumnError("a column ends too early");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 0x80;
    }
    throw new ColumnError("a column holds a number that is too large");
  }

  bytes(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new ColumnError("a column ends too early");
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  sized(): Uint8Array {
    return this.bytes(this.varint());
  }

  text(): string {
    const bytes = this.sized();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  }
}
