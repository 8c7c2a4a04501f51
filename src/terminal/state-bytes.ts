// Numbers, texts and runs of words from bytes that nobody vouches for, and the writer that makes such bytes (state-codec.ts says
// what stands where). Whatever does not hold ends in T2A_SCREEN; memory is taken only for what the bytes really have.
import { T2aError } from "../core/index.js";
import { ByteWriter } from "./byte-writer.js";

const ALIGNMENT = 4;
const SEAL_BYTES = 4;
const NOT_LATIN = /[^\x00-\xff]/;

/** Finds damage, not forgery: MurmurHash3's mixing, a word at a time (https://github.com/aappleby/smhasher, public domain). */
function checksum(words: Uint32Array): number {
  let hash = words.length;
  for (const word of words) {
    const scrambled = Math.imul(word, 0xcc9e2d51);
    hash ^= Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  return hash >>> 0;
}

/** Writes what {@link StateReader} reads. */
export class StateWriter {
  readonly #bytes: ByteWriter;
  readonly #float = new DataView(new ArrayBuffer(8));

  constructor(expectedBytes: number) {
    this.#bytes = new ByteWriter(expectedBytes);
  }

  byte(value: number): void {
    this.#bytes.byte(value);
  }

  flag(value: boolean): void {
    this.#bytes.byte(value ? 1 : 0);
  }

  /** From 0 to 2^32-1, LEB128. */
  number(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes.byte((rest % 0x80) | 0x80);
    this.#bytes.byte(rest);
  }

  /** 32 bits, signed or not. */
  word(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.#bytes.byte((value >>> shift) & 0xff);
  }

  float(value: number): void {
    this.#float.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.#bytes.byte(this.#float.getUint8(i));
  }

  /** The place of a value in a list. */
  choice<T>(values: readonly T[], value: T): void {
    const place = values.indexOf(value);
    if (place < 0) throw new T2aError("T2A_SCREEN", "this screen holds a setting that cannot be saved");
    this.number(place);
  }

  text(text: string): void {
    const isWide = NOT_LATIN.test(text);
    this.number(text.length * 2 + (isWide ? 1 : 0));
    const bytes = Buffer.from(text, isWide ? "utf16le" : "latin1");
    this.#bytes.copy(bytes, 0, bytes.length);
  }

  /** Words as the machine keeps them; {@link align} before. */
  words(words: Uint32Array): void {
    this.#bytes.copy(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), 0, words.byteLength);
  }

  align(): void {
    while (this.#bytes.length % ALIGNMENT !== 0) this.#bytes.byte(0);
  }

  /** Everything written, with its checksum behind it. */
  seal(): Uint8Array {
    this.align();
    this.word(0);
    const sealed = this.#bytes.take();
    const body = sealed.length - SEAL_BYTES;
    new DataView(sealed.buffer).setUint32(body, checksum(new Uint32Array(sealed.buffer, 0, body / 4)), true);
    return sealed;
  }
}

/** Reads what {@link StateWriter} wrote. Takes bytes that begin at a multiple of four in their memory. */
export class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length - SEAL_BYTES;
  }

  /** The error for bytes that say what cannot be. */
  damage(): T2aError {
    return new T2aError("T2A_SCREEN", "this saved screen is damaged: play its recording from the beginning instead", {
      details: { offset: this.#at },
    });
  }

  /** Throws unless this holds. */
  check(holds: boolean): void {
    if (!holds) throw this.damage();
  }

  /** Throws unless the checksum at the end is that of the bytes. */
  checkSeal(): void {
    this.check(this.#end % ALIGNMENT === 0);
    const words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#end / 4);
    this.check(this.#view.getUint32(this.#end, true) === checksum(words));
  }

  byte(): number {
    return this.#bytes[this.#skip(1)] ?? 0;
  }

  flag(): boolean {
    const value = this.byte();
    this.check(value <= 1);
    return value === 1;
  }

  /** A number of at most this. */
  number(most: number): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      this.check(value <= most);
      if (byte < 0x80) return value;
      // More than five bytes are zeros without end.
      this.check(scale < 0x10000000);
    }
  }

  word(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  float(): number {
    return this.#view.getFloat64(this.#skip(8), true);
  }

  choice<T>(values: readonly T[]): T {
    return values[this.number(values.length - 1)] as T;
  }

  text(): string {
    const head = this.number(this.#bytes.length * 2 + 1);
    const isWide = head % 2 === 1;
    const length = Math.floor(head / 2) * (isWide ? 2 : 1);
    const start = this.#skip(length);
    const { buffer, byteOffset } = this.#bytes;
    return Buffer.from(buffer, byteOffset + start, length).toString(isWide ? "utf16le" : "latin1");
  }

  /** As many as the bytes say, at most this. Grows as they are read: a number alone takes no memory. */
  list<T>(most: number, read: () => T): T[] {
    const count = this.number(most);
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(read());
    return values;
  }

  /** A view of the words here. */
  words(count: number): Uint32Array {
    const start = this.#skip(count * 4);
    return new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + start, count);
  }

  align(): void {
    while (this.#at % ALIGNMENT !== 0) this.check(this.byte() === 0);
  }

  /** Throws where something is left. */
  end(): void {
    this.align();
    this.check(this.#at === this.#end);
  }

  /** Steps over so many bytes; where they begin. */
  #skip(count: number): number {
    const start = this.#at;
    this.check(start + count <= this.#end);
    this.#at += count;
    return start;
  }
}
