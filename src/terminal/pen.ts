// Styles as control sequences: what makes a terminal's pen write cells like these.
import type { EngineAttributes, ExtendedAttributes } from "./engine-internals.js";
import type { Link } from "./links.js";

const COLOUR_MODE = 0x3000000;
const MODE_16 = 0x1000000;
const MODE_256 = 0x2000000;
const COLOUR_BITS = 0x3ffffff;
const UNDERLINE = 0x10000000;
const HAS_EXTENDED = 0x10000000;
const PROTECTED = 0x20000000;
const STYLE_SHIFT = 26;

/** SGR numbers of the flags in a style's first and second word. */
const FG_FLAGS: readonly (readonly [number, number])[] = [
  [0x8000000, 1],
  [0x20000000, 5],
  [0x4000000, 7],
  [0x40000000, 8],
  [0x80000000, 9],
];
const BG_FLAGS: readonly (readonly [number, number])[] = [
  [0x8000000, 2],
  [0x4000000, 3],
  [0x40000000, 53],
];

/** The style of a cell, or of the pen. */
export interface PenStyle {
  readonly fg: number;
  readonly bg: number;
  readonly extended: ExtendedAttributes | undefined;
}

/** The style nothing was set in. */
export const PLAIN: PenStyle = { fg: 0, bg: 0, extended: undefined };

/** A cell shows its extended attributes only where a flag says so; the pen keeps them beside it. */
export function cellStyle(fg: number, bg: number, extended: ExtendedAttributes | undefined): PenStyle {
  return { fg, bg, extended: (bg & HAS_EXTENDED) === 0 ? undefined : extended };
}

/** The style the pen writes in. A restored cursor may leave a link in it that is not shown: it is left out. */
export function penStyle({ fg, bg, extended }: EngineAttributes): PenStyle {
  const isShown = (bg & HAS_EXTENDED) !== 0;
  return { fg, bg, extended: isShown ? extended : { _ext: extended._ext, _urlId: 0 } };
}

/** Two styles write the same cells. */
export function sameStyle(a: PenStyle, b: PenStyle): boolean {
  return sgr(a) === sgr(b) && linkOf(a) === linkOf(b);
}

/** Writes what changes the pen of a terminal, from one style to the next. */
export class PenWriter {
  readonly #findLink: (number: number) => Link | undefined;
  #sgr = sgr(PLAIN);
  #link = 0;

  constructor(findLink: (number: number) => Link | undefined) {
    this.#findLink = findLink;
  }

  /** The sequences that make the pen this one; empty where it is already. */
  change(style: PenStyle): string {
    let bytes = "";
    const next = sgr(style);
    if (next !== this.#sgr) bytes += next;
    this.#sgr = next;
    const link = linkOf(style);
    if (link !== this.#link) bytes += this.#openLink(link);
    this.#link = link;
    return bytes;
  }

  /** As {@link change}, but writes at least one sequence: after it no combining character joins what was written before. */
  restate(style: PenStyle): string {
    return this.change(style) || sgr(style);
  }

  #openLink(number: number): string {
    const link = this.#findLink(number);
    if (link === undefined) return "\x1b]8;;\x1b\\";
    return `\x1b]8;${link.id === undefined ? "" : `id=${link.id}`};${link.uri}\x1b\\`;
  }
}

function linkOf({ extended }: PenStyle): number {
  return extended?._urlId ?? 0;
}

/** One full SGR, protection behind it: SGR 0 takes protection away too. */
function sgr({ fg, bg, extended }: PenStyle): string {
  const codes: (number | string)[] = [0];
  for (const [bit, code] of FG_FLAGS) if ((fg & bit) !== 0) codes.push(code);
  for (const [bit, code] of BG_FLAGS) if ((bg & bit) !== 0) codes.push(code);
  if ((fg & UNDERLINE) !== 0) {
    const style = extended === undefined ? 1 : (extended._ext >> STYLE_SHIFT) & 7;
    codes.push(style > 1 ? `4:${style}` : 4);
  }
  pushColour(codes, fg, { dark: 30, bright: 90, other: "38" });
  pushColour(codes, bg, { dark: 40, bright: 100, other: "48" });
  if (extended !== undefined) pushUnderlineColour(codes, extended._ext);
  return `\x1b[${codes.join(";")}m${(bg & PROTECTED) === 0 ? "" : '\x1b[1"q'}`;
}

interface ColourCodes {
  readonly dark: number;
  readonly bright: number;
  readonly other: string;
}

function pushColour(codes: (number | string)[], word: number, { dark, bright, other }: ColourCodes): void {
  const index = word & 0xff;
  switch (word & COLOUR_MODE) {
    case 0:
      return;
    case MODE_16:
      codes.push(index < 8 ? dark + index : bright + index - 8);
      return;
    case MODE_256:
      codes.push(`${other};5;${index}`);
      return;
    default:
      codes.push(`${other};2;${(word >> 16) & 0xff};${(word >> 8) & 0xff};${index}`);
  }
}

function pushUnderlineColour(codes: (number | string)[], word: number): void {
  if ((word & COLOUR_BITS) === 0) return;
  const index = word & 0xff;
  if ((word & COLOUR_MODE) === MODE_256) codes.push(`58:5:${index}`);
  else codes.push(`58:2::${(word >> 16) & 0xff}:${(word >> 8) & 0xff}:${index}`);
}

/**
 * The pen as it must be when the cursor is saved: saving keeps the two words alone, a flag in the second says that there are
 * extended attributes. An underline sets it, else a link does.
 */
export function savedStyle({ fg, bg }: EngineAttributes): PenStyle {
  const needsLink = (bg & HAS_EXTENDED) !== 0 && (fg & UNDERLINE) === 0;
  return { fg, bg, extended: needsLink ? { _ext: 0, _urlId: -1 } : undefined };
}
