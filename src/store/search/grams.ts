// What texts are indexed by: every one and two characters that stand beside each other in the folded text, and every three with what
// the one behind them is like. So a text is found by any part of it, however short, and in languages that put no blanks between
// words. Three and a fourth tell words apart where three do not: fewer texts have to be looked at that have nowhere what was asked for.
//
// A gram is written as a token of SQLite's `ascii` tokenizer, which keeps apart what is no letter or digit and below U+0080:
// such characters are written as others above it. Two grams may thus share a token; a candidate is looked at anyway.

/** Bits of a character's number where a text has few kinds of characters. */
const FEW_BITS = 7;
const FEW = 1 << FEW_BITS;
/** Of the character behind three only so much is kept: three alone are found by as many tokens. */
const FOURTH_BITS = 4;
const FOURTHS = 1 << FOURTH_BITS;
/** One bit for each gram of three and a fourth: 4 MB, cleaned after use. */
const seen = new Uint32Array((FEW * FEW * FEW * FOURTHS) / 32);
/** Grams of a term at most: the more, the fewer the candidates, and the more lists to go through. */
const MAX_TERM_GRAMS = 24;

/** The distinct grams of a folded text as tokens, with blanks between. */
export function gramsOf(folded: string): string {
  const kinds: string[] = [];
  const fourths: number[] = [];
  const numbers = new Map<number, number>();
  const characters: number[] = [];
  for (let at = 0; at < folded.length; at++) {
    const code = folded.codePointAt(at) ?? 0;
    if (code > 0xffff) at++;
    let number = numbers.get(code);
    if (number === undefined) {
      number = kinds.length;
      numbers.set(code, number);
      kinds.push(tokenOf(code));
      fourths.push(fourthOf(code));
    }
    characters.push(number);
  }
  const text: Characters = { characters, kinds, fourths };
  const tokens = kinds.length <= FEW ? fewKinds(text) : manyKinds(text);
  return tokens.join(" ");
}

/**
 * Sets of tokens, of each of which every text has one in which the folded term stands; none where the term is empty. With `max` fewer
 * of them: those that are kept cover the term evenly.
 */
export function gramsOfTerm(folded: string, max = MAX_TERM_GRAMS): readonly (readonly string[])[] {
  const codes = Array.from(folded, (character) => character.codePointAt(0) ?? 0);
  if (codes.length === 0) return [];
  if (codes.length <= 2) return [[codes.map(tokenOf).join("")]];
  if (codes.length === 3) return [tokensOfThree(codes)];
  const last = codes.length - 4;
  const count = Math.min(max, last + 1);
  const grams = new Set<string>();
  for (let number = 0; number < count; number++) {
    const at = count === 1 ? 0 : Math.round((number * last) / (count - 1));
    grams.add(
      codes
        .slice(at, at + 3)
        .map(tokenOf)
        .join("") + FOURTH_TOKENS[fourthOf(codes[at + 3] ?? 0)],
    );
  }
  return [...grams].map((gram) => [gram]);
}

/** Of letters the frequent ones differ in it; a blank's is that of no character at all. */
function fourthOf(code: number): number {
  return code % FOURTHS;
}

const FOURTH_TOKENS = Array.from({ length: FOURTHS }, (_, fourth) => fourth.toString(FOURTHS));

/** Whatever stands behind them. */
function tokensOfThree(codes: readonly number[]): readonly string[] {
  const three = codes.slice(0, 3).map(tokenOf).join("");
  return FOURTH_TOKENS.map((fourth) => three + fourth);
}

/** A character as the tokenizer keeps it whole. Folded text has no capitals, which the tokenizer would make small. */
function tokenOf(code: number): string {
  const isKept = code >= 0x80 || (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x7a);
  if (isKept) return code >= 0xd800 && code <= 0xdfff ? "\ufffd" : String.fromCodePoint(code);
  return String.fromCharCode(code + 0x80);
}

/** A text, by numbers of its kinds of characters. */
interface Characters {
  readonly characters: readonly number[];
  readonly kinds: readonly string[];
  readonly fourths: readonly number[];
}

function fewKinds({ characters, kinds, fourths }: Characters): string[] {
  const tokens = [...kinds];
  const touched: number[] = [];
  const isNew = (key: number): boolean => {
    const word = key >>> 5;
    const bit = 1 << (key & 31);
    const bits = seen[word] ?? 0;
    if ((bits & bit) !== 0) return false;
    if (bits === 0) touched.push(word);
    seen[word] = bits | bit;
    return true;
  };
  const clean = () => {
    for (const word of touched) seen[word] = 0;
    touched.length = 0;
  };
  for (let at = 1; at < characters.length; at++) {
    const [one, two] = [characters[at - 1] ?? 0, characters[at] ?? 0];
    if (isNew((one << FEW_BITS) | two)) tokens.push(`${kinds[one]}${kinds[two]}`);
  }
  clean();
  for (let at = 2; at < characters.length; at++) {
    const [one, two, three] = [characters[at - 2] ?? 0, characters[at - 1] ?? 0, characters[at] ?? 0];
    const fourth = fourths[characters[at + 1] ?? -1] ?? 0;
    const key = (((((one << FEW_BITS) | two) << FEW_BITS) | three) << FOURTH_BITS) | fourth;
    if (isNew(key)) tokens.push(`${kinds[one]}${kinds[two]}${kinds[three]}${FOURTH_TOKENS[fourth]}`);
  }
  clean();
  return tokens;
}

function manyKinds({ characters, kinds, fourths }: Characters): string[] {
  const tokens = new Set(kinds);
  const count = kinds.length;
  const keys = new Set<number>();
  for (let at = 1; at < characters.length; at++) {
    const [one, two, three] = [characters[at - 1] ?? 0, characters[at] ?? 0, characters[at + 1]];
    const pair = one * count + two;
    if (!keys.has(-1 - pair)) {
      keys.add(-1 - pair);
      tokens.add(`${kinds[one]}${kinds[two]}`);
    }
    if (three === undefined) continue;
    const fourth = fourths[characters[at + 2] ?? -1] ?? 0;
    const key = (pair * count + three) * FOURTHS + fourth;
    if (keys.has(key)) continue;
    keys.add(key);
    tokens.add(`${kinds[one]}${kinds[two]}${kinds[three]}${FOURTH_TOKENS[fourth]}`);
  }
  return [...tokens];
}

/** Parts of a word in a question for near words, at most. */
const MAX_FUZZY = 8;

/**
 * Parts of three of a term, each as the tokens of which a text has one that has the part. A text with a word that is nearly the folded
 * term has two of the parts, as a rule. None where the term is too short to be nearly something.
 */
export function fuzzyGrams(folded: string): readonly (readonly string[])[] {
  if (folded.length < 3) return [];
  const codes = Array.from(` ${folded} `, (character) => character.codePointAt(0) ?? 0);
  const last = codes.length - 3;
  const count = Math.min(MAX_FUZZY, last + 1);
  const starts = new Set(Array.from({ length: count }, (_, number) => Math.round((number * last) / (count - 1))));
  return [...starts].map((at) => tokensOfThree(codes.slice(at, at + 3)));
}
