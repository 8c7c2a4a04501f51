// What a terminal showed, as it appeared: every time a line's text came to stand on the screen that was not there before.
//
// - A line is a logical one: rows joined where they wrapped, in parts of about 64 K units; without blanks at its end. A blank
//   line is none.
// - The screen is looked at behind each event; beside what it then holds, every line counts that scrolled off its top on the way
//   there, in either buffer: most of what `cat` prints is never on the screen at an event's end.
// - A line stays the same line where it scrolls or moves with others. What it holds is compared with what the same line held at
//   the last look: the text in front of the change and behind it is kept text, and what it says is not new.
// - A changed line is none the less no news where another line of the very same text went away since the last look: it was
//   written elsewhere. Each line that went away excuses one, the first in order. So the same output printed twice counts twice.
// - The alternate buffer is a screen of its own. Back in the normal one, its lines are those that it had: not new.
import { type Appearance, appearanceOf } from "./appearance.js";
import { trimSpaces } from "./cells.js";
import { clampSize, createEngine, type Engine } from "./engine.js";
import type { EngineBuffer, EngineLine } from "./engine-internals.js";
import { rowText } from "./row-text.js";
import { Utf8Decoder } from "./utf8.js";

/** A line of more units goes on as another line. */
const MAX_LINE_UNITS = 65_536;

/** What a line showed at the last look. Blank lines have none. */
interface Shown {
  readonly text: string;
  /** Rows on the screen that it took. */
  readonly rows: number;
  /** The last look that found it, or the last that has counted it as gone. */
  look: number;
}

type Lines = EngineBuffer["lines"];

/** Rows that scrolled off and whose line may go on below them. */
interface OpenLine {
  text: string;
  /** Of which buffer. */
  readonly lines: Lines;
  readonly was: Shown | undefined;
}

/** Follows output through a screen of its own. */
export class ShownText {
  readonly #engine: Engine;
  readonly #onAppearance: (appearance: Appearance) => void;
  readonly #decoder = new Utf8Decoder();
  /** Rows that the engine has touched in the part it parses. */
  readonly #touched: { readonly start: number; readonly end: number };
  readonly #shown = new WeakMap<EngineLine, Shown>();
  #look = 1;
  /** The screen at the last look: its list of lines, and what each row showed, moved along with the rows. */
  #lines: Lines;
  #byRow: (Shown | undefined)[];
  /** Rows that changed since, none where the last is less. */
  #first = Number.POSITIVE_INFINITY;
  #last = -1;
  /** Rows by which all have moved up since the engine began to note which rows it touches. */
  #scrolls = 0;
  #isResized = false;
  #open: OpenLine | undefined;
  /** What moved off the screen since the last look, and may have changed before. */
  readonly #left: Shown[] = [];
  /** Lines that are not as they were, and what they held. */
  readonly #changed: string[] = [];
  readonly #before: string[] = [];

  /** `size`: what the recording begins with, in cells. */
  constructor(size: { readonly cols: number; readonly rows: number }, onAppearance: (appearance: Appearance) => void) {
    this.#onAppearance = onAppearance;
    this.#engine = createEngine({
      ...clampSize(size),
      onScroll: (buffer, isWrapped) => this.#noteScroll(buffer, isWrapped),
    });
    this.#touched = this.#engine.core._inputHandler._dirtyRowTracker;
    this.#lines = this.#buffer.lines;
    this.#byRow = new Array(this.#engine.core.rows).fill(undefined);
  }

  /** Takes an event's output, whole or in parts. */
  feed(bytes: Uint8Array): void {
    this.#scrolls = 0;
    this.#engine.parse(this.#decoder.decode(bytes));
    const { start, end } = this.#touched;
    this.#first = Math.max(0, Math.min(this.#first, start) - this.#scrolls);
    this.#last = Math.max(this.#last, end);
  }

  resize(cols: number, rows: number): void {
    const size = clampSize({ cols, rows });
    const { core } = this.#engine;
    if (size.cols === core.cols && size.rows === core.rows) return;
    this.#engine.resize(size.cols, size.rows);
    this.#isResized = true;
  }

  /** An event is over: looks at the screen, and hands out what appeared since the last look. */
  look(): void {
    const { lines } = this.#buffer;
    if (lines !== this.#lines || this.#isResized) this.#turnPage(lines);
    if (this.#open !== undefined && (this.#open.lines !== lines || !this.#isWrapped(0))) this.#closeLine();
    if (this.#open !== undefined) this.#first = 0;
    if (this.#first <= this.#last) this.#readRows();
    if (this.#changed.length > 0) this.#tell();
    this.#first = Number.POSITIVE_INFINITY;
    this.#last = -1;
    this.#left.length = 0;
    this.#look++;
  }

  /** Frees the engine. Nothing may be called afterwards. */
  dispose(): void {
    this.#engine.dispose();
  }

  get #buffer(): EngineBuffer {
    return this.#engine.core._bufferService.buffer;
  }

  /** Another screen than at the last look, or all of it moved. */
  #turnPage(lines: Lines): void {
    for (const shown of this.#byRow) if (shown !== undefined) this.#left.push(shown);
    const { rows } = this.#engine.core;
    this.#lines = lines;
    this.#byRow = new Array(rows).fill(undefined);
    this.#first = 0;
    this.#last = rows - 1;
    this.#isResized = false;
  }

  /** The row at the top of the margins is about to go. */
  #noteScroll(buffer: EngineBuffer, isWrapped: boolean): void {
    const { lines, ybase, scrollTop, scrollBottom } = buffer;
    const isAsLooked = lines === this.#lines && !this.#isResized;
    if (scrollTop === 0) {
      const line = lines.get(ybase);
      const next = scrollBottom === 0 ? isWrapped : lines.get(ybase + 1)?.isWrapped === true;
      const isClean = isAsLooked && Math.min(this.#first, this.#touched.start) > this.#scrolls;
      if (line !== undefined) this.#takeTopRow(line, lines, { isClean, next });
    }
    const isAllMoving = scrollTop === 0 && scrollBottom === this.#engine.core.rows - 1;
    if (isAllMoving) this.#moveRows(isAsLooked);
  }

  #moveRows(isAsLooked: boolean): void {
    this.#scrolls++;
    if (!isAsLooked) return;
    const gone = this.#byRow.shift();
    if (gone !== undefined) this.#left.push(gone);
    this.#byRow.push(undefined);
  }

  /** `isClean`: nothing was written there since the last look. `next`: the row below goes on from it. */
  #takeTopRow(line: EngineLine, lines: Lines, { isClean, next }: { isClean: boolean; next: boolean }): void {
    const was = this.#shown.get(line);
    this.#shown.delete(line);
    if (!line.isWrapped || this.#open?.lines !== lines || this.#open.text.length >= MAX_LINE_UNITS) this.#closeLine();
    const isAlone = this.#open === undefined && !next;
    if (isAlone && isClean && (was === undefined || was.rows === 1)) {
      if (was !== undefined) was.look = this.#look;
      return;
    }
    if (isAlone) {
      this.#compare(rowText(line), was);
      return;
    }
    this.#open ??= { text: "", lines, was };
    this.#open.text += rowText(line, next);
    if (!next) this.#closeLine();
  }

  /** Nothing more belongs to the line that scrolled off. */
  #closeLine(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#compare(trimSpaces(open.text), open.was);
  }

  /** Goes through the lines that rows from the first changed one to the last belong to, or belonged to. */
  #readRows(): void {
    const { rows } = this.#engine.core;
    const byRow = this.#byRow;
    let first = this.#first;
    let last = Math.min(this.#last, rows - 1);
    while (first > 0 && (this.#isWrapped(first) || isOneLine(byRow[first - 1], byRow[first]))) first--;
    while (last < rows - 1 && (this.#isWrapped(last + 1) || isOneLine(byRow[last], byRow[last + 1]))) last++;
    for (let row = first; row <= last; row++) {
      const shown = byRow[row];
      if (shown !== undefined) this.#left.push(shown);
    }
    for (let row = first; row <= last; ) row += this.#readLine(row);
  }

  #line(row: number): EngineLine | undefined {
    const { lines, ybase } = this.#buffer;
    return lines.get(ybase + row);
  }

  #isWrapped(row: number): boolean {
    return this.#line(row)?.isWrapped === true;
  }

  /** Gives how many rows it takes. */
  #readLine(row: number): number {
    const head = this.#line(row);
    if (head === undefined) return 1;
    let text = "";
    let end = row;
    while (end < this.#byRow.length - 1 && text.length < MAX_LINE_UNITS && this.#isWrapped(end + 1)) {
      const line = this.#line(end++);
      if (line !== undefined) text += rowText(line, true);
    }
    const tail = this.#line(end);
    if (tail !== undefined) text = trimSpaces(text + rowText(tail));
    const was = this.#shown.get(head);
    if (row === 0 && this.#open !== undefined) this.#endOpenLine(text);
    else this.#compare(text, was);
    this.#keep(row, end + 1 - row, text, was);
    return end + 1 - row;
  }

  /** The line at the top began above it. */
  #endOpenLine(text: string): void {
    if (this.#open === undefined) return;
    this.#open.text += text;
    this.#closeLine();
  }

  #keep(row: number, rows: number, text: string, was: Shown | undefined): void {
    const isSame = was !== undefined && was.rows === rows && was.text === text;
    const shown = isSame ? was : text === "" ? undefined : { text, rows, look: 0 };
    for (let at = row; at < row + rows; at++) {
      this.#byRow[at] = shown;
      const line = this.#line(at);
      if (line === undefined) continue;
      if (shown !== undefined) this.#shown.set(line, shown);
      else this.#shown.delete(line);
    }
  }

  #compare(text: string, was: Shown | undefined): void {
    if (was !== undefined && was.text === text) {
      was.look = this.#look;
      return;
    }
    if (text === "") return;
    this.#changed.push(text);
    this.#before.push(was?.text ?? "");
  }

  #tell(): void {
    const gone = this.#countGone();
    for (let at = 0; at < this.#changed.length; at++) {
      const text = this.#changed[at] ?? "";
      const excused = gone?.get(text) ?? 0;
      if (excused > 0) gone?.set(text, excused - 1);
      else this.#appear(appearanceOf(text, this.#before[at] ?? ""));
    }
    this.#changed.length = 0;
    this.#before.length = 0;
  }

  #appear(appearance: Appearance | undefined): void {
    if (appearance !== undefined) this.#onAppearance(appearance);
  }

  /** The texts of lines that went away, each with how many there were. */
  #countGone(): Map<string, number> | undefined {
    let gone: Map<string, number> | undefined;
    for (const shown of this.#left) {
      if (shown.look === this.#look) continue;
      shown.look = this.#look;
      gone ??= new Map();
      gone.set(shown.text, (gone.get(shown.text) ?? 0) + 1);
    }
    return gone;
  }
}

function isOneLine(upper: Shown | undefined, lower: Shown | undefined): boolean {
  return upper !== undefined && upper === lower;
}
