// What was painted on an area of the terminal: the cells as the engine packs them, and which of them were highlighted.
import { CELL_BYTES, rowBytes } from "./row-bytes.js";
import { CELL_WORDS, type ShownRow, widthOf } from "./shown-row.js";

/** Cells of a screen that are set off: a place where a text was found. */
export interface Highlight {
  readonly x: number;
  readonly y: number;
  readonly cols: number;
}

/** Remembers cells and finds what differs from them. Nothing was painted at first. */
export class PaintedCells {
  readonly #cols: number;
  readonly #rows: number;
  readonly #words: Uint32Array;
  readonly #extended: Uint32Array;
  readonly #texts = new Map<number, string>();
  readonly #marks: Uint8Array;
  readonly #nextMarks: Uint8Array;
  #hasMarks = false;
  /** Which cells of the row at hand differ; one more than there are. */
  readonly #differs: Uint8Array;

  constructor(cols: number, rows: number) {
    this.#cols = cols;
    this.#rows = rows;
    this.#words = new Uint32Array(cols * rows * CELL_WORDS);
    this.#extended = new Uint32Array(cols * rows);
    this.#marks = new Uint8Array(cols * rows);
    this.#nextMarks = new Uint8Array(cols * rows);
    this.#differs = new Uint8Array(cols + 1);
  }

  /** What is to be highlighted from now on, and the screen's cell that is shown first. */
  highlight(highlights: readonly Highlight[], left: number, top: number): void {
    if (highlights.length === 0 && !this.#hasMarks) return;
    this.#hasMarks = highlights.length > 0;
    this.#nextMarks.fill(0);
    for (const { x, y, cols } of highlights) {
      if (y < top || y >= top + this.#rows) continue;
      const row = (y - top) * this.#cols;
      const [first, end] = [Math.max(0, x - left), Math.min(this.#cols, x + cols - left)];
      if (first < end) this.#nextMarks.fill(1, row + first, row + end);
    }
  }

  /** Whether a cell is to be highlighted. */
  isHighlighted(x: number, y: number): boolean {
    return this.#nextMarks[y * this.#cols + x] === 1;
  }

  /** Whether the row is there as it is. Then there is nothing more to do. */
  holds(y: number, row: ShownRow): boolean {
    const words = row.plainWords;
    if (words === undefined || this.#hasChangedMarks(y)) return false;
    const [from, bytes, painted] = [row.left * CELL_BYTES, this.#cols * CELL_BYTES, y * this.#cols * CELL_BYTES];
    return rowBytes(words).compare(rowBytes(this.#words), painted, painted + bytes, from, from + bytes) === 0;
  }

  /** Finds the cells of a row that differ, or says that all of them do. */
  compare(y: number, row: ShownRow, all: boolean): void {
    this.#differs.fill(all ? 1 : 0);
    if (all) return;
    for (let x = 0; x < this.#cols; x++) if (!this.#isSame(x, y * this.#cols + x, row)) this.#differs[x] = 1;
  }

  differs(x: number): boolean {
    return this.#differs[x] === 1;
  }

  /** This cell counts as different, too: what the terminal shows there is not certain. */
  setDiffers(x: number): void {
    this.#differs[x] = 1;
  }

  /** Whether half a wide character is lost where what stood here is written over. */
  wasWide(x: number, y: number): boolean {
    return widthOf(this.#words[(y * this.#cols + x) * CELL_WORDS] ?? 0) === 2;
  }

  /** The row was painted. */
  keep(y: number, row: ShownRow): void {
    const start = y * this.#cols;
    row.copyTo(this.#words, start * CELL_WORDS);
    this.#marks.set(this.#nextMarks.subarray(start, start + this.#cols), start);
    for (let x = 0; x < this.#cols; x++) {
      this.#extended[start + x] = row.extended(x);
      const text = row.combined(x);
      if (text !== undefined) this.#texts.set(start + x, text);
      else if (this.#texts.size > 0) this.#texts.delete(start + x);
    }
  }

  #isSame(x: number, cell: number, row: ShownRow): boolean {
    const at = cell * CELL_WORDS;
    return (
      row.content(x) === this.#words[at] &&
      row.fg(x) === this.#words[at + 1] &&
      row.bg(x) === this.#words[at + 2] &&
      row.extended(x) === this.#extended[cell] &&
      this.#marks[cell] === this.#nextMarks[cell] &&
      row.combined(x) === (this.#texts.size > 0 ? this.#texts.get(cell) : undefined)
    );
  }

  #hasChangedMarks(y: number): boolean {
    for (let at = y * this.#cols; at < (y + 1) * this.#cols; at++)
      if (this.#marks[at] !== this.#nextMarks[at]) return true;
    return false;
  }
}
