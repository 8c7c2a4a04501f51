// Looks closely at what an index only says is likely: whether a passage has what is asked for, and which of its lines shows it best.
import { MAX_REGEX_LINE, withinTime } from "./bounded-regex.js";
import { fold, foldWithStarts, originalSpan } from "./fold.js";
import { isNearly } from "./nearly.js";
import type { OpenedPassage } from "./passage-codec.js";
import type { PassageText, SearchQuery, SearchTerm, ShownLine } from "./search.js";
import { cutSnippet, type Snippet } from "./snippet.js";

/** What a passage is worth. */
export interface PassageWorth {
  /** How often anything that was asked for stands in the passage, at most {@link MAX_COUNTED}. */
  readonly count: number;
  /** All that was asked for stands there as whole words. */
  readonly isWhole: boolean;
}

/** What was found in a passage: the line that shows it best. */
export interface PassageMatch extends Snippet {
  /** Number of the line, from 0; its time. */
  readonly line: number;
  readonly timeNs: number;
}

/** Beyond that more matches are worth no more. */
export const MAX_COUNTED = 100;

const ASCII = /^[\u0000-\u007f]*$/;
/** Words of which it is kept whether they are nearly a term. */
const MAX_KNOWN_WORDS = 50_000;

/** What a question looks for, apart from where. */
export type TextQuery = Pick<SearchQuery, "all" | "none" | "pattern" | "isFuzzy">;

interface FoldedTerm {
  readonly text: string;
  readonly isPrefix: boolean;
}

interface Span {
  readonly start: number;
  readonly end: number;
  /** Which of the terms; -1: the pattern. */
  readonly term: number;
}

/** Holds passages against one question. */
export class PassageMatcher {
  readonly #all: readonly FoldedTerm[];
  readonly #none: readonly FoldedTerm[];
  readonly #pattern: RegExp | undefined;
  readonly #isFuzzy: boolean;
  /** Words that must be there just so, one behind the other. */
  readonly #rows: readonly (readonly string[])[];
  /** Single words of ASCII that must not be there: they are looked for before a text is folded. */
  readonly #quicklyUnwanted: readonly string[];
  /** All that is asked for. */
  readonly #isAscii: boolean;
  /** Whether words are nearly a term: most words come again and again. */
  readonly #nearly = new Map<string, Map<string, boolean>>();

  constructor({ all, none, pattern, isFuzzy = false }: TextQuery) {
    this.#all = foldTerms(all);
    this.#none = foldTerms(none);
    // From each start on anew, whatever flags the caller's own has.
    this.#pattern = pattern && new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    this.#isFuzzy = isFuzzy;
    this.#quicklyUnwanted = this.#none
      .filter(({ text, isPrefix }) => !isPrefix && !text.includes(" ") && ASCII.test(text))
      .map(({ text }) => text);
    this.#rows = isFuzzy ? [] : this.#all.map(({ text }) => text.split(" "));
    this.#isAscii = [...this.#all, ...this.#none].every(({ text }) => ASCII.test(text));
  }

  /** Nothing is asked for that could be found: everything matches, if nothing that is not wanted is in it. */
  get isEmpty(): boolean {
    return this.#all.length === 0 && this.#pattern === undefined;
  }

  /** Whether a text surely has not all that is asked for, nor any part of it: told quickly, and not always where it is so. */
  isSurelyNotIn(passage: OpenedPassage): boolean {
    if (this.#rows.length === 0 || !passage.isPlain) return false;
    const lower = (this.#isAscii ? passage.byteText : passage.text).toLowerCase();
    return this.#rows.some((words) => !hasInRow(lower, words));
  }

  /**
   * Whether the passage has what is asked for; white space and line ends are the same.
   * @throws UsageError as {@link withinTime}.
   */
  test(passage: PassageText): PassageWorth | undefined {
    return this.testAll([passage])[0];
  }

  /** As {@link test}, of several passages: the bound on a pattern's time costs more than its looking at one. @throws as `test`. */
  testAll(passages: readonly PassageText[]): readonly (PassageWorth | undefined)[] {
    const look = () => passages.map((passage) => this.#test(passage));
    return this.#pattern === undefined ? look() : withinTime(look);
  }

  #test(passage: PassageText): PassageWorth | undefined {
    if (this.#quicklyUnwanted.length > 0) {
      const lower = passage.text.toLowerCase();
      if (this.#quicklyUnwanted.some((word) => hasPlainly(lower, word))) return undefined;
    }
    const folded = fold(passage.text);
    for (const term of this.#none) if (findTerm(folded, term, 0) >= 0) return undefined;
    let count = 0;
    let isWhole = this.#all.length > 0;
    for (const term of this.#all) {
      const found = this.#find(folded, term);
      if (found.length === 0) return undefined;
      count += found.length;
      isWhole &&= found.some(([start, end]) => isBoundary(folded, start) && isBoundary(folded, end));
    }
    if (this.#pattern !== undefined) {
      const matching = matchLines(this.#pattern, passage.lines()).length;
      if (matching === 0) return undefined;
      count += matching;
    }
    return { count: Math.min(MAX_COUNTED, count), isWhole };
  }

  /** As {@link test}, and where it is. */
  match(passage: PassageText): PassageMatch | undefined {
    if (this.test(passage) === undefined) return undefined;
    const lines = passage.lines();
    const folded = foldWithStarts(passage.text);
    const spans: Span[] = [];
    for (const [number, term] of this.#all.entries()) {
      for (const [from, to] of this.#find(folded.text, term)) {
        const [start, end] = originalSpan(folded, from, to);
        spans.push({ start, end, term: number });
      }
    }
    const pattern = this.#pattern;
    const byPattern = pattern === undefined ? [] : withinTime(() => matchLines(pattern, lines));
    return best(lines, spans, byPattern);
  }

  /** Where the term stands, or what is nearly it where it does not. */
  #find(folded: string, term: FoldedTerm): readonly (readonly [number, number])[] {
    const found: (readonly [number, number])[] = [];
    for (let at = findTerm(folded, term, 0); at >= 0 && found.length < MAX_COUNTED; ) {
      const end = at + term.text.length;
      found.push([at, end]);
      at = findTerm(folded, term, end);
    }
    if (found.length > 0 || !this.#isFuzzy) return found;
    for (const span of this.#nearWords(folded, term)) if (found.push(span) >= MAX_COUNTED) break;
    return found;
  }

  /** Where words stand that are nearly the term. */
  *#nearWords(folded: string, { text }: FoldedTerm): Generator<readonly [number, number]> {
    const known = this.#nearly.get(text) ?? new Map<string, boolean>();
    this.#nearly.set(text, known);
    let end = 0;
    for (const at of likelyPlaces(folded, text)) {
      if (at < end) continue;
      const start = wordStart(folded, at);
      AT_WORD.lastIndex = start;
      const word = AT_WORD.exec(folded)?.[0] ?? "";
      end = start + word.length;
      let is = known.get(word);
      if (is === undefined) {
        if (known.size >= MAX_KNOWN_WORDS) known.clear();
        is = isNearly(word, text);
        known.set(word, is);
      }
      if (is) yield [start, end];
    }
  }
}

/** Places, ascending, that words which are nearly the term have at least one of: its beginning, and its parts of three. */
function likelyPlaces(folded: string, term: string): readonly number[] {
  const places = new Set<number>();
  const add = (part: string, isMeant: (at: number) => boolean) => {
    for (let at = folded.indexOf(part); at >= 0; at = folded.indexOf(part, at + 1)) if (isMeant(at)) places.add(at);
  };
  add(term.slice(0, 2), (at) => isBoundary(folded, at));
  for (let at = 0; at + 3 <= term.length; at++) add(term.slice(at, at + 3), () => true);
  return [...places].sort((one, other) => one - other);
}

function wordStart(folded: string, within: number): number {
  let start = within;
  while (start > 0) {
    const before = characterBefore(folded, start);
    if (!WORD.test(before)) break;
    start -= before.length;
  }
  return start;
}

/** Whether a word of ASCII stands there with nothing behind it that could be a mark on its last letter: so it is there when it is folded too. */
function hasPlainly(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const behind = text.charCodeAt(at + word.length);
    if (Number.isNaN(behind) || behind < 0x80) return true;
  }
  return false;
}

/** Whether the words stand one behind the other in a plain text, with any white space between. */
function hasInRow(text: string, [first = "", ...others]: readonly string[]): boolean {
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    let end = at + first.length;
    const isWhole = others.every((word) => {
      const start = behindWhite(text, end);
      if (start === end || !text.startsWith(word, start)) return false;
      end = start + word.length;
      return true;
    });
    if (isWhole) return true;
  }
  return false;
}

/** White space and controls of ASCII: plain text has no others. */
function behindWhite(text: string, from: number): number {
  let at = from;
  while (at < text.length && (text.charCodeAt(at) <= 0x20 || text.charCodeAt(at) === 0x7f)) at++;
  return at;
}

/** Lines as a passage that is looked at. */
export function passageText(lines: readonly ShownLine[]): PassageText {
  return { text: lines.map((line) => line.text).join("\n"), lines: () => lines };
}

/** Shows the best of the lines, by spans of their text and of the pattern's matches. */
function best(lines: readonly ShownLine[], ofTerms: readonly Span[], ofPattern: readonly PatternMatch[]): PassageMatch {
  const starts: number[] = [];
  let at = 0;
  for (const { text } of lines) {
    starts.push(at);
    at += text.length + 1;
  }
  const spans = [...ofTerms];
  for (const { line, start, end } of ofPattern) {
    const from = starts[line] ?? 0;
    spans.push({ start: from + start, end: from + end, term: -1 });
  }
  spans.sort((one, other) => one.start - other.start || one.end - other.end);
  const line = bestLine(spans, starts, new Set(ofPattern.map((match) => match.line)));
  const from = starts[line] ?? 0;
  const source = lines[line] ?? { text: "", timeNs: 0 };
  const marks: [number, number][] = [];
  for (const { start, end } of spans) {
    const [first, last] = [Math.max(start - from, 0), Math.min(end - from, source.text.length)];
    if (first < last) marks.push([first, last]);
  }
  return { ...cutSnippet(source.text, marks), line, timeNs: source.timeNs };
}

function foldTerms(terms: readonly SearchTerm[]): readonly FoldedTerm[] {
  return terms
    .map(({ text, match }) => ({ text: fold(text).trim(), isPrefix: match === "prefix" }))
    .filter(({ text }) => text !== "");
}

/** Where the term stands next, from there on; -1: nowhere. */
function findTerm(folded: string, { text, isPrefix }: FoldedTerm, from: number): number {
  let at = folded.indexOf(text, from);
  while (isPrefix && at >= 0 && !isBoundary(folded, at)) at = folded.indexOf(text, at + 1);
  return at;
}

const WORD = /[\p{L}\p{N}\p{M}_]/u;
/** Languages that put no blanks between words: each character may begin one. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Whether one word ends and another may begin there: not between two letters or digits. */
function isBoundary(folded: string, at: number): boolean {
  if (at === 0 || at >= folded.length) return true;
  const before = characterBefore(folded, at);
  const behind = String.fromCodePoint(folded.codePointAt(at) ?? 0);
  if (!WORD.test(before) || !WORD.test(behind)) return true;
  return UNSPACED.test(before) || UNSPACED.test(behind);
}

function characterBefore(text: string, at: number): string {
  const isPair = at > 1 && /[\udc00-\udfff]/.test(text[at - 1] ?? "") && /[\ud800-\udbff]/.test(text[at - 2] ?? "");
  return text.slice(isPair ? at - 2 : at - 1, at);
}

const AT_WORD = /[\p{L}\p{N}\p{M}_]+/uy;

interface PatternMatch {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** To be called within the bound on time. */
function matchLines(pattern: RegExp, lines: readonly ShownLine[]): readonly PatternMatch[] {
  const found: PatternMatch[] = [];
  for (const [line, { text }] of lines.entries()) {
    const match = pattern.exec(text.length > MAX_REGEX_LINE ? text.slice(0, MAX_REGEX_LINE) : text);
    if (match !== null) found.push({ line, start: match.index, end: match.index + match[0].length });
    if (found.length >= MAX_COUNTED) break;
  }
  return found;
}

/** The line with the most of what is asked for, then the most often, then the first; one that the pattern matches where there is one. */
function bestLine(spans: readonly Span[], starts: readonly number[], matching: ReadonlySet<number>): number {
  const byLine = new Map<number, { readonly terms: Set<number>; count: number }>();
  let line = 0;
  for (const { start, term } of spans) {
    while (line + 1 < starts.length && (starts[line + 1] ?? 0) <= start) line++;
    const known = byLine.get(line) ?? { terms: new Set(), count: 0 };
    known.terms.add(term);
    known.count++;
    byLine.set(line, known);
  }
  let best = 0;
  let bestWorth = -1;
  for (const [number, { terms, count }] of byLine) {
    if (matching.size > 0 && !matching.has(number)) continue;
    const worth = terms.size * (MAX_COUNTED + 1) + Math.min(count, MAX_COUNTED);
    if (worth > bestWorth) [best, bestWorth] = [number, worth];
  }
  return bestWorth < 0 && matching.size > 0 ? Math.min(...matching) : best;
}
