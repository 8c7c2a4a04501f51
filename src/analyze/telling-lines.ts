// The lines of a command's output that tell why it failed, found by the table of error rules.
import { errorFingerprint } from "./error-fingerprint.js";
import { ERROR_RULES, type ErrorFamily, type ErrorRule, STRONG_WEIGHT } from "./error-rules.js";

/** Of a line, UTF-16 units that are looked at and given. */
export const MAX_LINE_UNITS = 500;
/** Of a text, units that are looked at: its beginning and, four times as much, its end. */
const MAX_TEXT_UNITS = 1 << 20;
/** Lines that rules are tried on. */
const MAX_CANDIDATES = 4000;
const HEAD_REACH = 60;
const NEXT_REACH = 12;
const DEFAULT_LIMIT = 5;
/** Last lines that are given where no rule matches. */
const GUESSED_LINES = 2;

/** A line that tells why a command failed. */
export interface TellingLine {
  /** From 1, in the text. */
  readonly line: number;
  /** Cut at 500 units. Comes from a recording: never shown raw. */
  readonly text: string;
  /** Undefined for a guess. */
  readonly rule: string | undefined;
  readonly family: ErrorFamily | undefined;
  /** What it says, in words; the text itself for a guess. Holds pieces of the text: never shown raw. */
  readonly says: string;
  /** Of the rule; 0 for a guess. */
  readonly weight: number;
  /** No rule knows it: it is the end of the output. */
  readonly isGuess: boolean;
}

/** How {@link tellingLines} looks. */
export interface TellingOptions {
  /** Lines at most; 5 by default. */
  readonly limit?: number | undefined;
  /**
   * Rules of less weight are left out: STRONG_WEIGHT for a command that may not have failed: then records of logs
   * are left out too. 1 by default.
   */
  readonly minWeight?: number | undefined;
  /** Where no rule matches, the last lines are given as a guess. Only for a command that failed; false by default. */
  readonly guess?: boolean | undefined;
}

interface Found {
  readonly rule: ErrorRule;
  readonly groups: readonly (string | undefined)[];
  readonly line: number;
  readonly text: string;
}

/**
 * The lines that tell most, best first: by the weight of the rule, then as they came, no two that say the same. `text`: what the
 * command printed, without styles, its lines ended by `\n`.
 */
export function tellingLines(text: string, options: TellingOptions = {}): readonly TellingLine[] {
  const { limit = DEFAULT_LIMIT, minWeight = 1, guess = false } = options;
  const lines = new TextLines(text);
  const found = candidates(lines)
    .map((line) => bestOf(lines, line, minWeight))
    .filter((each) => each !== undefined);
  const telling = distinct(inOrder(found), limit).map((each) => tell(each, lines.numberOf(each.line)));
  return telling.length > 0 || !guess ? telling : guessed(lines).slice(-limit);
}

/** The lines of a text, by their place in it: none is copied before it is looked at. */
class TextLines {
  readonly #text: string;
  /** Where lines begin. */
  readonly #starts: number[] = [0];
  /** Number of the first line behind what was left out in the middle, and how many lines that is. */
  readonly #gap: { readonly at: number; readonly lines: number };

  constructor(whole: string) {
    const { text, keptUnits, leftOut } = shorten(whole);
    this.#text = text;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
    this.#gap = { at: keptUnits, lines: leftOut };
  }

  get text(): string {
    return this.#text;
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The beginning of the line, without blanks at its end. */
  at(line: number): string {
    const start = this.#starts[line] ?? this.#text.length;
    const end = Math.min((this.#starts[line + 1] ?? this.#text.length + 1) - 1, start + MAX_LINE_UNITS);
    return this.#text.slice(start, end).trimEnd();
  }

  /** Its number in the whole text, from 1. */
  numberOf(line: number): number {
    return line + 1 + ((this.#starts[line] ?? 0) >= this.#gap.at ? this.#gap.lines : 0);
  }

  startOf(line: number): number {
    return this.#starts[line] ?? this.#text.length;
  }
}

/** Its beginning and its end, cut between lines where there are any. */
function shorten(text: string): { readonly text: string; readonly keptUnits: number; readonly leftOut: number } {
  if (text.length <= MAX_TEXT_UNITS) return { text, keptUnits: Number.POSITIVE_INFINITY, leftOut: 0 };
  const headEnd = text.lastIndexOf("\n", MAX_TEXT_UNITS / 5) + 1 || MAX_TEXT_UNITS / 5;
  const tailFrom = text.length - (MAX_TEXT_UNITS * 4) / 5;
  const tailStart = text.indexOf("\n", tailFrom) + 1 || tailFrom;
  let leftOut = 0;
  for (let at = text.indexOf("\n", headEnd); at >= 0 && at < tailStart; at = text.indexOf("\n", at + 1)) leftOut++;
  return { text: text.slice(0, headEnd) + text.slice(tailStart), keptUnits: headEnd, leftOut };
}

/** The rules of each word. */
const BY_WORD: readonly (readonly [string, readonly ErrorRule[]])[] = [
  ...new Set(ERROR_RULES.flatMap(({ words }) => words)),
].map((word) => [word, ERROR_RULES.filter(({ words }) => words.includes(word))] as const);

/** Any of the words. A word within another is left to the shorter one: each line is looked at as a whole anyway. */
const ANY_WORD = new RegExp(
  BY_WORD.map(([word]) => word)
    .filter((word, _, words) => !words.some((other) => other !== word && word.includes(other)))
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("|"),
  "g",
);

/** Lines with one of the words, in their order; of too many the first and the last. */
function candidates(lines: TextLines): readonly number[] {
  const { text } = lines;
  const found: number[] = [];
  let line = 0;
  ANY_WORD.lastIndex = 0;
  for (let hit = ANY_WORD.exec(text); hit !== null; hit = ANY_WORD.exec(text)) {
    while (line + 1 < lines.count && lines.startOf(line + 1) <= hit.index) line++;
    found.push(line);
    if (line + 1 >= lines.count) break;
    ANY_WORD.lastIndex = lines.startOf(line + 1);
  }
  const half = MAX_CANDIDATES / 2;
  return found.length <= MAX_CANDIDATES ? found : [...found.slice(0, half), ...found.slice(-half)];
}

/** A record of a log: what it tells of may be long over. */
const LOG_RECORD =
  /^(?:\[?\d{4}[-/]\d\d[-/]\d\d(?:[T _]\d\d:| [A-Z]+ )|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:|[IWEF]\d{4} \d\d:|(?:time|ts|level|lvl)=|\[ *\d{1,9}\.\d{6}\])/;

/** The first of the rules of greatest weight that match there. */
function bestOf(lines: TextLines, line: number, minWeight: number): Found | undefined {
  const text = lines.at(line);
  const isPast = minWeight >= STRONG_WEIGHT && LOG_RECORD.test(text);
  let best: Found | undefined;
  for (const [word, rules] of BY_WORD) {
    if (!text.includes(word)) continue;
    for (const rule of rules) {
      if (rule.weight < minWeight || (isPast && !rule.log) || !isBefore(rule, best?.rule)) continue;
      best = match(rule, lines, line, text) ?? best;
    }
  }
  return best;
}

const PLACES: ReadonlyMap<ErrorRule, number> = new Map(ERROR_RULES.map((rule, at) => [rule, at]));

function isBefore(rule: ErrorRule, other: ErrorRule | undefined): boolean {
  if (other === undefined || rule.weight !== other.weight) return rule.weight > (other?.weight ?? 0);
  return (PLACES.get(rule) ?? 0) < (PLACES.get(other) ?? 0);
}

function match(rule: ErrorRule, lines: TextLines, line: number, text: string): Found | undefined {
  if (rule.head !== undefined) return rule.head.test(text) ? firstBehind(rule, lines, line) : undefined;
  const groups = rule.pattern.exec(text);
  if (groups === null || (rule.next !== undefined && !follows(rule.next, lines, line))) return undefined;
  if (rule.unless?.test(lines.at(line + 1))) return undefined;
  return { rule, groups, line, text };
}

function firstBehind(rule: ErrorRule, lines: TextLines, head: number): Found | undefined {
  for (let line = head + 1; line < Math.min(lines.count, head + 1 + HEAD_REACH); line++) {
    const text = lines.at(line);
    const groups = text === "" ? null : rule.pattern.exec(text);
    if (groups !== null) return { rule, groups, line, text };
  }
  return undefined;
}

function follows(next: RegExp, lines: TextLines, after: number): boolean {
  for (let line = after + 1; line < Math.min(lines.count, after + 1 + NEXT_REACH); line++)
    if (next.test(lines.at(line))) return true;
  return false;
}

/** By weight, then as they came; those of a rule whose last line tells, from the last. Of two rules for a line the better one. */
function inOrder(found: readonly Found[]): readonly Found[] {
  return [...found].sort(
    (a, b) => b.rule.weight - a.rule.weight || (a.rule === b.rule && a.rule.last ? b.line - a.line : a.line - b.line),
  );
}

function distinct(found: readonly Found[], limit: number): readonly Found[] {
  const lines = new Set<number>();
  const said = new Set<string>();
  const kept: Found[] = [];
  for (const each of found) {
    if (kept.length >= limit) break;
    const saying = `${each.rule.id} ${errorFingerprint(each.text)}`;
    if (lines.has(each.line) || said.has(saying)) continue;
    lines.add(each.line);
    said.add(saying);
    kept.push(each);
  }
  return kept;
}

function tell({ rule, groups, text }: Found, line: number): TellingLine {
  return {
    line,
    text,
    rule: rule.id,
    family: rule.family,
    says: say(rule, groups),
    weight: rule.weight,
    isGuess: false,
  };
}

/** The rule's words with what its groups found; what ends in nothing is left out. */
function say({ says }: ErrorRule, groups: readonly (string | undefined)[]): string {
  const said = says.replace(/\$(\d)/g, (_, number: string) => groups[Number(number)] ?? "");
  return said
    .replace(/\s+/g, " ")
    .replace(/[: ]+$/, "")
    .trim();
}

function guessed(lines: TextLines): readonly TellingLine[] {
  const last: TellingLine[] = [];
  for (let line = lines.count - 1; line >= 0 && last.length < GUESSED_LINES; line--) {
    const text = lines.at(line);
    if (!/[\p{L}\p{N}]/u.test(text)) continue;
    last.unshift({
      line: lines.numberOf(line),
      text,
      rule: undefined,
      family: undefined,
      says: text.trim(),
      weight: 0,
      isGuess: true,
    });
  }
  return last;
}
