// One line of a timing file. Classic: `DELTA BYTES`. Advanced: a letter first, `O` and `I` DELTA BYTES, `S` and `H` DELTA
// NAME [VALUE]. DELTA is seconds since the record before, of whatever stream. Format: script(1), script-playutils.c of
// util-linux.

/** `O`, as a byte: output, so many bytes of the typescript. */
export const OUTPUT = 0x4f;
/** `I`, as a byte: input, so many bytes of the input log. */
export const INPUT = 0x49;
/** `S`, as a byte: a signal by its name, SIGWINCH with the new size. */
export const SIGNAL = 0x53;
/** `H`, as a byte: a NAME and its VALUE. */
export const HEADER = 0x48;
/** No letter: a record of classic timing, which is of output. */
export const CLASSIC = 0;

const SPACE = 0x20;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** Parses line after line into the same fields: a record costs no object. */
export class TimingRecord {
  /** Letter of the record, or CLASSIC. */
  letter = CLASSIC;
  /** Nanoseconds since the record before; negative where the clock was set back. Infinity where it is beyond all sense. */
  delta = 0;
  /** Bytes of `O`, `I` and classic records. */
  size = 0;
  /** NAME and VALUE of all other records, as they stand. */
  text = "";
  #line: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Becomes a record that says nothing, for an empty line. */
  clear(): true {
    this.letter = HEADER;
    this.delta = 0;
    this.text = "";
    return true;
  }

  /** False where the line is no record. */
  parse(line: Uint8Array): boolean {
    this.#line = line;
    this.#at = 0;
    this.letter = this.#letter();
    if (!this.#seconds()) return false;
    if (this.letter !== OUTPUT && this.letter !== INPUT && this.letter !== CLASSIC) {
      this.text = Buffer.from(line.buffer, line.byteOffset + this.#at, line.length - this.#at)
        .toString()
        .replace(/\r$/, "");
      return true;
    }
    const from = this.#at;
    this.size = this.#integer(15);
    return this.#at > from && this.#isAtEnd();
  }

  #letter(): number {
    const first = this.#line[0] ?? 0;
    if (first < 0x41 || first > 0x5a || this.#line[1] !== SPACE) return CLASSIC;
    this.#at = 2;
    return first;
  }

  /** `12.345678 `, with any number of decimals, after a point or a comma. */
  #seconds(): boolean {
    const line = this.#line;
    const isNegative = line[this.#at] === 0x2d;
    if (isNegative) this.#at++;
    const from = this.#at;
    const whole = this.#integer(12);
    if (this.#at === from) return false;
    let nanos = whole * 1e9;
    const mark = line[this.#at];
    if (mark === 0x2e || mark === 0x2c) {
      this.#at++;
      const start = this.#at;
      const fraction = this.#integer(9);
      nanos += fraction * 10 ** (9 - (this.#at - start));
      const next = line[this.#at] ?? 0;
      if (next >= DIGIT_0 + 5 && next <= DIGIT_9) nanos++;
      while (this.#isDigit()) this.#at++;
    }
    if (this.#isDigit()) {
      nanos = Number.POSITIVE_INFINITY;
      while (this.#isDigit()) this.#at++;
    }
    this.delta = isNegative ? -nanos : nanos;
    if (line[this.#at] !== SPACE) return false;
    this.#at++;
    return true;
  }

  /** Up to `limit` digits. */
  #integer(limit: number): number {
    const line = this.#line;
    const end = Math.min(line.length, this.#at + limit);
    let value = 0;
    let at = this.#at;
    for (; at < end; at++) {
      const digit = (line[at] ?? 0) - DIGIT_0;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#at = at;
    return value;
  }

  #isDigit(): boolean {
    const byte = this.#line[this.#at] ?? 0;
    return byte >= DIGIT_0 && byte <= DIGIT_9;
  }

  #isAtEnd(): boolean {
    while (this.#line[this.#at] === SPACE || this.#line[this.#at] === 0x0d) this.#at++;
    return this.#at === this.#line.length;
  }
}

/** Whether bytes begin as a timing file does: a whole first line that is a record. */
export function beginsAsTiming(head: Uint8Array): boolean {
  const newline = head.indexOf(10);
  return newline > 0 && newline < 4096 && new TimingRecord().parse(head.subarray(0, newline));
}
