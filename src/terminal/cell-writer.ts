// Writes single cells to the user's terminal: moves its cursor there, changes its pen, writes the characters. A character whose
// width is not certain never moves what stands beside it: the cursor is placed anew before and after it.
import { ByteWriter } from "./byte-writer.js";
import { certainWidth } from "./certain-width.js";
import type { ColorDepth } from "./color-depth.js";
import { SgrWriter } from "./sgr-writer.js";
import { CONTROL_CHARACTER } from "./visible-text.js";

const CONTROLS = new RegExp(CONTROL_CHARACTER, "gu");
/** A joiner that joins nothing within its cell: some terminals (tmux) would put the next cell's character into this one. */
const OPEN_JOINER = /\u200d+$/;
/** Combined characters beyond this are left out: a recording may pile up millions of them in one cell. */
const MAX_TEXT_LENGTH = 128;
const SPACE = 0x20;
const UNKNOWN = -1;

/** How cells are written. */
export interface CellWriterOptions {
  readonly depth: ColorDepth;
  /** Whether rows are addressed, or the row is the one the cursor stands in. */
  readonly addressRows?: boolean;
}

/** Collects what is to be written. The terminal's pen is plain at first, its cursor anywhere. */
export class CellWriter {
  readonly #out = new ByteWriter(16 * 1024);
  readonly #pen: SgrWriter;
  readonly #addressRows: boolean;
  /** Where the cursor stands, as far as it is known. */
  #x = UNKNOWN;
  #y = UNKNOWN;

  constructor({ depth, addressRows = true }: CellWriterOptions) {
    this.#pen = new SgrWriter(this.#out, depth);
    this.#addressRows = addressRows;
  }

  /** The style of the cells that come, as the engine's words. */
  style(fg: number, bg: number, ext: number): void {
    this.#pen.change(fg, bg, ext);
  }

  /** Where the next character goes. */
  goTo(x: number, y: number): void {
    const ahead = x - this.#x;
    if (this.#x === UNKNOWN || this.#y !== y || ahead < 0) this.#place(x, y);
    else if (ahead > 0) this.#sequence(ahead, 0x43);
    this.#x = x;
    this.#y = y;
  }

  /** Writes a character of one or two columns; 0 is a blank. False: the terminal may have taken other columns for it. */
  character(code: number, columns: number): boolean {
    if (code !== 0 && certainWidth(code) !== columns) return this.text(String.fromCodePoint(code), columns);
    this.#out.codePoint(code || SPACE);
    this.#x += columns;
    return true;
  }

  /** Writes the characters of one cell. Always false, as in {@link character}. */
  text(text: string, columns: number): boolean {
    // Blank first: what a narrower character would leave of the cell is gone.
    this.#out.text(columns === 2 ? "  " : " ");
    this.#place(this.#x, this.#y);
    this.#out.text(text.slice(0, MAX_TEXT_LENGTH).replace(CONTROLS, "").replace(OPEN_JOINER, ""));
    this.#x = UNKNOWN;
    return false;
  }

  /** The cursor may stand elsewhere now: at the end of a row, where terminals differ. */
  leaveRow(): void {
    this.#x = UNKNOWN;
  }

  /** What was collected, and the pen made plain behind it. */
  take(): Uint8Array {
    this.#pen.plain();
    this.#x = UNKNOWN;
    return this.#out.take();
  }

  #place(x: number, y: number): void {
    if (!this.#addressRows) {
      this.#sequence(x + 1, 0x47);
      return;
    }
    this.#out.text("\x1b[");
    this.#out.decimal(y + 1);
    this.#out.byte(0x3b);
    this.#out.decimal(x + 1);
    this.#out.byte(0x48);
  }

  #sequence(count: number, final: number): void {
    this.#out.text("\x1b[");
    if (count !== 1) this.#out.decimal(count);
    this.#out.byte(final);
  }
}
