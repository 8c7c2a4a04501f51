// Draws the cells of a screen on the user's terminal: those that differ from what was drawn there before, and never a recorded
// byte. Made for many frames a second: nothing is allocated for a cell.
import { CellWriter, type CellWriterOptions } from "./cell-writer.js";
import { type Highlight, PaintedCells } from "./painted-cells.js";
import { type Screen, shownLine } from "./screen.js";
import { ShownRow, widthOf } from "./shown-row.js";

/** Which part of a screen is drawn, and where. All in cells, from 0. */
export interface PaintArea {
  /** Where on the terminal. */
  readonly x: number;
  readonly y: number;
  readonly cols: number;
  readonly rows: number;
  /** The screen's cell that is shown first. */
  readonly left: number;
  readonly top: number;
}

const DIM = 0x8000000;
const INVERSE = 0x4000000;
/** Black on yellow. */
const HIGHLIGHT_FG = 0x1000000;
const HIGHLIGHT_BG = 0x1000003;
const VERTICAL = 0x2502;
const HORIZONTAL = 0x2500;
const CORNER = 0x2518;
/** Steady shapes as DECSCUSR numbers them; the blinking ones stand before them. */
const SHAPES = { block: 2, underline: 4, bar: 6 } as const;

/**
 * Paints screens on one area of a terminal. Who else writes there calls {@link ScreenPainter.forget}. Autowrap must be off
 * (`CSI ? 7 l`): a character at the edge that the terminal takes for a wider one would scroll it.
 */
export class ScreenPainter {
  readonly #writer: CellWriter;
  readonly #hasColours: boolean;
  readonly #row = new ShownRow();
  #painted = new PaintedCells(0, 0);
  #area: PaintArea = { x: 0, y: 0, cols: 0, rows: 0, left: 0, top: 0 };
  #screenSize = { cols: 0, rows: 0 };
  /** The screen's cells that are seen. */
  #cols = 0;
  #rows = 0;
  #all = true;

  constructor(options: CellWriterOptions) {
    this.#writer = new CellWriter(options);
    this.#hasColours = options.depth !== "none";
  }

  /** The terminal was cleared, resized or written to: everything is drawn again. */
  forget(): void {
    this.#all = true;
  }

  /**
   * What makes the area show the screen; empty where it does already. The terminal's pen must be plain, and is plain afterwards;
   * its cursor ends up anywhere. Highlights are in the screen's cells.
   */
  paint(screen: Screen, area: PaintArea, highlights: readonly Highlight[] = []): Uint8Array {
    this.#layOut(screen, area);
    this.#painted.highlight(highlights, area.left, area.top);
    for (let y = 0; y < this.#rows; y++) {
      this.#row.take(shownLine(screen, area.top + y), area.left, this.#cols);
      if (this.#all || !this.#painted.holds(y, this.#row)) this.#paintRow(y);
    }
    if (this.#all) this.#paintSurroundings();
    this.#all = false;
    return this.#writer.take();
  }

  /** What places the cursor as the screen has it, and shows it as the screen does; it is hidden outside of the area. */
  cursor(screen: Screen, area: PaintArea): Uint8Array {
    const { x, y, visible, style, blink } = screen.cursor;
    const [col, row] = [x - area.left, y - area.top];
    if (!visible || col < 0 || row < 0 || col >= area.cols || row >= area.rows) return Buffer.from("\x1b[?25l");
    const shape = style === undefined ? 0 : SHAPES[style] - (blink === false ? 0 : 1);
    return Buffer.from(`\x1b[${area.y + row + 1};${area.x + col + 1}H\x1b[${shape} q\x1b[?25h`);
  }

  #layOut({ cols, rows }: Screen, area: PaintArea): void {
    const size = this.#screenSize;
    if (size.cols === cols && size.rows === rows && isSameArea(this.#area, area)) return;
    this.#all = true;
    this.#area = { ...area };
    this.#screenSize = { cols, rows };
    this.#cols = Math.max(0, Math.min(area.cols, cols - area.left));
    this.#rows = Math.max(0, Math.min(area.rows, rows - area.top));
    this.#painted = new PaintedCells(this.#cols, this.#rows);
  }

  #paintRow(y: number): void {
    this.#painted.compare(y, this.#row, this.#all);
    for (let x = 0; x < this.#cols; ) x = this.#paintCell(x, y);
    // The last character may have taken a column more than its own.
    if (this.#painted.differs(this.#cols) && this.#cols < this.#area.cols) this.#paintBeyond(this.#cols, y);
    this.#writer.leaveRow();
    this.#painted.keep(y, this.#row);
  }

  /** Paints one character where it must be; gives the column behind it. */
  #paintCell(x: number, y: number): number {
    const row = this.#row;
    const painted = this.#painted;
    const isWide = row.isWide(x);
    const end = x + (isWide ? 2 : 1);
    const halvesDiffer = widthOf(row.content(x)) === 2 && painted.differs(x + 1);
    if (!painted.differs(x) && !halvesDiffer) return end;
    this.#writer.goTo(this.#area.x + x, this.#area.y + y);
    this.#style(x, y);
    const isCertain = this.#write(x, isWide);
    // What the terminal has behind it is gone where half a wide character was written over, or where this one took its place.
    if (!isCertain || painted.wasWide(end - 1, y)) painted.setDiffers(end);
    return end;
  }

  #style(x: number, y: number): void {
    const [fg, bg] = [this.#row.fg(x), this.#row.bg(x)];
    if (!this.#painted.isHighlighted(x, y)) this.#writer.style(fg, bg, this.#row.extended(x));
    else if (this.#hasColours) this.#writer.style(HIGHLIGHT_FG, HIGHLIGHT_BG, 0);
    else this.#writer.style((fg ^ INVERSE) >>> 0, bg, 0);
  }

  /** False: the terminal may have taken other columns for it than the screen. */
  #write(x: number, isWide: boolean): boolean {
    const row = this.#row;
    const text = row.combined(x);
    // Half a wide character, the other beyond the edge or written over, is shown as a space.
    if (!isWide && widthOf(row.content(x)) === 2) return this.#writer.character(0, 1);
    // A combining character that stands alone would join the cell before.
    if (row.isLoose(x)) return this.#writer.text(` ${text ?? String.fromCodePoint(row.codePoint(x))}`, 1);
    const columns = isWide ? 2 : 1;
    return text === undefined ? this.#writer.character(row.codePoint(x), columns) : this.#writer.text(text, columns);
  }

  /** Where the area is larger than what is seen of the screen, a thin line marks the screen's edge; the rest is blank. */
  #paintSurroundings(): void {
    const { cols, rows } = this.#area;
    for (let row = 0; row < rows; row++) {
      for (let col = row < this.#rows ? this.#cols : 0; col < cols; col++) this.#paintBeyond(col, row);
      this.#writer.leaveRow();
    }
  }

  #paintBeyond(col: number, row: number): void {
    const code = edgeAt(col - this.#cols, row - this.#rows);
    this.#writer.goTo(this.#area.x + col, this.#area.y + row);
    this.#writer.style(0, code === 0 ? 0 : DIM, 0);
    this.#writer.character(code, 1);
  }
}

function isSameArea(one: PaintArea, other: PaintArea): boolean {
  return (
    one.x === other.x &&
    one.y === other.y &&
    one.cols === other.cols &&
    one.rows === other.rows &&
    one.left === other.left &&
    one.top === other.top
  );
}

/** The border's character so many columns and rows beyond the screen's edge; 0 for none. */
function edgeAt(col: number, row: number): number {
  if (col === 0 && row === 0) return CORNER;
  if (col === 0 && row < 0) return VERTICAL;
  return row === 0 && col < 0 ? HORIZONTAL : 0;
}
