// A screen's rows as lines of text with their colours, below whatever stands on the terminal: what is left of a recording when
// its player is closed.
import type { ColorDepth } from "./color-depth.js";
import { type Screen, shownLine } from "./screen.js";
import { ScreenPainter } from "./screen-painter.js";
import { ShownRow, widthOf } from "./shown-row.js";

/** How a screen is printed. */
export interface PrintOptions {
  readonly depth: ColorDepth;
  /** Columns of the terminal: what is beyond is left out. */
  readonly cols: number;
}

/** The rows up to the last that shows anything, each ended by a new line. Begins at the start of a line. */
export function printScreen(screen: Screen, { depth, cols }: PrintOptions): Uint8Array {
  const painter = new ScreenPainter({ depth, addressRows: false });
  const widths = Array.from({ length: screen.rows }, (_, y) => Math.min(cols, shownWidth(screen, y)));
  const last = widths.findLastIndex((width) => width > 0);
  const lines = widths.slice(0, last + 1).map((width, top) => {
    const area = { x: 0, y: 0, cols: width, rows: 1, left: 0, top };
    return Buffer.concat([painter.paint(screen, area), Buffer.from("\r\n")]);
  });
  return Buffer.concat(lines);
}

/** Columns up to the last that is not blank. */
function shownWidth(screen: Screen, y: number): number {
  const row = new ShownRow();
  row.take(shownLine(screen, y), 0, screen.cols);
  let end = screen.cols;
  while (end > 0 && isBlank(row, end - 1)) end--;
  return end;
}

/** Nothing to be seen, and not the right half of a wide character. */
function isBlank(row: ShownRow, x: number): boolean {
  const isHalf = x > 0 && widthOf(row.content(x - 1)) === 2;
  const hasText = row.combined(x) !== undefined || (row.codePoint(x) !== 0 && row.codePoint(x) !== 0x20);
  return !isHalf && !hasText && row.fg(x) === 0 && row.bg(x) === 0;
}
