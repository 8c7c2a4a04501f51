// What the terminal of an attached user shows: the session's screen from cells, in its upper left or by a part of it, the status line in
// its last row for as long as there is something to say; as bytes that change what it showed before.
import { type Drawing, fitText, Viewport } from "../../play/terminal-parts.js";
import type { TtySize } from "../../pty/index.js";
import { type ColorDepth, type Highlight, type PaintArea, Screen, ScreenPainter } from "../../terminal/index.js";
import type { Page } from "./page.js";

/** A terminal that shows all of a frame or none of it; others pass over it. */
const BEGIN_FRAME = Buffer.from("\x1b[?2026h\x1b[?25l");
const END_FRAME = Buffer.from("\x1b[?2026l");
const CLEAR = Buffer.from("\x1b[0m\x1b[H\x1b[2J");
const NOTHING = new Uint8Array(0);

/** What is to be seen. */
export interface Shown {
  readonly screen: Screen;
  /** In place of the screen. */
  readonly page: Page | undefined;
  /** In the last row; safe to print. */
  readonly status: string | undefined;
  /** Bytes that go before: modes that change, a bell. */
  readonly before: string;
}

/** Draws an attached terminal. */
export class AttachPicture {
  readonly viewport = new Viewport();
  readonly #upper: ScreenPainter;
  readonly #lower: ScreenPainter;
  #size: TtySize;
  #isCleared = false;
  /** What the upper part was drawn of: of another one nothing is known. */
  #drawn: Screen | undefined;
  #hadStatus = false;
  #cursor: Uint8Array = NOTHING;

  constructor({ depth, size }: { readonly depth: ColorDepth; readonly size: TtySize }) {
    this.#upper = new ScreenPainter({ depth });
    this.#lower = new ScreenPainter({ depth });
    this.#size = size;
  }

  get size(): TtySize {
    return this.#size;
  }

  /** The terminal has another size, or somebody else wrote there. */
  resize(size: TtySize): void {
    this.#size = size;
    this.forget();
  }

  /** Nothing is known of what the terminal shows. */
  forget(): void {
    this.#isCleared = false;
    this.#upper.forget();
    this.#lower.forget();
  }

  /** Which part of a screen is seen where. */
  area(screen: Screen): PaintArea {
    return this.viewport.area(screen, this.#size.cols, this.#size.rows);
  }

  /** Not all of the screen can be seen at once. */
  isPart({ cols, rows }: Screen): boolean {
    return cols > this.#size.cols || rows > this.#size.rows;
  }

  /** What makes the terminal show this. */
  draw(shown: Shown): Drawing {
    const start = this.#isCleared ? NOTHING : CLEAR;
    this.#isCleared = true;
    const status = this.#size.rows > 1 ? shown.status : undefined;
    const upper = this.#drawUpper(shown, status !== undefined);
    const lower = status === undefined ? NOTHING : this.#drawStatus(status);
    const cursor = this.#cursorOf(shown, status !== undefined);
    const hasChanged = start.length + upper.length + lower.length > 0 || Buffer.compare(cursor, this.#cursor) !== 0;
    this.#cursor = cursor;
    const before = Buffer.from(shown.before);
    if (!hasChanged) return { bytes: before, isFrame: false };
    return {
      bytes: Buffer.concat([before, BEGIN_FRAME, start, upper, lower, cursor, END_FRAME]),
      isFrame: upper.length > 0,
    };
  }

  #drawUpper({ screen, page }: Shown, hasStatus: boolean): Uint8Array {
    const source = page?.screen ?? screen;
    if (source !== this.#drawn || hasStatus !== this.#hadStatus) this.#upper.forget();
    this.#drawn = source;
    this.#hadStatus = hasStatus;
    if (!hasStatus) this.#lower.forget();
    const area = page === undefined ? this.area(screen) : { x: 0, y: 0, ...this.#size, left: 0, top: 0 };
    const highlights = page === undefined ? this.#edges(screen, area) : [];
    // The status line covers a row: what is above it does not move.
    return this.#upper.paint(source, { ...area, rows: area.rows - (hasStatus ? 1 : 0) }, highlights);
  }

  /** Corners behind which the screen goes on are marked. */
  #edges(screen: Screen, area: PaintArea): readonly Highlight[] {
    const [right, bottom] = [area.left + area.cols, area.top + area.rows];
    const marks: Highlight[] = [];
    if (area.left > 0 || area.top > 0) marks.push({ x: area.left, y: area.top, cols: 1 });
    if (right < screen.cols || bottom < screen.rows) {
      marks.push({ x: Math.min(right, screen.cols) - 1, y: Math.min(bottom, screen.rows) - 1, cols: 1 });
    }
    return marks;
  }

  #drawStatus(status: string): Uint8Array {
    const { cols, rows } = this.#size;
    const line = new Screen({ cols, rows: 1 });
    line.feed(Buffer.from(`\x1b[?7l\x1b[7m${fitText(status, cols).padEnd(cols)}`));
    const painted = this.#lower.paint(line, { x: 0, y: rows - 1, cols, rows: 1, left: 0, top: 0 });
    line.dispose();
    return painted;
  }

  #cursorOf({ screen, page }: Shown, hasStatus: boolean): Uint8Array {
    if (page !== undefined) {
      const { cursor } = page;
      return Buffer.from(cursor === undefined ? "\x1b[?25l" : `\x1b[${cursor.y + 1};${cursor.x + 1}H\x1b[0 q\x1b[?25h`);
    }
    const area = this.area(screen);
    return this.#upper.cursor(screen, { ...area, rows: area.rows - (hasStatus ? 1 : 0) });
  }
}
