// The pen of the user's terminal: writes the SGR codes from one style to the next, and no others.
import type { ByteWriter } from "./byte-writer.js";
import { COLOUR_KIND, type ColorDepth, fallBack, KIND_16, KIND_256 } from "./color-depth.js";

const BOLD = 1;
const DIM = 2;
/** Attributes: the bit in a cell's second (`fg`) or third word, and what turns them on and off. SGR 22 ends bold and dim. */
const ATTRIBUTES = [
  { bit: BOLD, fg: 0x8000000, bg: 0, on: 1, off: 22 },
  { bit: DIM, fg: 0, bg: 0x8000000, on: 2, off: 22 },
  { bit: 4, fg: 0, bg: 0x4000000, on: 3, off: 23 },
  { bit: 8, fg: 0x20000000, bg: 0, on: 5, off: 25 },
  { bit: 16, fg: 0x4000000, bg: 0, on: 7, off: 27 },
  { bit: 32, fg: 0x40000000, bg: 0, on: 8, off: 28 },
  { bit: 64, fg: 0x80000000, bg: 0, on: 9, off: 29 },
  { bit: 128, fg: 0, bg: 0x40000000, on: 53, off: 55 },
] as const;
const UNDERLINE = 0x10000000;
const UNDERLINE_STYLE_SHIFT = 26;
const COLOUR_BITS = 0x3ffffff;
/** What the engine makes of SGR 59: white, but the default is meant. */
const NO_UNDERLINE_COLOUR = 0x3ffffff;

/** Which SGR numbers a colour has. */
interface Codes {
  readonly dark: number;
  readonly bright: number;
  readonly extended: number;
  readonly none: number;
}
const FOREGROUND: Codes = { dark: 30, bright: 90, extended: 38, none: 39 };
const BACKGROUND: Codes = { dark: 40, bright: 100, extended: 48, none: 49 };

/** Changes the pen. It is plain at first. */
export class SgrWriter {
  readonly #out: ByteWriter;
  readonly #depth: ColorDepth;
  /** The words of the latest style, and what was drawn for them. */
  #fgWord = 0;
  #bgWord = 0;
  #extWord = 0;
  #attributes = 0;
  #underline = 0;
  #fg = 0;
  #bg = 0;
  #underlineColour = 0;
  #inSequence = false;

  constructor(out: ByteWriter, depth: ColorDepth) {
    this.#out = out;
    this.#depth = depth;
  }

  /** Makes the pen write cells of these words; `ext` are the extended attributes, 0 for none. */
  change(fgWord: number, bgWord: number, extWord: number): void {
    if (fgWord === this.#fgWord && bgWord === this.#bgWord && extWord === this.#extWord) return;
    this.#fgWord = fgWord;
    this.#bgWord = bgWord;
    this.#extWord = extWord;
    const underline = this.#underlineOf(fgWord, extWord);
    const fg = fallBack(fgWord, this.#depth);
    const bg = fallBack(bgWord, this.#depth);
    const attributes = attributesOf(fgWord, bgWord);
    if ((fg | bg | attributes | underline) === 0) {
      this.#reset();
      return;
    }
    this.#changeAttributes(attributes);
    this.#changeUnderline(underline);
    if (fg !== this.#fg) this.#colour(fg, FOREGROUND);
    if (bg !== this.#bg) this.#colour(bg, BACKGROUND);
    this.#fg = fg;
    this.#bg = bg;
    this.#changeUnderlineColour(underline === 0 ? 0 : this.#underlineColourOf(extWord));
    if (this.#inSequence) this.#out.byte(0x6d);
    this.#inSequence = false;
  }

  /** Makes the pen plain. */
  plain(): void {
    this.change(0, 0, 0);
  }

  #reset(): void {
    if ((this.#fg | this.#bg | this.#attributes | this.#underline | this.#underlineColour) !== 0) {
      this.#out.text("\x1b[0m");
    }
    this.#fg = this.#bg = this.#attributes = this.#underline = this.#underlineColour = 0;
  }

  get #hasStyles(): boolean {
    return this.#depth === "truecolor" || this.#depth === "256";
  }

  #underlineOf(fgWord: number, extWord: number): number {
    if ((fgWord & UNDERLINE) === 0) return 0;
    return this.#hasStyles ? (extWord >> UNDERLINE_STYLE_SHIFT) & 7 || 1 : 1;
  }

  #underlineColourOf(extWord: number): number {
    const isDefault = (extWord & COLOUR_BITS) === NO_UNDERLINE_COLOUR;
    return this.#hasStyles && !isDefault ? fallBack(extWord, this.#depth) : 0;
  }

  #changeAttributes(next: number): void {
    let was = this.#attributes;
    if ((was & ~next & (BOLD | DIM)) !== 0) {
      this.#code(22);
      was &= ~(BOLD | DIM);
    }
    for (const { bit, on, off } of ATTRIBUTES)
      if (((was ^ next) & bit) !== 0) this.#code((next & bit) === 0 ? off : on);
    this.#attributes = next;
  }

  #changeUnderline(next: number): void {
    if (next === this.#underline) return;
    this.#code(next === 0 ? 24 : 4);
    if (next > 1) this.#colons(next);
    this.#underline = next;
  }

  #changeUnderlineColour(next: number): void {
    if (next === this.#underlineColour) return;
    this.#underlineColour = next;
    const kind = next & COLOUR_KIND;
    this.#code(kind === 0 ? 59 : 58);
    if (kind === KIND_16 || kind === KIND_256) this.#colons(5, next & 0xff);
    else if (kind !== 0) {
      this.#out.text(":2:");
      this.#colons((next >> 16) & 0xff, (next >> 8) & 0xff, next & 0xff);
    }
  }

  #colour(colour: number, { dark, bright, extended, none }: Codes): void {
    const index = colour & 0xff;
    const kind = colour & COLOUR_KIND;
    if (kind === 0) this.#code(none);
    else if (kind === KIND_16) this.#code(index < 8 ? dark + index : bright + index - 8);
    else {
      this.#code(extended);
      if (kind === KIND_256) this.#code(5);
      else for (const value of [2, (colour >> 16) & 0xff, (colour >> 8) & 0xff]) this.#code(value);
      this.#code(index);
    }
  }

  #code(value: number): void {
    if (this.#inSequence) this.#out.byte(0x3b);
    else this.#out.text("\x1b[");
    this.#inSequence = true;
    this.#out.decimal(value);
  }

  #colons(...values: readonly number[]): void {
    for (const value of values) {
      this.#out.byte(0x3a);
      this.#out.decimal(value);
    }
  }
}

function attributesOf(fgWord: number, bgWord: number): number {
  let attributes = 0;
  for (const { bit, fg, bg } of ATTRIBUTES) if ((fgWord & fg) !== 0 || (bgWord & bg) !== 0) attributes |= bit;
  return attributes;
}
