// What InsightAnalyzer reports, as JSON has it.

/** What the commands tell of habits. Times are nanoseconds. */
export interface InsightReport {
  /** What is done most: programs with what they are told to do. */
  readonly frequentTasks: readonly Task[];
  /** Tasks that fail in at least the share `leastRate` of at least `leastCount` runs. */
  readonly failingTasks: readonly Task[];
  readonly failing: { readonly leastCount: number; readonly leastRate: number };
  /** Hours of the local clock, the most commands that succeeded first; none where too few commands say when they ran. */
  readonly productiveHours: readonly ProductiveHour[];
  readonly suggestions: readonly Suggestion[];
}

/** A program and what it is told to do: `git commit`. */
export interface Task {
  readonly task: string;
  readonly count: number;
  readonly failed: number;
  /** Share (0-1) of the failed. */
  readonly failureRate: number;
  readonly runningNs: number;
}

/** An hour of the day. */
export interface ProductiveHour {
  /** 9 is from 9:00 to 9:59. */
  readonly hour: number;
  readonly commands: number;
  readonly succeeded: number;
  /** Share (0-1) of all dated commands that succeeded. */
  readonly share: number;
}

/** What a suggestion is about. */
export type SuggestionKind =
  | "retried"
  | "not-found"
  | "elevated"
  | "failing"
  | "sequence"
  | "alias"
  | "waiting"
  | "unnoticed";

/** Something concrete that could be otherwise. Only made where `value` is at least `threshold`. */
export interface Suggestion {
  readonly kind: SuggestionKind;
  /** A sentence; what it quotes is made visible and cut. */
  readonly text: string;
  /** The figure it rests on, by name. */
  readonly figure: string;
  /** In `unit`. */
  readonly value: number;
  readonly threshold: number;
  readonly unit: "count" | "ns" | "share";
}
