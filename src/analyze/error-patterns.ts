// Errors that are alike, counted.
import { errorFingerprint } from "./error-fingerprint.js";
import type { ErrorPattern, FailedCommand, Seen } from "./error-report.js";
import { lastCommand } from "./last-command.js";
import { programOf } from "./program-of.js";

/** Patterns that are kept: those that came first. */
const MAX_PATTERNS = 5000;
const MAX_PROGRAMS = 5;
/** Units of a program's name and of an example. */
const MAX_NAME_UNITS = 60;
const MAX_EXAMPLE_UNITS = 300;

type OpenPattern = { -readonly [Key in keyof ErrorPattern]: ErrorPattern[Key] };

/** What an {@link ErrorPatterns} knows, as data. */
export interface PatternsPart {
  readonly patterns: readonly ErrorPattern[];
  readonly others: number;
}

/** Counts errors by their pattern. Bounded: beyond 5,000 patterns new ones are counted together. */
export class ErrorPatterns {
  readonly #patterns = new Map<string, OpenPattern>();
  #others = 0;

  /** A command with an error. Gives the pattern's key, for {@link recovered}. */
  take(command: FailedCommand, hasFailed: boolean): string {
    const seen = seenIn(command);
    const pattern = {
      ...patternOf(command),
      count: 1,
      failed: hasFailed ? 1 : 0,
      recovered: 0,
      first: seen,
      last: seen,
    };
    this.#take(pattern);
    return keyOf(pattern);
  }

  /** A command of that pattern succeeded later. */
  recovered(key: string): void {
    const pattern = this.#patterns.get(key);
    if (pattern !== undefined) pattern.recovered++;
  }

  part(): PatternsPart {
    return { patterns: [...this.#patterns.values()], others: this.#others };
  }

  add({ patterns, others }: PatternsPart): void {
    for (const pattern of patterns) this.#take(pattern);
    this.#others += others;
  }

  /** Those of most commands, and how many commands have another. */
  top(most: number): { readonly patterns: readonly ErrorPattern[]; readonly others: number } {
    const sorted = [...this.#patterns.values()].sort((a, b) => b.count - a.count);
    const rest = sorted.slice(most).reduce((sum, { count }) => sum + count, 0);
    return { patterns: sorted.slice(0, most), others: this.#others + rest };
  }

  #take(pattern: ErrorPattern): void {
    const known = this.#patterns.get(keyOf(pattern));
    if (known !== undefined) addTo(known, pattern);
    else if (this.#patterns.size < MAX_PATTERNS) this.#patterns.set(keyOf(pattern), { ...pattern });
    else this.#others += pattern.count;
  }
}

function keyOf({ rule, pattern }: Pick<ErrorPattern, "rule" | "pattern">): string {
  return `${rule ?? ""} ${pattern}`;
}

function addTo(known: OpenPattern, more: ErrorPattern): void {
  known.count += more.count;
  known.failed += more.failed;
  known.recovered += more.recovered;
  known.programs = [...new Set([...known.programs, ...more.programs])].slice(0, MAX_PROGRAMS);
  if (isEarlier(more.first, known.first)) known.first = more.first;
  if (!isEarlier(more.last, known.last)) known.last = more.last;
}

/** By the clock; where it is not known, what was told of first is. */
function isEarlier(later: Seen, known: Seen): boolean {
  if (later.startedAt === null || known.startedAt === null) return false;
  return Date.parse(later.startedAt) < Date.parse(known.startedAt);
}

function seenIn({ session, startNs, startedAt }: FailedCommand): Seen {
  return { session, startNs, startedAt };
}

function patternOf(command: FailedCommand): Pick<ErrorPattern, "rule" | "family" | "pattern" | "example" | "programs"> {
  const [best] = command.telling;
  // Of several commands in a line the last one gave the status.
  const program = programOf(lastCommand(command.line ?? "")).program?.slice(0, MAX_NAME_UNITS);
  const programs = program === undefined ? [] : [program];
  if (best === undefined) {
    const end = command.signal ?? `status ${command.exitStatus ?? "unknown"}`;
    const silent = `${program ?? "a command"} ended with ${end} and said nothing`;
    return { rule: null, family: null, pattern: silent, example: silent, programs };
  }
  const { rule, family, text, says } = best;
  const example = says.slice(0, MAX_EXAMPLE_UNITS);
  return { rule: rule ?? null, family: family ?? null, pattern: errorFingerprint(text), example, programs };
}
