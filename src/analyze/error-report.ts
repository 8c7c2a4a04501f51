// What ErrorAnalyzer reports: failed commands and what they have in common, as JSON has them.
import type { ErrorFamily } from "./error-rules.js";
import type { TellingLine } from "./telling-lines.js";

/**
 * Errors of any number of sessions. Times are nanoseconds or ISO 8601. All texts come from recordings: none may be shown raw. A
 * command is failed where its status is not 0, but for answers and interruptions; shells with commands of their own are not judged.
 */
export interface ErrorReport {
  readonly commands: OutcomeCounts;
  /** Failed among those that succeeded, failed or answered; null where there are none. */
  readonly rate: number | null;
  /** The latest 500, in the order in which they ended. */
  readonly failed: FailedCommands;
  /** Nothing tells how they ended, but their output looks like an error: the latest 100. */
  readonly suspected: FailedCommands;
  /** Status 0, and yet their output says that something went wrong: the latest 100. */
  readonly succeededWithErrors: FailedCommands;
  /** What kinds of errors failed commands had, the most frequent first: each command counts once, by its most telling line. */
  readonly families: readonly { readonly family: ErrorFamily | "unknown"; readonly count: number }[];
  /** Errors that are alike, those of most commands first: 100 at most. */
  readonly patterns: readonly ErrorPattern[];
  /** Commands whose pattern is not among them. */
  readonly inOtherPatterns: number;
  readonly overTime: ErrorsOverTime;
  readonly recoveries: Recoveries;
}

/** How many commands ended how. */
export interface OutcomeCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Of the failed: by a signal. */
  readonly bySignal: number;
  /** Their status is an answer: grep found nothing, diff found a difference. */
  readonly answered: number;
  /** By the user: ctrl-C, ctrl-\, ctrl-Z. */
  readonly interrupted: number;
  /** Nothing tells. */
  readonly unknown: number;
  /** Of the unknown: with output that looks like an error. */
  readonly suspected: number;
  /** Of the succeeded: with output that looks like an error. */
  readonly succeededWithErrors: number;
  /** Shells with commands of their own: in none of the counts above but `total`. */
  readonly shells: number;
}

/** Some commands, and how many more there were. */
export interface FailedCommands {
  readonly commands: readonly FailedCommand[];
  readonly omitted: number;
}

/** A command that failed, or looks like it. */
export interface FailedCommand {
  readonly line: string | null;
  readonly cwd: string | null;
  readonly exitStatus: number | null;
  readonly signal: string | null;
  readonly durationNs: number | null;
  readonly source: "marks" | "inferred" | "history";
  /** The session's name. */
  readonly session: string;
  /** Since the session's beginning. */
  readonly startNs: number;
  readonly startedAt: string | null;
  /** Five at most, the most telling first; guesses where no rule knew any. Their numbers are of lines of its output. */
  readonly telling: readonly TellingLine[];
  /** Its output was longer than what was looked at. */
  readonly isCut: boolean;
}

/** When and where something was seen. */
export interface Seen {
  readonly session: string;
  readonly startNs: number;
  readonly startedAt: string | null;
}

/** Errors that are alike but for names, numbers and moments. */
export interface ErrorPattern {
  /** Null: no rule knew a line. */
  readonly rule: string | null;
  readonly family: ErrorFamily | null;
  /** The line without what differs; of a command that said nothing, its program and status. */
  readonly pattern: string;
  /** One of them, in words. */
  readonly example: string;
  /** Commands: failed, suspected, succeeded. */
  readonly count: number;
  readonly failed: number;
  /** The programs that said it: 5 at most, in the order in which they were first seen. */
  readonly programs: readonly string[];
  /** Failed commands with it that succeeded soon after: see {@link Recoveries}. */
  readonly recovered: number;
  readonly first: Seen;
  readonly last: Seen;
}

/** The error rate in time, by the local clock. */
export interface ErrorsOverTime {
  readonly timeZone: string;
  /** Days up to 62 of them, weeks (from Monday) up to 400 days, else months. */
  readonly unit: "day" | "week" | "month";
  /** Those with commands, in order; `start`: their first day, `2026-03-01`. */
  readonly buckets: readonly {
    readonly start: string;
    readonly commands: number;
    readonly failed: number;
    readonly rate: number;
  }[];
  /** Commands of sessions that do not say when they were. */
  readonly undated: number;
}

/** Commands that failed and then succeeded: the same program with a like line, among the next ten of the same shell. */
export interface Recoveries {
  readonly count: number;
  /** The latest 100. */
  readonly latest: readonly Recovery[];
  readonly omitted: number;
}

/** A command that failed, and what made it succeed. */
export interface Recovery {
  readonly failedLine: string;
  readonly succeededLine: string;
  readonly exitStatus: number | null;
  /** Of its most telling line. */
  readonly rule: string | null;
  readonly says: string | null;
  /** How often it failed until then. */
  readonly attempts: number;
  /** `line`: it was written otherwise; `between`: other commands were run; `nothing`: it was run again, no more. */
  readonly change: "line" | "between" | "nothing";
  /** Words of the line that went and that came. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** What was run in between, in order. */
  readonly between: readonly string[];
  /** From the end of the failed one to the beginning of the one that succeeded. */
  readonly afterNs: number;
  readonly session: string;
  readonly startNs: number;
  readonly startedAt: string | null;
}
