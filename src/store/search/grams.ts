// What texts are indexed by: every one, two and three characters that stand beside each other in the folded text. So a text is found by
// any part of it, however short, and in languages that put no blanks between words.
//
// A gram is written as a token of SQLite's `ascii` tokenizer, which keeps apart what is no letter or digit and below U+0080:
// such characters are written as others above it. Two grams may thus share a token; a candidate is looked at anyway.

/** Bits of a character's number where a text has few kinds of characters. */
const FEW_BITS = 7;
const FEW = 1 << FEW_BITS;
/** One bit for each gram of three: 256 KB, cleaned after use. */
const seen = new Uint32Array((FEW * FEW * FEW) / 32);
/** Grams of a term at most: the more, the fewer the candidates, and the more lists to go through. */
const MAX_TERM_GRAMS = 24;

/** The distinct grams of a folded text as tokens, with blanks between. */
export function gramsOf(folded: string): string {
  const kinds: string[] = [];
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
    }
    characters.push(number);
  }
  const tokens = kinds.length <= FEW ? fewKinds(characters, kinds) : manyKinds(characters, kinds);
  return tokens.join(" ");
}

/**
 * Tokens that every text has in which the folded term stands; none where the term is empty. With `max` fewer of them: those that are
 * kept cover the term evenly.
 */
export function gramsOfTerm(folded: string, max = MAX_TERM_GRAMS): readonly string[] {
  const characters = Array.from(folded, (character) => tokenOf(character.codePointAt(0) ?? 0));
  if (characters.length === 0) return [];
  if (characters.length <= 3) return [characters.join("")];
  const last = characters.length - 3;
  const count = Math.min(max, last + 1);
  const grams = new Set<string>();
  for (let number = 0; number < count; number++) {
    const at = count === 1 ? 0 : Math.round((number * last) / (count - 1));
    grams.add(characters.slice(at, at + 3).join(""));
  }
  return [...grams];
}

/** A character as the tokenizer keeps it whole. Folded text has no capitals, which the tokenizer would make small. */
function tokenOf(code: number): string {
  const isKept = code >= 0x80 || (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x7a);
  if (isKept) return code >= 0xd800 && code <= 0xdfff ? "\ufffd" : String.fromCodePoint(code);
  return String.fromCharCode(code + 0x80);
}

function fewKinds(characters: readonly number[], kinds: readonly string[]): string[] {
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
    if (isNew((((one << FEW_BITS) | two) << FEW_BITS) | three))
      tokens.push(`${kinds[one]}${kinds[two]}${kinds[three]}`);
  }
  clean();
  return tokens;
}

function manyKinds(characters: readonly number[], kinds: readonly string[]): string[] {
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
    if (three === undefined || keys.has(pair * count + three)) continue;
    keys.add(pair * count + three);
    tokens.add(`${kinds[one]}${kinds[two]}${kinds[three]}`);
  }
  return [...tokens];
}

/** Grams of a word in a question for near words, at most. */
const MAX_FUZZY = 8;

/**
 * Sets of tokens, of which a text with a word that is nearly the folded term has one, as a rule: any two of its parts of three. None where
 * the term is too short to be nearly something.
 */
export function fuzzyGrams(folded: string): readonly (readonly string[])[] {
  if (folded.length < 3) return [];
  const grams = gramsOfTerm(` ${folded} `, MAX_FUZZY);
  const pairs: (readonly string[])[] = [];
  for (const [at, one] of grams.entries()) for (const other of grams.slice(at + 1)) pairs.push([one, other]);
  return pairs;
}
