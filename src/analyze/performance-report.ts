// What PerformanceAnalyzer reports: where the time of recordings went, as JSON has it.
import type { Histogram } from "../core/index.js";
import type { Quantiles } from "./quantile-sketch.js";

/** Figures of time. Times are nanoseconds, rates bytes a second. */
export interface PerformanceReport {
  readonly recordings: number;
  readonly events: number;
  readonly time: TimeFigures;
  readonly output: OutputFigures;
  readonly latency: LatencyFigures;
  /** The longest times without any event. */
  readonly gaps: readonly IdleGap[];
  readonly bursts: BurstFigures;
}

/** Active, idle and full-screen time. */
export interface TimeFigures {
  readonly totalNs: number;
  /** All that is not idle. */
  readonly activeNs: number;
  /** In gaps between events that are longer than the threshold. */
  readonly idleNs: number;
  /** Of the idle time: while a command ran that is no shell, its program not on the alternate buffer. */
  readonly waitingNs: number;
  readonly idleThresholdNs: number;
  /** While the alternate buffer was shown: editors, pagers and the like. */
  readonly fullScreenNs: number;
}

/** How much was put out, how fast. */
export interface OutputFigures {
  readonly bytes: number;
  /** Over the active time; null where there is none. */
  readonly bytesPerActiveSecond: number | null;
  /** Of the whole seconds in which anything was put out; null where nothing was. */
  readonly perSecond: Quantiles | null;
  /** Since each recording's beginning, all recordings added. */
  readonly overTime: Histogram;
}

/** How long one waited. Null where a recording has none of it. */
export interface LatencyFigures {
  /** Recordings that hold what was typed. */
  readonly recordingsWithInput: number;
  /** From a key to the first output behind it. Keys unanswered for the idle threshold are counted apart. */
  readonly keyToEcho: Quantiles | null;
  readonly unansweredKeys: number;
  /** From enter to the first output that is more than the line's end. */
  readonly enterToOutput: Quantiles | null;
  /** From a command's start to its first output. */
  readonly commandToOutput: Quantiles | null;
}

/** A long time without any event. */
export interface IdleGap {
  readonly session: string;
  /** In its session. */
  readonly startNs: number;
  readonly durationNs: number;
}

/** Much output at once. */
export interface BurstFigures {
  /** Of at least so many bytes, no pause in it longer than that. */
  readonly leastBytes: number;
  readonly pauseNs: number;
  readonly count: number;
  readonly largest: readonly Burst[];
}

/** One of them. */
export interface Burst {
  readonly session: string;
  readonly startNs: number;
  readonly durationNs: number;
  readonly bytes: number;
}
