// Commands that failed and then succeeded: what was changed, or run, between.
import type { Command } from "./command.js";
import { programOf } from "./program-of.js";

/** Commands behind a failed one among which the one that succeeds is looked for. */
const RECOVERY_REACH = 10;
/** Words of a line that are compared. */
const MAX_WORDS = 100;
/** Of those the ones that are compared letter by letter. */
const MAX_OPERANDS = 10;
/** Of the words of both lines, the share that must be common. */
const LEAST_LIKENESS = 0.5;
/** Letters that a mistyped program may differ in. */
const MAX_TYPOS = 2;
const NOT_FOUND = 127;

/** A command that failed, and the one that did not. */
export interface FoundRecovery<Told> {
  readonly failed: Command & { readonly line: string };
  readonly succeeded: Command & { readonly line: string };
  /** What was said when the first of them failed. */
  readonly told: Told;
  readonly attempts: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly between: readonly string[];
}

interface Pending<Told> {
  readonly command: Command & { readonly line: string };
  readonly told: Told;
  attempts: number;
  /** Lines run since, the latest tries of the same line left out. */
  readonly between: string[];
  age: number;
}

/** Told of the commands of one session in the order in which they ended. */
export class RecoveryFinder<Told> {
  /** By depth of the shell: those that failed of late, the latest last. */
  readonly #pending: Pending<Told>[][] = [];

  /** The command failed. */
  failed(command: Command, told: Told): void {
    const { line, depth } = command;
    const pending = this.#at(depth);
    if (line === undefined) {
      this.#pass(pending, undefined);
      return;
    }
    const known = pending.find((each) => sameLine(each.command.line, line));
    this.#pass(pending, line, known);
    if (known === undefined) {
      pending.push({ command: { ...command, line }, told, attempts: 1, between: [], age: 0 });
      return;
    }
    known.attempts++;
    known.age = 0;
  }

  /** The command succeeded: what it mends, if anything. */
  succeeded(command: Command): FoundRecovery<Told> | undefined {
    const { line, depth } = command;
    const pending = this.#at(depth);
    if (line === undefined) {
      this.#pass(pending, undefined);
      return undefined;
    }
    const mended = pending.findLast((each) => isLike(each.command, line));
    if (mended !== undefined) pending.splice(pending.indexOf(mended), 1);
    this.#pass(pending, line);
    if (mended === undefined) return undefined;
    const { command: failed, told, attempts, between } = mended;
    return { failed, succeeded: { ...command, line }, told, attempts, between, ...wordsChanged(failed.line, line) };
  }

  /** It ended otherwise. */
  other(command: Command): void {
    this.#pass(this.#at(command.depth), command.line);
  }

  /** The shell's list; those of shells within it are over. */
  #at(depth: number): Pending<Told>[] {
    while (this.#pending.length <= depth) this.#pending.push([]);
    this.#pending.length = depth + 1;
    return this.#pending[depth] ?? [];
  }

  #pass(pending: Pending<Told>[], line: string | undefined, same?: Pending<Told>): void {
    for (const each of pending) {
      each.age++;
      if (each !== same && line !== undefined && each.between.length < RECOVERY_REACH) each.between.push(line);
    }
    const kept = pending.filter(({ age }) => age < RECOVERY_REACH);
    pending.splice(0, pending.length, ...kept);
  }
}

function sameLine(a: string, b: string): boolean {
  return a.trim() === b.trim();
}

function isLike(failed: Command & { readonly line: string }, line: string): boolean {
  if (sameLine(failed.line, line)) return true;
  const [before, after] = [wordsOf(failed.line), wordsOf(line)];
  const [a, b] = [programOf(failed.line), programOf(line)];
  if (a.program === undefined || b.program === undefined) return false;
  if (a.program !== b.program) {
    const isTypo = failed.exitStatus === NOT_FOUND && isMistyped(a.program, b.program);
    return isTypo && likeness(before.slice(1), after.slice(1)) >= LEAST_LIKENESS;
  }
  // `git commit` mends no `git push`, but a mistyped task is mended by one that is nearly the same.
  if (a.task !== b.task && !isMistyped(a.task ?? "", b.task ?? "")) return false;
  return likeness(before, after) >= LEAST_LIKENESS && shareOperand(before.slice(1), after.slice(1));
}

/** `python3 -m one` is no other try at `python3 -m two`: of the words that are no options one is in both, or nearly. */
function shareOperand(a: readonly string[], b: readonly string[]): boolean {
  const [before, after] = [a, b].map((words) => words.filter((word) => !word.startsWith("-")).slice(0, MAX_OPERANDS));
  if (before === undefined || after === undefined || before.length === 0 || after.length === 0) return true;
  return before.some((word) => after.some((other) => word === other || isMistyped(word, other)));
}

/** Words in common, twice, by the words of both; 1 where there are none. */
function likeness(a: readonly string[], b: readonly string[]): number {
  if (a.length + b.length === 0) return 1;
  return (2 * common(a, b).length) / (a.length + b.length);
}

/** Words of both, each as often as in the one that has it less often. */
function common(a: readonly string[], b: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const word of b) left.set(word, (left.get(word) ?? 0) + 1);
  return a.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count > 0;
  });
}

function without(words: readonly string[], taken: readonly string[]): readonly string[] {
  const rest = [...words];
  for (const word of taken) rest.splice(rest.indexOf(word), 1);
  return rest;
}

function wordsChanged(before: string, after: string): Pick<FoundRecovery<unknown>, "removed" | "added"> {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  const both = common(a, b);
  return { removed: without(a, both), added: without(b, both) };
}

function wordsOf(line: string): readonly string[] {
  return line
    .trim()
    .split(/\s+/, MAX_WORDS)
    .filter((word) => word !== "");
}

/** A few letters differ, of words that are longer than that. */
function isMistyped(a: string, b: string): boolean {
  if (Math.max(a.length, b.length) > 40 || Math.min(a.length, b.length) < 2) return false;
  return edits(a, b) <= Math.min(MAX_TYPOS, Math.floor(Math.max(a.length, b.length) / 2));
}

/** Letters put in, left out, replaced, or swapped with the next one. */
function edits(a: string, b: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1);
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
