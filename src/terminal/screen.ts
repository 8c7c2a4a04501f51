// The terminal as it stands at one moment: takes the bytes a program wrote, cut anywhere, and shows what a terminal would show.
import { isDeepStrictEqual } from "node:util";
import { ScreenLine } from "./cells.js";
import { dumpScreen } from "./dump.js";
import { resetScreen } from "./dump-reset.js";
import { clampSize, createEngine, type Engine } from "./engine.js";
import type { EngineBuffer, EngineLine } from "./engine-internals.js";
import { essenceOf } from "./essence.js";
import type { Link } from "./links.js";
import { readModes, type ScreenModes } from "./modes.js";
import { OpenSequence } from "./open-sequence.js";
import { CELL_BYTES, rowBytes } from "./row-bytes.js";
import { gatherState, restoreState, type ScreenState, type StateParts } from "./state.js";
import { decodeState, encodeState } from "./state-codec.js";
import { Utf8Decoder } from "./utf8.js";

/** How a screen is made. */
export interface ScreenOptions {
  /** Columns and rows; bounded, see {@link clampSize}. */
  readonly cols: number;
  readonly rows: number;
  /** Rows kept after they scrolled off the normal buffer; 0 by default. They lie beside the screen: growing pulls none back. */
  readonly scrollback?: number | undefined;
  /** Called with each row that scrolls off the normal buffer, also when a resize cuts it off at the top. */
  readonly onHistoryLine?: ((line: ScreenLine) => void) | undefined;
  /** Called when the bell is rung: the screen itself rings none. */
  readonly onBell?: (() => void) | undefined;
}

/** Where the cursor stands and how it looks. */
export interface ScreenCursor {
  /** Column from 0, within the screen even where a wrap is pending. */
  readonly x: number;
  /** Row from 0. */
  readonly y: number;
  readonly visible: boolean;
  /** Undefined: as the terminal has it by default. */
  readonly style: "block" | "underline" | "bar" | undefined;
  readonly blink: boolean | undefined;
  /** The last column was written: the next character goes to the next row. */
  readonly pendingWrap: boolean;
}

/** The cells, cursor and modes of a screen at one moment; never changes. */
export interface Snapshot {
  readonly cols: number;
  readonly rows: number;
  readonly lines: readonly ScreenLine[];
  readonly cursor: ScreenCursor;
  readonly modes: ScreenModes;
  readonly title: string;
  /** The alternate buffer is shown. */
  readonly alternate: boolean;
  /** The links that cells refer to, by number. */
  readonly links: ReadonlyMap<number, Link>;
}

/** Feeding so many bytes takes some milliseconds at most, whatever they are: who feeds more lets others have their turn between. */
export const FEED_BYTES = 32 * 1024;

/** A row that a screen shows, as the engine holds it. For this folder alone: others get copies. */
export let shownLine: (screen: Screen, row: number) => EngineLine | undefined;

/** A headless terminal screen. Answers nothing and rings no bell. */
export class Screen {
  static {
    shownLine = (screen, row) => {
      const { lines, ybase } = screen.#engine.core._bufferService.buffer;
      return lines.get(ybase + row);
    };
  }

  readonly #engine: Engine;
  readonly #decoder = new Utf8Decoder();
  readonly #open = new OpenSequence();
  readonly #scrollback: number;
  #history: ScreenLine[] = [];
  #changed = { first: Number.POSITIVE_INFINITY, last: -1 };

  constructor({ cols, rows, scrollback = 0, onHistoryLine, onBell }: ScreenOptions) {
    this.#scrollback = scrollback;
    const keepsLines = scrollback > 0 || onHistoryLine !== undefined;
    const onScrollOff = (line: EngineLine): void => {
      const copy = new ScreenLine(line);
      this.#keep(copy);
      onHistoryLine?.(copy);
    };
    this.#engine = createEngine({
      ...clampSize({ cols, rows }),
      onScrollOff: keepsLines ? onScrollOff : undefined,
      onBell,
    });
  }

  get cols(): number {
    return this.#engine.core.cols;
  }

  get rows(): number {
    return this.#engine.core.rows;
  }

  get cursor(): ScreenCursor {
    const { core } = this.#engine;
    const { x, y } = core._bufferService.buffer;
    const { cursorStyle, cursorBlink } = core.coreService.decPrivateModes;
    return {
      x: Math.min(x, core.cols - 1),
      y,
      visible: !core.coreService.isCursorHidden,
      style: cursorStyle,
      blink: cursorBlink,
      pendingWrap: x >= core.cols,
    };
  }

  get modes(): ScreenModes {
    return readModes(this.#engine);
  }

  get title(): string {
    return this.#engine.core._inputHandler._windowTitle;
  }

  /** The alternate buffer is shown. */
  get alternate(): boolean {
    const { active, alt } = this.#engine.core._bufferService.buffers;
    return active === alt;
  }

  /** Rows of the margins, from 0. */
  get margins(): { readonly top: number; readonly bottom: number } {
    const { scrollTop, scrollBottom } = this.#engine.core._bufferService.buffer;
    return { top: scrollTop, bottom: scrollBottom };
  }

  /**
   * Takes output, cut anywhere. Synchronous: the screen stands as after these bytes when it returns. Much at once is the same as
   * pieces of {@link FEED_BYTES} one after another, to the last cell.
   */
  feed(bytes: Uint8Array): void {
    this.#changed = { first: Number.POSITIVE_INFINITY, last: -1 };
    for (let at = 0; at < bytes.length; at += FEED_BYTES) this.#feedPiece(bytes.subarray(at, at + FEED_BYTES));
  }

  /** The rows from and to that the last `feed` changed, `last` below `first` where none; a scroll changes its last row. */
  get changedRows(): { readonly first: number; readonly last: number } {
    return this.#changed;
  }

  /** Takes a new size, bounded as in the constructor. Rows keep their text (no reflow); what does not fit is lost. */
  resize(cols: number, rows: number): void {
    const size = clampSize({ cols, rows });
    if (size.cols !== this.cols || size.rows !== this.rows) this.#engine.resize(size.cols, size.rows);
  }

  /** What the screen shows, copied. Cells are decoded when they are read. */
  snapshot(): Snapshot {
    const { core, links } = this.#engine;
    return {
      cols: this.cols,
      rows: this.rows,
      lines: this.#lines(core._bufferService.buffer),
      cursor: this.cursor,
      modes: this.modes,
      title: this.title,
      alternate: this.alternate,
      links: links.all(),
    };
  }

  /** The rows as text, trailing spaces trimmed: what `tmux capture-pane -p` prints. */
  text(): readonly string[] {
    return this.#lines(this.#engine.core._bufferService.buffer).map((line) => line.text());
  }

  /** The rows of the normal buffer, also while the alternate buffer is shown. */
  normalLines(): readonly ScreenLine[] {
    return this.#lines(this.#engine.core._bufferService.buffers.normal);
  }

  /** The rows that scrolled off, oldest first, at most `scrollback`. */
  history(): readonly ScreenLine[] {
    return this.#history.slice(-this.#scrollback || this.#history.length);
  }

  /**
   * Bytes which, written to a fresh screen of the same size, make it look and behave like this one, also after whatever output
   * follows, even if it begins in the middle of a sequence or character. Kept scrollback is in it, as plain text.
   */
  dump(): Uint8Array {
    return dumpScreen({
      engine: this.#engine,
      openSequence: this.#open.text,
      openBytes: this.#decoder.open,
      history: this.history(),
    });
  }

  /**
   * Bytes which, written to a terminal that stands as this screen, make it a fresh one, on which a dump may follow: what is
   * open is ended without being obeyed, both buffers, modes, titles and colours are as they were at the beginning.
   */
  reset(): Uint8Array {
    const isOpen = this.#open.text !== "" || this.#decoder.open.length > 0;
    return Buffer.from(resetScreen({ engine: this.#engine, isOpen }), "utf8");
  }

  /**
   * Whether `dump` makes exactly this screen, now and for whatever output follows: sequences cannot say every state there is
   * (half a wide character, a wrap pending behind nothing). Tried on a fresh screen; kept scrollback is not compared.
   */
  isExactDump(dump: Uint8Array): boolean {
    const other = new Screen({ cols: this.cols, rows: this.rows });
    other.feed(dump);
    const isSame = isDeepStrictEqual(essenceOf(gatherState(other.#parts)), essenceOf(gatherState(this.#parts)));
    other.dispose();
    return isSame;
  }

  /**
   * Everything the screen holds, as bytes: {@link Screen.fromState} and {@link restoreState} make a screen of them that is and
   * behaves exactly as this one, whatever comes next. About 12 bytes a cell; compressing is the caller's. The same state gives the
   * same bytes. Bound to this version of the terminal engine and its width table. Kept scrollback is not in it.
   */
  saveState(): Uint8Array {
    return encodeState(gatherState(this.#parts));
  }

  /**
   * Becomes the screen that was saved, size included; kept scrollback is dropped, and nothing is told to `onHistoryLine`. Faster
   * than a new screen. Throws T2A_SCREEN, and leaves the screen as it is, where the bytes are damaged or of another engine,
   * version, width table or byte order. The bytes may be reused afterwards.
   */
  restoreState(bytes: Uint8Array): void {
    this.#restore(decodeState(bytes));
  }

  /** A new screen from what {@link saveState} gave; errors as in {@link restoreState}. */
  static fromState(bytes: Uint8Array, options: Omit<ScreenOptions, "cols" | "rows"> = {}): Screen {
    const state = decodeState(bytes);
    const screen = new Screen({ ...options, cols: state.cols, rows: state.rows });
    screen.#restore(state);
    return screen;
  }

  /**
   * Whether both show the same rows, and the cursor at the same place: cells with their attributes, not yet the texts of
   * combined cells, links or modes. Much cheaper than comparing states, which see everything.
   */
  showsSameRows(other: Screen): boolean {
    return this.rows === other.rows && this.#hasSameRows(other, 0, this.rows - 1);
  }

  /** As {@link showsSameRows}, of the rows alone that the last `feed` changed in either; a scroll changes its last row. */
  showsSameChange(other: Screen): boolean {
    const first = Math.max(0, Math.min(this.#changed.first, other.#changed.first));
    const last = Math.min(this.rows - 1, Math.max(this.#changed.last, other.#changed.last));
    return this.rows === other.rows && this.#hasSameRows(other, first, last);
  }

  /** Frees the engine. The screen may not be used afterwards. */
  dispose(): void {
    this.#engine.dispose();
  }

  #feedPiece(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes);
    this.#engine.parse(text);
    const { _dirtyRowTracker: dirty, _parser: parser } = this.#engine.core._inputHandler;
    this.#open.note(text, parser.currentState);
    this.#changed.first = Math.min(this.#changed.first, dirty.start);
    this.#changed.last = Math.max(this.#changed.last, dirty.end);
  }

  get #parts(): StateParts {
    return { engine: this.#engine, decoder: this.#decoder, open: this.#open };
  }

  #hasSameRows(other: Screen, first: number, last: number): boolean {
    const mine = this.#engine.core._bufferService.buffer;
    const theirs = other.#engine.core._bufferService.buffer;
    if (this.alternate !== other.alternate || mine.x !== theirs.x || mine.y !== theirs.y) return false;
    for (let row = first; row <= last; row++) {
      if (!isSameRow(mine.lines.get(mine.ybase + row), theirs.lines.get(theirs.ybase + row))) return false;
    }
    return true;
  }

  #restore(state: ScreenState): void {
    restoreState(this.#parts, state);
    this.#history = [];
  }

  #keep(line: ScreenLine): void {
    if (this.#scrollback <= 0) return;
    this.#history.push(line);
    // Cutting each time would move all lines for each one.
    if (this.#history.length >= this.#scrollback * 2) this.#history = this.#history.slice(-this.#scrollback);
  }

  #lines({ lines, ybase }: EngineBuffer): readonly ScreenLine[] {
    const copies: ScreenLine[] = [];
    for (let row = 0; row < this.rows; row++) {
      const line = lines.get(ybase + row);
      if (line !== undefined) copies.push(new ScreenLine(line));
    }
    return copies;
  }
}

function isSameRow(one: EngineLine | undefined, other: EngineLine | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.isWrapped !== other.isWrapped || one.length !== other.length) return false;
  const bytes = one.length * CELL_BYTES; // the rest is spare memory
  const [left, right] = [rowBytes(one._data), rowBytes(other._data)];
  if (left.length === bytes && right.length === bytes) return left.equals(right); // much quicker than parts of them
  return left.compare(right, 0, Math.min(bytes, right.length), 0, Math.min(bytes, left.length)) === 0;
}
