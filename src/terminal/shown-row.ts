// The part of a screen's row that is shown, as the engine packs it: three words a cell, combined texts and extended attributes
// aside. One object for all rows, so that nothing is allocated for one.
import type { EngineLine } from "./engine-internals.js";

/** Words of a cell. */
export const CELL_WORDS = 3;
const CODEPOINT = 0x1fffff;
const IS_COMBINED = 0x200000;
const HAS_CONTENT = 0x3fffff;
const WIDTH_SHIFT = 22;
const HAS_EXTENDED = 0x10000000;
/** Underline style and colour; links are not shown. */
const EXTENDED = 0x1fffffff;
const MAX_CODE_POINT = 0x10ffff;

/** The columns that a cell's first word says it takes: 2 for a wide character, 0 for its right half. */
export function widthOf(content: number): number {
  return content >> WIDTH_SHIFT;
}

/** A row to be shown. Columns count from the first that is shown. */
export class ShownRow {
  #line: EngineLine | undefined;
  #words: Uint32Array = new Uint32Array(0);
  #base = 0;
  #left = 0;
  #cols = 0;
  #isWhole = false;
  #scratch: Uint32Array = new Uint32Array(0);

  /** Becomes the `cols` columns of a line from `left` on; what the line does not have is blank. */
  take(line: EngineLine | undefined, left: number, cols: number): void {
    this.#line = line;
    this.#left = left;
    this.#cols = cols;
    this.#isWhole = line !== undefined && line.length >= left + cols;
    this.#words = line !== undefined && this.#isWhole ? line._data : this.#filledUp();
    this.#base = this.#isWhole ? left * CELL_WORDS : 0;
  }

  /** The words that hold the row, where they hold all of it: its first cell is that of {@link left}. */
  get plainWords(): Uint32Array | undefined {
    const line = this.#line;
    if (!this.#isWhole || line === undefined || hasKeys(line._combined) || hasKeys(line._extendedAttrs))
      return undefined;
    return this.#words;
  }

  get left(): number {
    return this.#left;
  }

  content(x: number): number {
    return this.#words[this.#base + x * CELL_WORDS] ?? 0;
  }

  fg(x: number): number {
    return this.#words[this.#base + x * CELL_WORDS + 1] ?? 0;
  }

  bg(x: number): number {
    return this.#words[this.#base + x * CELL_WORDS + 2] ?? 0;
  }

  /** Underline style and colour; 0 for none. */
  extended(x: number): number {
    if ((this.bg(x) & HAS_EXTENDED) === 0) return 0;
    return (this.#line?._extendedAttrs[this.#left + x]?._ext ?? 0) & EXTENDED;
  }

  /** The characters of a cell that has several. */
  combined(x: number): string | undefined {
    return (this.content(x) & IS_COMBINED) === 0 ? undefined : (this.#line?._combined[this.#left + x] ?? "");
  }

  /** The one character of a cell that has no more; 0 for none. */
  codePoint(x: number): number {
    const code = this.content(x) & CODEPOINT;
    return code > MAX_CODE_POINT ? 0xfffd : code;
  }

  /** A wide character, both halves of which are there. */
  isWide(x: number): boolean {
    return widthOf(this.content(x)) === 2 && x + 1 < this.#cols && this.content(x + 1) === 0;
  }

  /** A character without columns of its own that joined no other. */
  isLoose(x: number): boolean {
    const content = this.content(x);
    return widthOf(content) === 0 && (content & HAS_CONTENT) !== 0;
  }

  /** Copies the words of the row. */
  copyTo(target: Uint32Array, offset: number): void {
    target.set(this.#words.subarray(this.#base, this.#base + this.#cols * CELL_WORDS), offset);
  }

  #filledUp(): Uint32Array {
    const size = this.#cols * CELL_WORDS;
    if (this.#scratch.length < size) this.#scratch = new Uint32Array(size);
    this.#scratch.fill(0);
    const [start, end] = [
      this.#left * CELL_WORDS,
      Math.min(this.#line?.length ?? 0, this.#left + this.#cols) * CELL_WORDS,
    ];
    if (this.#line !== undefined && start < end) this.#scratch.set(this.#line._data.subarray(start, end));
    return this.#scratch;
  }
}

function hasKeys(table: object): boolean {
  for (const _ in table) return true;
  return false;
}
