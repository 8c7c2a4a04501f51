// The error rules by the words that are in the lines they match: most lines hold none of them.
import { ERROR_RULES, type ErrorRule } from "./error-rules.js";

/** A word, and the rules whose lines hold it. */
export type RulesOfWord = readonly [word: string, rules: readonly ErrorRule[]];

/** Finds the lines that rules may match, and the rules. */
export class ErrorRuleIndex {
  static #shared: ErrorRuleIndex | undefined;

  /** Any of the short words. */
  readonly #anyWord: RegExp;
  /** For each short word the words that hold it. */
  readonly #byShortWord = new Map<string, RulesOfWord[]>();
  readonly #places: ReadonlyMap<ErrorRule, number> = new Map(ERROR_RULES.map((rule, at) => [rule, at]));

  /** Made when it is first asked for: that takes milliseconds. */
  static get shared(): ErrorRuleIndex {
    ErrorRuleIndex.#shared ??= new ErrorRuleIndex();
    return ErrorRuleIndex.#shared;
  }

  private constructor() {
    const byWord = new Map<string, ErrorRule[]>();
    for (const rule of ERROR_RULES)
      for (const word of rule.words) byWord.set(word, [...(byWord.get(word) ?? []), rule]);
    const words = [...byWord.keys()];
    // A word that holds another one is found by that.
    const short = words.filter((word) => !words.some((other) => other !== word && word.includes(other)));
    for (const word of short) this.#byShortWord.set(word, []);
    for (const [word, rules] of byWord)
      for (const within of short) if (word.includes(within)) this.#byShortWord.get(within)?.push([word, rules]);
    this.#anyWord = new RegExp(short.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  }

  /** Where the next word of any rule is in the text; undefined: there is none. */
  nextWord(text: string, from: number): number | undefined {
    this.#anyWord.lastIndex = from;
    return this.#anyWord.exec(text)?.index;
  }

  /** The rules that may match the line, some of them twice. */
  *rulesFor(line: string): Generator<ErrorRule> {
    for (const short of this.#shortWordsIn(line))
      for (const [word, rules] of this.#byShortWord.get(short) ?? []) if (line.includes(word)) yield* rules;
  }

  /** Whether the rule goes before the other: by weight, then by place in the table. */
  isBefore(rule: ErrorRule, other: ErrorRule | undefined): boolean {
    if (other === undefined || rule.weight !== other.weight) return rule.weight > (other?.weight ?? 0);
    return (this.#places.get(rule) ?? 0) < (this.#places.get(other) ?? 0);
  }

  /** Also where they overlap. */
  #shortWordsIn(line: string): ReadonlySet<string> {
    const found = new Set<string>();
    this.#anyWord.lastIndex = 0;
    for (let hit = this.#anyWord.exec(line); hit !== null; hit = this.#anyWord.exec(line)) {
      found.add(hit[0]);
      this.#anyWord.lastIndex = hit.index + 1;
    }
    return found;
  }
}
