// What a text is found by in an index over arrays of numbers: every one, two and four characters (UTF-16 units) that stand beside each
// other in it. A number of four says in its upper bits which three it begins with, so three are found by a few numbers. Four tell
// words apart where three do not: few texts have to be looked at that have nowhere what was asked for.
import { fold } from "../search/fold.js";

/** One or two of ASCII have numbers of their own; others share them with some, which costs no more than a look. */
const ASCII_BITS = 7;
const ASCII = 1 << ASCII_BITS;
const SHORT_FROM = 1 << (2 * ASCII_BITS);
const SHORT_BITS = 19;
const LONG_FROM = SHORT_FROM + (1 << SHORT_BITS);
const THREE_BITS = 14;
const FOURTH_BITS = 4;
const FOURTHS = 1 << FOURTH_BITS;
const ALL = LONG_FROM + (1 << (THREE_BITS + FOURTH_BITS));
/** Numbers of a term at most: the more, the fewer the candidates, and the more lists to go through. */
const MAX_TERM_CODES = 24;
/** Terms up to that length are told by their parts of two as well. */
const SHORT_TERM = 5;

/** One bit for each number, cleaned after use. */
const seen = new Uint32Array(Math.ceil(ALL / 32));

/** Numbers that a text has in which a term stands: all of the first, one of each of the others. */
export interface TermCodes {
  readonly all: readonly number[];
  readonly oneOf: readonly (readonly number[])[];
}

/** The distinct numbers of a text, ascending. */
export function codesOf(text: string): Int32Array {
  return codesOfFolded(fold(text));
}

/** As {@link codesOf}, of a text that is folded already. */
export function codesOfFolded(folded: string): Int32Array {
  const codes = new Int32Array(folded.length * 3);
  let count = 0;
  const add = (code: number) => {
    const word = code >>> 5;
    const bits = seen[word] ?? 0;
    const bit = 1 << (code & 31);
    if ((bits & bit) !== 0) return;
    seen[word] = bits | bit;
    codes[count++] = code;
  };
  const last = folded.length - 1;
  for (let at = 0; at <= last; at++) {
    const [one, two] = [folded.charCodeAt(at), at < last ? folded.charCodeAt(at + 1) : 0];
    add(codeOfShort(one, 0));
    if (at + 1 > last) break;
    add(codeOfShort(one, two));
    if (at + 2 > last) continue;
    const three = codeOfThree(one, two, folded.charCodeAt(at + 2));
    add(three + (at + 3 > last ? 0 : fourthOf(folded.charCodeAt(at + 3))));
  }
  const distinct = codes.subarray(0, count).sort();
  for (const code of distinct) seen[code >>> 5] = 0;
  return distinct;
}

/** The numbers of a folded term; none where it is empty. */
export function codesOfTerm(folded: string): TermCodes {
  const all: number[] = [];
  const unit = (at: number): number => folded.charCodeAt(at);
  const { length } = folded;
  if (length === 0) return { all, oneOf: [] };
  if (length === 1) return { all: [codeOfShort(unit(0), 0)], oneOf: [] };
  if (length <= SHORT_TERM) for (let at = 0; at + 1 < length; at++) all.push(codeOfShort(unit(at), unit(at + 1)));
  if (length === 2) return { all, oneOf: [] };
  if (length === 3) return { all, oneOf: [codesOfThree(folded)] };
  const last = length - 4;
  const count = Math.min(MAX_TERM_CODES, last + 1);
  for (let number = 0; number < count; number++) {
    const at = count === 1 ? 0 : Math.round((number * last) / (count - 1));
    all.push(codeOfThree(unit(at), unit(at + 1), unit(at + 2)) + fourthOf(unit(at + 3)));
  }
  return { all: [...new Set(all)], oneOf: [] };
}

/** The numbers of which a text has one in which these three units stand. */
export function codesOfThree(folded: string): readonly number[] {
  const first = codeOfThree(folded.charCodeAt(0), folded.charCodeAt(1), folded.charCodeAt(2));
  return Array.from({ length: FOURTHS }, (_, fourth) => first + fourth);
}

/** `two`: 0 where there is but one. Folded text has no U+0000. */
function codeOfShort(one: number, two: number): number {
  if (one < ASCII && two < ASCII) return (one << ASCII_BITS) | two;
  return SHORT_FROM + (mixed(mixed(one + 1) + two) >>> (32 - SHORT_BITS));
}

function codeOfThree(one: number, two: number, three: number): number {
  const hash = mixed(mixed(mixed(one + 1) + two) + three);
  return LONG_FROM + ((hash >>> (32 - THREE_BITS)) << FOURTH_BITS);
}

function fourthOf(unit: number): number {
  return Math.imul(unit, 0x9e3779b1) >>> (32 - FOURTH_BITS);
}

function mixed(value: number): number {
  const half = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  const most = Math.imul(half ^ (half >>> 15), 0x735a2d97);
  return most ^ (most >>> 15);
}

/** A byte below that is a step to the next number; from it on one of so much and its doubles, to no number. */
const STEP = 224;

/**
 * Ascending numbers above 0 as bytes, about one for each: by what each is more than the one before. {@link CODES_FUNCTION} unpacks them.
 */
export function packCodes(codes: Int32Array): Buffer {
  const bytes = Buffer.allocUnsafe(codes.length * 4 + 32);
  let length = 0;
  let before = 0;
  for (const code of codes) {
    const step = code - before;
    before = code;
    for (let times = Math.floor(step / STEP), bit = 0; times > 0; times >>>= 1, bit++) {
      if ((times & 1) === 1) bytes[length++] = STEP + bit;
    }
    bytes[length++] = step % STEP;
  }
  return bytes.subarray(0, length);
}

/**
 * Rows in numbered windows, so that the newest can be asked for alone: a row has one number for each size of window, all of
 * them negative. Sizes are powers of two, by their exponents.
 */
export const WINDOW_BITS = [10, 13, 16, 20] as const;
const WINDOWS = 2 ** 28;

/** The number of the window of a size that a row is in. */
export function codeOfWindow(row: number, size: number): number {
  const bits = WINDOW_BITS[size] ?? 0;
  return -1 - (Math.floor(row / 2 ** bits) % WINDOWS) * WINDOW_BITS.length - size;
}

const SQL_WINDOWS = WINDOW_BITS.map((bits, size) => {
  return `(-1 - ((of_row >> ${bits}) % ${WINDOWS}) * ${WINDOW_BITS.length} - ${size})::int`;
}).join(", ");

/**
 * SQL that makes `t2a_index_codes(row, grams)`: the numbers that {@link packCodes} packed, and the row's windows. It is what is indexed, and
 * never done otherwise: the planner is told that it costs much, as it does where the bytes are stored elsewhere.
 */
export const CODES_FUNCTION = `
  CREATE FUNCTION t2a_index_codes(of_row bigint, grams bytea) RETURNS int[]
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000000 AS $codes$
    SELECT ARRAY[${SQL_WINDOWS}] || array_agg(code) FROM (
      SELECT byte, (sum(CASE WHEN byte < ${STEP} THEN byte ELSE ${STEP} << (byte - ${STEP}) END)
        OVER (ROWS UNBOUNDED PRECEDING))::int AS code
      FROM (SELECT get_byte(whole, place) AS byte
        FROM (SELECT grams || ''::bytea AS whole OFFSET 0) AS once, generate_series(0, length(whole) - 1) AS place) AS bytes
    ) AS steps WHERE byte < ${STEP}
  $codes$;`;

/** Numbers as PostgreSQL writes an array. */
export function arrayOf(codes: Iterable<number>): string {
  return `{${[...new Set(codes)].join(",")}}`;
}
