// What could be otherwise: each kind of suggestion with its figure and the threshold below which nothing is said.
import { formatDuration } from "../core/index.js";
import { visibleText } from "../terminal/index.js";
import type { Sequence } from "./command-sequences.js";
import type { Suggestion } from "./insight-report.js";
import type { Tally } from "./top-counter.js";

const NANOS = 1e9;

/** Below these nothing is suggested. Times are nanoseconds. */
export const THRESHOLDS = {
  /** The same line, run right after it had failed. */
  retried: 5,
  /** A program that was not found. */
  notFound: 3,
  /** A line that failed and was run again at once with sudo before it. */
  elevated: 3,
  /** Share of runs of a task that failed, of this many runs at least. */
  failing: 0.5,
  failingRuns: 10,
  /** Lines in the same order. */
  sequence: 10,
  /** Keys that an alias of three letters would have saved. */
  aliasKeys: 500,
  /** A line is worth an alias from this length on. */
  aliasUnits: 8,
  /** Waiting for one line, in this many runs at least, of this length on average. */
  waiting: 600 * NANOS,
  waitingRuns: 3,
  waitingAverage: 10 * NANOS,
  /** The time between the end of a command of this length and what was typed next, where that took more than a minute. */
  unnoticed: 900 * NANOS,
  unnoticedCommand: 60 * NANOS,
  unnoticedPause: 60 * NANOS,
  /** A pause longer than this is no oversight but a break. */
  break: 3600 * NANOS,
} as const;

/** Suggestions of one kind at most. */
const MOST_OF_A_KIND = 3;
const ALIAS_UNITS = 3;
const MAX_QUOTED = 100;

/** What is suggested from. */
export interface Habits {
  readonly lines: readonly (Tally & { readonly key: string })[];
  readonly retried: readonly (Tally & { readonly key: string })[];
  readonly notFound: readonly (Tally & { readonly key: string })[];
  readonly elevated: readonly (Tally & { readonly key: string })[];
  readonly tasks: readonly (Tally & { readonly key: string })[];
  readonly sequences: readonly Sequence[];
  readonly unnoticed: { readonly count: number; readonly totalNs: number };
}

type Kind = (habits: Habits) => readonly Suggestion[];

/** Everything that can be suggested. Adding a kind is a function, its threshold and a line here. */
const KINDS: readonly Kind[] = [retried, notFound, elevated, failing, waiting, unnoticed, sequences, aliases];

/** The suggestions that these habits give, the greatest first within each kind. */
export function suggestionsFor(habits: Habits): readonly Suggestion[] {
  return KINDS.flatMap((kind) =>
    kind(habits)
      .filter(({ value, threshold }) => value >= threshold)
      .sort((a, b) => b.value - a.value)
      .slice(0, MOST_OF_A_KIND),
  );
}

function quoted(text: string): string {
  return `\`${visibleText(text, { maxLength: MAX_QUOTED })}\``;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count.toLocaleString("en-US")} times`;
}

function retried(habits: Habits): readonly Suggestion[] {
  return habits.retried.map(({ key, count, failed }) => ({
    kind: "retried",
    text:
      `${quoted(key)} was run again right after failing ${times(count)}, with nothing else between; ` +
      (failed === count
        ? "it never helped."
        : failed === 0
          ? "it always helped: it could retry by itself."
          : `it failed again ${times(failed)}.`),
    figure: "runs right after a failure",
    value: count,
    threshold: THRESHOLDS.retried,
    unit: "count",
  }));
}

function notFound(habits: Habits): readonly Suggestion[] {
  return habits.notFound.map(({ key, count }) => ({
    kind: "not-found",
    text: `${quoted(key)} was not found ${times(count)}: an alias under this name, or installing it, ends that.`,
    figure: "runs that ended with 127",
    value: count,
    threshold: THRESHOLDS.notFound,
    unit: "count",
  }));
}

function elevated(habits: Habits): readonly Suggestion[] {
  return habits.elevated.map(({ key, count }) => ({
    kind: "elevated",
    text: `${quoted(key)} failed and was run again at once as another user ${times(count)}.`,
    figure: "runs with sudo or doas right after a failure without",
    value: count,
    threshold: THRESHOLDS.elevated,
    unit: "count",
  }));
}

function failing(habits: Habits): readonly Suggestion[] {
  const missing = new Set(habits.notFound.map(({ key }) => key));
  const isNotFound = (task: string) => missing.has(task.split(" ")[0] ?? "");
  return habits.tasks
    .filter(({ key, count }) => count >= THRESHOLDS.failingRuns && !isNotFound(key))
    .map(({ key, count, failed }) => ({
      kind: "failing",
      text: `${quoted(key)} failed in ${failed} of ${count} runs (${Math.round((failed / count) * 100)} %).`,
      figure: "share of runs that failed",
      value: failed / count,
      threshold: THRESHOLDS.failing,
      unit: "share",
    }));
}

function waiting(habits: Habits): readonly Suggestion[] {
  return habits.lines
    .filter(({ ended, runningNs }) => ended >= THRESHOLDS.waitingRuns && runningNs / ended >= THRESHOLDS.waitingAverage)
    .map(({ key, ended, runningNs }) => ({
      kind: "waiting",
      text: `${quoted(key)} took ${formatDuration(runningNs)} in ${ended} runs, ${formatDuration(runningNs / ended)} each.`,
      figure: "time in this line",
      value: runningNs,
      threshold: THRESHOLDS.waiting,
      unit: "ns",
    }));
}

function unnoticed({ unnoticed: { count, totalNs } }: Habits): readonly Suggestion[] {
  return [
    {
      kind: "unnoticed",
      text:
        `${count === 1 ? "Once" : times(count)} a command of a minute or more was over for more than a minute before anything else was run: ` +
        `${formatDuration(totalNs)} in all. A bell at its end (\`; printf '\\a'\`) tells.`,
      figure: "time between the end of a long command and the next one",
      value: totalNs,
      threshold: THRESHOLDS.unnoticed,
      unit: "ns",
    },
  ];
}

function sequences(habits: Habits): readonly Suggestion[] {
  // A line that comes back is looked at or tried again: not one thing to do.
  const tasks = habits.sequences.filter(({ lines }) => new Set(lines).size === lines.length);
  return tasks.map(({ lines, count }) => ({
    kind: "sequence",
    text: `${lines.map(quoted).join(", then ")} were run in this order ${times(count)}: one function would do.`,
    figure: "runs in this order",
    value: count,
    threshold: THRESHOLDS.sequence,
    unit: "count",
  }));
}

function aliases(habits: Habits): readonly Suggestion[] {
  return habits.lines
    .filter(({ key }) => key.length >= THRESHOLDS.aliasUnits && !key.includes("\n"))
    .map(({ key, count }) => ({
      kind: "alias",
      text: `${quoted(key)} was run ${times(count)}: an alias of ${ALIAS_UNITS} letters would be ${key.length - ALIAS_UNITS} shorter each time.`,
      figure: "keys an alias would have saved",
      value: count * (key.length - ALIAS_UNITS),
      threshold: THRESHOLDS.aliasKeys,
      unit: "count",
    }));
}
