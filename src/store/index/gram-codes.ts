// Grams as numbers, for indexes over arrays of numbers: 32 bits with a sign, as PostgreSQL's `int4` is.
import { fold } from "../search/fold.js";
import { gramsOf } from "../search/grams.js";

/** Three characters below U+0100 are told apart; others share a number with some, which costs no more than a look. */
const PLAIN_BITS = 8;
const PLAIN = 1 << (3 * PLAIN_BITS);
const HASHED = 2 ** 31 - PLAIN;

/** The number of a gram (see grams.ts), never negative. */
export function codeOfGram(gram: string): number {
  let code = 0;
  for (let at = 0; at < gram.length; at++) {
    const unit = gram.charCodeAt(at);
    if (unit > 0xff) return hashOf(gram);
    code |= unit << (PLAIN_BITS * at);
  }
  return gram.length > 3 ? hashOf(gram) : code;
}

/** FNV-1a. http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return PLAIN + ((hash >>> 0) % HASHED);
}

/** The numbers of all grams of a text. */
export function codesOf(text: string): readonly number[] {
  return codesOfFolded(fold(text));
}

/** As `codesOf`, of a text that is folded already. */
export function codesOfFolded(folded: string): readonly number[] {
  const grams = gramsOf(folded);
  return grams === "" ? [] : grams.split(" ").map(codeOfGram);
}

/**
 * Rows in numbered windows, so that the newest can be asked for alone: a row has one number for each size of window, all of
 * them negative. Sizes are powers of two, by their exponents.
 */
export const WINDOW_BITS = [10, 13, 16, 20] as const;

/** The number of the window of a size that a row is in. */
export function codeOfWindow(row: number, size: number): number {
  const bits = WINDOW_BITS[size] ?? 0;
  return -1 - (Math.floor(row / 2 ** bits) % 2 ** 28) * WINDOW_BITS.length - size;
}

/** Numbers as PostgreSQL writes an array: in order, so that they are packed well. */
export function arrayOf(codes: Iterable<number>): string {
  return `{${Int32Array.from(new Set(codes)).sort().join(",")}}`;
}
