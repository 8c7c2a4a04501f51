// What CommandAnalyzer reports: figures of the commands of any number of sessions, as JSON has them.
import type { Sequence } from "./command-sequences.js";
import type { DistinctCount } from "./distinct-counter.js";
import type { Quantiles } from "./quantile-sketch.js";
import type { Tally } from "./top-counter.js";

/**
 * Figures of commands. Times are nanoseconds. A command is failed where its status is not 0, ended by a signal or not. The time
 * of a command that is a shell with commands of its own is theirs: it is in no duration and no running time.
 */
export interface CommandReport {
  readonly sessions: SessionFigures;
  readonly totals: CommandTotals;
  readonly success: SuccessFigures;
  /** Null where no command has a duration. */
  readonly durations: Quantiles | null;
  readonly programs: readonly Used<"program">[];
  readonly lines: readonly Used<"line">[];
  readonly directories: readonly Used<"cwd">[];
  /** How much any count of these lists may be too low; 0 up to 20,000 different ones. */
  readonly missed: { readonly programs: number; readonly lines: number; readonly directories: number };
  readonly slowest: readonly SlowCommand[];
  readonly when: CommandTimes;
  /** Lines run one behind the other in the same shell, three times or more. */
  readonly sequences: readonly Sequence[];
  /** Lines run again right after they had failed, in the same shell. */
  readonly retried: readonly Retried[];
}

/** Sessions and how long they were. */
export interface SessionFigures {
  readonly recordings: number;
  readonly histories: number;
  /** Recordings in which no command was found. */
  readonly withoutCommands: number;
  /** Sessions that do not say when they began: left out of hours, weekdays and days. */
  readonly undated: number;
  /** Of recordings. */
  readonly totalNs: number;
  readonly averageNs: number;
  /** When the first session began and the last one did, ISO 8601; null where none says. */
  readonly first: string | null;
  readonly last: string | null;
  readonly longest: readonly LongSession[];
}

/** A long recording. */
export interface LongSession {
  readonly name: string;
  readonly startedAt: string | null;
  readonly durationNs: number;
  readonly commands: number;
  readonly failed: number;
}

/** Sums over all commands. */
export interface CommandTotals {
  readonly commands: number;
  readonly distinctLines: DistinctCount;
  readonly distinctPrograms: DistinctCount;
  readonly distinctDirectories: DistinctCount;
  /** Commands whose line is not known. */
  readonly withoutLine: number;
  /** Proven to be the shell's own by the recorder. */
  readonly trusted: number;
  /** Found without marks of a shell. */
  readonly inferred: number;
  /** All their durations. */
  readonly runningNs: number;
  readonly outputBytes: number;
}

/** How commands ended. */
export interface SuccessFigures {
  readonly succeeded: number;
  readonly failed: number;
  /** Of the failed: by a signal. */
  readonly bySignal: number;
  /** Their end was not told. */
  readonly unknown: number;
  /** Share (0-1) of succeeded in succeeded and failed; null where there are none. */
  readonly rate: number | null;
}

/** How often something was used, and how that went. `ended` of them have a duration, `runningNs` in all. */
export type Used<Key extends string> = { readonly [K in Key]: string } & Tally;

/** A command that took long. */
export interface SlowCommand {
  readonly line: string | null;
  readonly cwd: string | null;
  readonly durationNs: number;
  readonly exitStatus: number | null;
  readonly signal: string | null;
  readonly session: string;
  /** In its session. */
  readonly startNs: number;
  readonly startedAt: string | null;
}

/** Commands by the local clock, of sessions that say when they began. */
export interface CommandTimes {
  readonly timeZone: string;
  /** Commands in sessions that do not say. */
  readonly undated: number;
  /** 24 numbers, from midnight on. */
  readonly byHour: readonly number[];
  /** 7 numbers, from Monday on. */
  readonly byWeekday: readonly number[];
  /** 7 times 24 numbers. */
  readonly byWeekdayAndHour: readonly (readonly number[])[];
  /** Days with commands, the last 1,000. */
  readonly byDay: readonly DayFigures[];
}

/** One day. */
export interface DayFigures {
  /** `2026-03-01`. */
  readonly day: string;
  readonly commands: number;
  readonly failed: number;
  readonly runningNs: number;
}

/** A line that was typed again. */
export interface Retried {
  readonly line: string;
  /** How often it was run right after it had failed. */
  readonly count: number;
  /** How often that failed again. */
  readonly failedAgain: number;
}
