// Which part of a recording's screen is seen where the terminal is smaller: the one where the cursor is, or the one that the
// user chose.
import type { PaintArea, Screen } from "../../terminal/index.js";

/** Cells that one panning goes. */
const PAN_COLS = 10;
const PAN_ROWS = 4;

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  left: [-PAN_COLS, 0],
  right: [PAN_COLS, 0],
  up: [0, -PAN_ROWS],
  down: [0, PAN_ROWS],
};

/** Keeps the part that is seen. It moves no further than it must. */
export class Viewport {
  #left = 0;
  #top = 0;
  #isPanned = false;

  /** Moves the part that is seen; it stays until {@link follow}. */
  pan(direction: string): void {
    const [cols, rows] = DIRECTIONS[direction] ?? [0, 0];
    this.#left += cols;
    this.#top += rows;
    this.#isPanned = true;
  }

  /** Goes with the cursor again. */
  follow(): void {
    this.#isPanned = false;
  }

  /** The area that this many cells at the terminal's top left show now. A cursor that is hidden is not followed. */
  area(screen: Screen, cols: number, rows: number): PaintArea {
    const { x, y, visible } = screen.cursor;
    if (visible && !this.#isPanned) {
      this.#left = reach(this.#left, x, cols);
      this.#top = reach(this.#top, y, rows);
    }
    this.#left = Math.max(0, Math.min(this.#left, screen.cols - cols));
    this.#top = Math.max(0, Math.min(this.#top, screen.rows - rows));
    return { x: 0, y: 0, cols, rows, left: this.#left, top: this.#top };
  }
}

/** Where a stretch of this length begins so that a place is in it. */
function reach(start: number, place: number, length: number): number {
  return Math.min(place, Math.max(start, place - length + 1));
}
