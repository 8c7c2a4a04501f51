// The lines of a command's output that tell why it failed, found by the table of error rules.
import { errorFingerprint } from "./error-fingerprint.js";
import { ErrorRuleIndex } from "./error-rule-index.js";
import { type ErrorFamily, type ErrorRule, STRONG_WEIGHT } from "./error-rules.js";
import { TextLines } from "./text-lines.js";

/** Lines that rules are tried on. */
const MAX_CANDIDATES = 4000;
/** Of those with a match, the best that are looked through for some that differ. */
const MAX_COMPARED = 100;
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

/** Lines with a word of some rule, in their order; of too many the first and the last. */
function candidates(lines: TextLines): readonly number[] {
  const { shared: index } = ErrorRuleIndex;
  const found: number[] = [];
  let line = 0;
  for (
    let at = index.nextWord(lines.text, 0);
    at !== undefined;
    at = index.nextWord(lines.text, lines.startOf(line + 1))
  ) {
    while (line + 1 < lines.count && lines.startOf(line + 1) <= at) line++;
    found.push(line);
    if (line + 1 >= lines.count) break;
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
  const { shared: index } = ErrorRuleIndex;
  let best: Found | undefined;
  for (const rule of index.rulesFor(text)) {
    if (rule.weight < minWeight || (isPast && !rule.log) || !index.isBefore(rule, best?.rule)) continue;
    best = match(rule, lines, line, text) ?? best;
  }
  return best;
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
  for (const each of found.slice(0, MAX_COMPARED)) {
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
