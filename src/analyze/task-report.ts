// What TaskAnalyzer reports: pieces of work that were recorded one by one (t2a run), as JSON has it.
import type { Quantiles } from "./quantile-sketch.js";

/** How tasks went. Times are nanoseconds. Texts come from outside: show none of them raw. */
export interface TaskReport {
  readonly counts: {
    readonly total: number;
    readonly completed: number;
    readonly failed: number;
    /** Their recording has no end of them: it goes on, or was cut short. */
    readonly unfinished: number;
  };
  /** Of those that are over; null where none is. */
  readonly durations: Quantiles | null;
  readonly totalNs: number;
  /** By what they are called, most runs first; those without a name by their command. */
  readonly tasks: readonly TaskFigures[];
  /** Runs of tasks that are in none of these. */
  readonly others: number;
  /** The last runs, in the order of their beginnings, and how many came before. */
  readonly runs: readonly TaskRun[];
  readonly omitted: number;
}

/** All runs of one task. */
export interface TaskFigures {
  readonly task: string;
  /** As it was run last. */
  readonly command: string;
  readonly runs: number;
  readonly failed: number;
  readonly unfinished: number;
  /** Over those that ended. */
  readonly totalNs: number;
  readonly longestNs: number;
  readonly last: TaskRun["status"];
  /** Of the last run, ISO 8601; null: not known. */
  readonly lastStartedAt: string | null;
}

/** One run of a task. */
export interface TaskRun {
  readonly session: string;
  /** What whoever ran it called it; null where it has no name. */
  readonly task: string | null;
  readonly command: string;
  readonly status: "completed" | "failed" | "unfinished";
  /** Null where it has not ended. */
  readonly exitStatus: number | null;
  readonly signal: string | null;
  readonly durationNs: number | null;
  /** In words; null where it succeeded, or has not ended. */
  readonly error: string | null;
  /** In its session. */
  readonly startNs: number;
  /** ISO 8601; null: not known. */
  readonly startedAt: string | null;
}
