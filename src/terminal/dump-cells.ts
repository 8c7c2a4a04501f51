// The cells of one buffer as control sequences. Written to a blank buffer of the same size, with autowrap on, insert mode off,
// no margins and US ASCII, they make its cells and wrapped rows the same. Cells that were never written differ from spaces
// (they end a line's text): they are left out, or erased into being where they have a background.
import type { EngineBuffer, EngineLine } from "./engine-internals.js";
import { cellStyle, type PenStyle, type PenWriter, PLAIN } from "./pen.js";

const WORDS = 3;
const CODEPOINT = 0x1fffff;
const IS_COMBINED = 0x200000;
const HAS_CONTENT = 0x3fffff;
const WIDTH_SHIFT = 22;
const COLOUR_BITS = 0x3ffffff;

/** The size of the screen. */
export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** Moves the cursor to a column and row from 0. */
export function moveTo(x: number, y: number): string {
  return `\x1b[${y + 1};${x + 1}H`;
}

/** The sequences for all rows of a buffer. */
export function dumpCells(buffer: EngineBuffer, size: Size, pen: PenWriter): string {
  let bytes = dumpWraps(buffer, size);
  for (let y = 0; y < size.rows; y++) {
    const line = buffer.lines.get(buffer.ybase + y);
    if (line !== undefined) bytes += new RowWriter(line, y, pen).write();
  }
  return bytes + pen.change(PLAIN);
}

/** Only wrapping marks a row as wrapped: two characters are written over the end of the row above, and erased. */
function dumpWraps(buffer: EngineBuffer, { cols, rows }: Size): string {
  let bytes = "";
  if (buffer.lines.get(buffer.ybase)?.isWrapped) {
    // The row above the first is gone: it is made on the second and moved up by deleting the first.
    bytes += `${moveTo(cols - 1, 0)}xx\x1b[H${rows > 1 ? "\x1b[M" : ""}\x1b[X`;
  }
  for (let y = 1; y < rows; y++) {
    if (!buffer.lines.get(buffer.ybase + y)?.isWrapped) continue;
    bytes += `${moveTo(cols - 1, y - 1)}xx${moveTo(0, y)}\x1b[X${moveTo(cols - 1, y - 1)}\x1b[X`;
  }
  return bytes;
}

/** The characters of a cell; empty where nothing was written. */
export function cellText(line: EngineLine, x: number): string {
  const content = line._data[x * WORDS] ?? 0;
  if ((content & IS_COMBINED) !== 0) return line._combined[x] ?? "";
  return (content & CODEPOINT) === 0 ? "" : String.fromCodePoint(content & CODEPOINT);
}

/** The columns a cell says it takes. */
export function cellWidth(line: EngineLine, x: number): number {
  return (line._data[x * WORDS] ?? 0) >> WIDTH_SHIFT;
}

/** The style of a cell. */
export function styleAt(line: EngineLine, x: number): PenStyle {
  return cellStyle(line._data[x * WORDS + 1] ?? 0, line._data[x * WORDS + 2] ?? 0, line._extendedAttrs[x]);
}

/** Nothing was written here, or it was erased; the right half of a wide character counts as written. */
function isBlank(line: EngineLine, x: number): boolean {
  if (((line._data[x * WORDS] ?? 0) & HAS_CONTENT) !== 0) return false;
  return !(x > 0 && cellWidth(line, x) === 0 && cellWidth(line, x - 1) === 2);
}

/** Erasing gives blank cells a background and nothing else. */
function isErasable(line: EngineLine, x: number): boolean {
  return (line._data[x * WORDS + 1] ?? 0) === 0 && ((line._data[x * WORDS + 2] ?? 0) & ~COLOUR_BITS) === 0;
}

class RowWriter {
  readonly #line: EngineLine;
  readonly #y: number;
  readonly #pen: PenWriter;
  #bytes = "";
  /** Where the cursor stands in this row; -1 elsewhere. */
  #x = -1;

  constructor(line: EngineLine, y: number, pen: PenWriter) {
    this.#line = line;
    this.#y = y;
    this.#pen = pen;
  }

  write(): string {
    this.#styledBlanks();
    for (let x = 0; x < this.#line.length; ) {
      if (!isBlank(this.#line, x)) x += this.#character(x);
      else if (isErasable(this.#line, x)) x += this.#erased(x);
      else x += 1;
    }
    return this.#bytes;
  }

  /**
   * Blank cells with more than a background are left where half of a wide character was written over. So they are made here too:
   * each from its right half up to the first other cell of the row, from its left half beyond, so that the character written
   * over a half, erased in the end, is never in a cell made before.
   */
  #styledBlanks(): void {
    const { length } = this.#line;
    let other = 0;
    while (other < length && this.#isStyledBlank(other)) other++;
    for (let x = 0; x < Math.min(other, length - 1); x++) this.#makeBlank(x, { wide: x, written: x + 1 });
    for (let x = length - 1; x > other; x--) {
      if (this.#isStyledBlank(x)) this.#makeBlank(x, { wide: x - 1, written: x - 1 });
    }
  }

  #isStyledBlank(x: number): boolean {
    return isBlank(this.#line, x) && !isErasable(this.#line, x);
  }

  #makeBlank(x: number, { wide, written }: { readonly wide: number; readonly written: number }): void {
    this.#move(wide);
    const back = moveTo(written, this.#y);
    this.#bytes += `\u3042${back}${this.#pen.change(styleAt(this.#line, x))}x${back}${this.#pen.change(PLAIN)}\x1b[X`;
    this.#x = written;
  }

  /** Writes one character and returns the columns it takes. */
  #character(x: number): number {
    const text = cellText(this.#line, x);
    const width = cellWidth(this.#line, x);
    const style = styleAt(this.#line, x);
    if (x === this.#x && width > 0) this.#bytes += this.#pen.change(style);
    else {
      // Any sequence keeps a combining character from joining the cell before: one of width 0 stands alone.
      this.#bytes += this.#pen.change(style);
      this.#bytes += moveTo(x, this.#y);
    }
    const isCut = width === 2 && x + 1 >= this.#line.length;
    this.#bytes += isCut ? " " : text;
    this.#x = x + (isCut ? 1 : Math.max(1, width));
    return this.#x - x;
  }

  /** Erases a run of blank cells with the same background, and returns its length. */
  #erased(start: number): number {
    const background = this.#background(start);
    let end = start + 1;
    while (end < this.#line.length && this.#isErasedLike(end, background)) end++;
    if (background !== 0) {
      this.#bytes += this.#pen.change({ fg: 0, bg: background, extended: undefined });
      this.#move(start);
      this.#bytes += `\x1b[${end - start}X`;
    }
    return end - start;
  }

  #isErasedLike(x: number, background: number): boolean {
    return isBlank(this.#line, x) && isErasable(this.#line, x) && this.#background(x) === background;
  }

  #background(x: number): number {
    return this.#line._data[x * WORDS + 2] ?? 0;
  }

  #move(x: number): void {
    if (this.#x !== x) this.#bytes += moveTo(x, this.#y);
    this.#x = x;
  }
}
