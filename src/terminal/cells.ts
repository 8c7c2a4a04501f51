// What one character cell holds, decoded from the engine's packed form (three 32-bit words a cell: content, foreground and
// flags, background and flags; underline style, underline colour and link aside).
import type { EngineLine, ExtendedAttributes } from "./engine-internals.js";

/** A colour: -1 the default, 0-255 the palette, {@link TRUECOLOR} | 0xrrggbb. */
export type Color = number;

/** Marks a {@link Color} as 0xrrggbb. */
export const TRUECOLOR = 0x1000000;

/** The bits of {@link Cell.attrs}. */
export const ATTRS = {
  bold: 1,
  dim: 2,
  italic: 4,
  blink: 8,
  inverse: 16,
  invisible: 32,
  strikethrough: 64,
  overline: 128,
  protected: 256,
} as const;

/** Underline styles, as SGR 4:n numbers them. */
export const UNDERLINES = ["none", "single", "double", "curly", "dotted", "dashed"] as const;

/** How a cell's text is drawn. */
export interface CellStyle {
  readonly fg: Color;
  readonly bg: Color;
  /** Bits of {@link ATTRS}. */
  readonly attrs: number;
  /** An index into {@link UNDERLINES}. */
  readonly underline: number;
  readonly underlineColor: Color;
  /** Number of the hyperlink in the screen's table; 0 for none. */
  readonly link: number;
}

/** One character cell. */
export interface Cell extends CellStyle {
  /** The characters, combining ones included; empty where nothing was written. */
  readonly chars: string;
  /** Columns taken: 1 or 2; 0 for the right half of a wide character. */
  readonly width: number;
}

/** The words of a cell's style as the engine packs them. */
export interface PackedStyle {
  readonly fg: number;
  readonly bg: number;
  readonly extended: ExtendedAttributes | undefined;
}

const COLOUR_MODE = 0x3000000;
const MODE_RGB = 0x3000000;
const RGB = 0xffffff;
const PALETTE = 0xff;
const UNDERLINE = 0x10000000;
const HAS_EXTENDED = 0x10000000;
const UNDERLINE_STYLE_SHIFT = 26;

const FG_ATTRS: readonly (readonly [number, number])[] = [
  [0x4000000, ATTRS.inverse],
  [0x8000000, ATTRS.bold],
  [0x20000000, ATTRS.blink],
  [0x40000000, ATTRS.invisible],
  [0x80000000, ATTRS.strikethrough],
];
const BG_ATTRS: readonly (readonly [number, number])[] = [
  [0x4000000, ATTRS.italic],
  [0x8000000, ATTRS.dim],
  [0x20000000, ATTRS.protected],
  [0x40000000, ATTRS.overline],
];

/** Decodes a style. */
export function unpackStyle({ fg, bg, extended }: PackedStyle): CellStyle {
  const hasExtended = (bg & HAS_EXTENDED) !== 0 && extended !== undefined;
  let attrs = 0;
  for (const [bit, attr] of FG_ATTRS) if ((fg & bit) !== 0) attrs |= attr;
  for (const [bit, attr] of BG_ATTRS) if ((bg & bit) !== 0) attrs |= attr;
  // The engine's getter shows linked text as dashed; the bits hold what the program asked for.
  const style = hasExtended ? (extended._ext >> UNDERLINE_STYLE_SHIFT) & 7 : 0;
  return {
    fg: unpackColour(fg),
    bg: unpackColour(bg),
    attrs,
    underline: (fg & UNDERLINE) === 0 ? 0 : style || 1,
    underlineColor: hasExtended ? unpackColour(extended._ext) : -1,
    link: hasExtended ? extended._urlId : 0,
  };
}

function unpackColour(word: number): Color {
  const mode = word & COLOUR_MODE;
  if (mode === 0) return -1;
  return mode === MODE_RGB ? TRUECOLOR | (word & RGB) : word & PALETTE;
}

/** Words of a cell; the first one's bits: codepoint, that the text stands elsewhere, columns taken. */
export const WORDS = 3;
export const CODEPOINT = 0x1fffff;
export const IS_COMBINED = 0x200000;
export const WIDTH_SHIFT = 22;

/** What of a row's text is wanted: all of it, unless columns are named. */
interface TextOptions {
  readonly untrimmed?: boolean;
  readonly from?: number;
  readonly to?: number;
}

/** One row of cells as it stood at one moment; decoded when it is read. */
export class ScreenLine {
  /** The line goes on from the one above: it was wrapped, not ended. */
  readonly wrapped: boolean;
  readonly cols: number;
  readonly #words: Uint32Array;
  readonly #combined: ReadonlyMap<number, string>;
  readonly #extended: ReadonlyMap<number, ExtendedAttributes>;

  constructor(line: EngineLine) {
    this.wrapped = line.isWrapped;
    this.cols = line.length;
    this.#words = line._data.slice(0, line.length * WORDS);
    this.#combined = copyTable(line._combined);
    this.#extended = copyTable(line._extendedAttrs);
  }

  /** The cell at a column from 0; blank beyond the end. */
  cell(x: number): Cell {
    const content = this.#words[x * WORDS] ?? 1 << WIDTH_SHIFT;
    const fg = this.#words[x * WORDS + 1] ?? 0;
    const bg = this.#words[x * WORDS + 2] ?? 0;
    const style = unpackStyle({ fg, bg, extended: this.#extended.get(x) });
    return { ...style, chars: this.#chars(x, content), width: content >> WIDTH_SHIFT };
  }

  /** All cells, the right halves of wide characters (width 0) included. */
  cells(): readonly Cell[] {
    return Array.from({ length: this.cols }, (_, x) => this.cell(x));
  }

  /** The text from column `from` to before `to`, trailing spaces trimmed unless `untrimmed`. */
  text({ untrimmed = false, from = 0, to = this.cols }: TextOptions = {}): string {
    let text = "";
    for (let x = from; x < to; ) {
      const content = this.#words[x * WORDS] ?? 0;
      text += this.#chars(x, content) || " ";
      x += content >> WIDTH_SHIFT || 1;
    }
    return untrimmed ? text : trimSpaces(text);
  }

  /** The column behind the last cell that is not empty or has a style. */
  get end(): number {
    let x = this.cols;
    while (x > 0 && isEmptyCell(this.#words, x - 1)) x--;
    return x;
  }

  /** The column behind the cells that have the style of the one at `x`, as far as that is quickly told: at least the next one. */
  styleEnd(x: number): number {
    const [fg, bg = 0] = [this.#words[x * WORDS + 1], this.#words[x * WORDS + 2]];
    let end = x + 1;
    if ((bg & HAS_EXTENDED) !== 0) return end;
    while (end < this.cols && this.#words[end * WORDS + 1] === fg && this.#words[end * WORDS + 2] === bg) end++;
    return end;
  }

  #chars(x: number, content: number): string {
    if ((content & IS_COMBINED) !== 0) return this.#combined.get(x) ?? "";
    const codepoint = content & CODEPOINT;
    return codepoint === 0 ? "" : String.fromCodePoint(codepoint);
  }
}

function isEmptyCell(words: Uint32Array, x: number): boolean {
  const codepoint = (words[x * WORDS] ?? 0) & (CODEPOINT | IS_COMBINED);
  return (codepoint === 0 || codepoint === 0x20) && words[x * WORDS + 1] === 0 && words[x * WORDS + 2] === 0;
}

/** Takes trailing spaces away; a regular expression would take quadratic time. */
export function trimSpaces(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
  return text.slice(0, end);
}

function copyTable<Value>(table: Readonly<Record<number, Value | undefined>>): ReadonlyMap<number, Value> {
  const copy = new Map<number, Value>();
  for (const key in table) {
    const value = table[key];
    if (value !== undefined) copy.set(Number(key), value);
  }
  return copy;
}
