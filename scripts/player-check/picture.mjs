// What a pane must show of a screen: the part of it that is in view, the cursor, and what tmux cannot show.
import { compareRows, parseCapture, rowsOfScreen } from "./styled-rows.mjs";

/** Which part of a screen is in view: it moves no further than it must, with the cursor; not with one that is hidden. */
export class View {
  left = 0;
  top = 0;

  /** The part that `cols` x `rows` show now. */
  follow(screen, { cols, rows }) {
    const { x, y, visible } = screen.cursor;
    if (visible) {
      if (x < this.left) this.left = x;
      if (x >= this.left + cols) this.left = x - cols + 1;
      if (y < this.top) this.top = y;
      if (y >= this.top + rows) this.top = y - rows + 1;
    }
    this.left = Math.max(0, Math.min(this.left, screen.cols - cols));
    this.top = Math.max(0, Math.min(this.top, screen.rows - rows));
    return { left: this.left, top: this.top, cols, rows };
  }
}

/** A screen's part as a pane must show it. */
export class Picture {
  #area;
  #cursor;
  #rows;
  #widths;
  /** Texts that tmux cannot show in the columns that they take; what it shows there is not compared. */
  unshown = [];
  #unsure = new Set();

  /** Of {@link area}; `widths` must know all of the texts. */
  constructor(lib, screen, area, widths) {
    this.#area = area;
    this.#cursor = screen.cursor;
    this.#widths = widths;
    this.#rows = rowsOfScreen(lib, screen, area);
    for (const [y, row] of this.#rows.entries()) for (let x = 0; x < row.length; x++) this.#judge(y, x);
  }

  /** What differs from this in what a pane shows, described. */
  differences({ capture, cursor }) {
    const shown = parseCapture(capture, this.#area, this.#widths.of);
    const rows = compareRows(shown, this.#rows, (y, x) => this.#unsure.has(`${y} ${x}`));
    const [is, wanted] = [describeCursor(cursor), describeCursor(this.#expectedCursor)];
    return is === wanted ? rows : [...rows, `${is} instead of ${wanted}`];
  }

  #judge(y, x) {
    const row = this.#rows[y];
    const { text } = row[x];
    if (text === "") return;
    const cols = row[x + 1]?.text === "" ? 2 : 1;
    const [first, ...marks] = text;
    // Without autowrap tmux's cursor stays on the last column: marks join the character before that.
    const isAtEnd = marks.length > 0 && x + cols === row.length;
    if (!isAtEnd && this.#widths.canShow(text, cols)) return;
    this.unshown.push(text);
    for (let at = x; at < x + cols; at++) this.#unsure.add(`${y} ${at}`);
    if (!isAtEnd && !this.#widths.joins(first)) return;
    for (let at = x - 1; at >= x - 2; at--) this.#unsure.add(`${y} ${at}`);
  }

  get #expectedCursor() {
    const { left, top, cols, rows } = this.#area;
    const [x, y] = [this.#cursor.x - left, this.#cursor.y - top];
    return { x, y, visible: this.#cursor.visible && x >= 0 && y >= 0 && x < cols && y < rows };
  }
}

function describeCursor({ x, y, visible }) {
  return visible ? `cursor in row ${y + 1}, column ${x + 1}` : "cursor hidden";
}
