// The report of PerformanceAnalyzer for people.
import { formatDuration, formatPosition, type Histogram } from "../../core/index.js";
import type { PerformanceReport } from "../performance-report.js";
import type { Quantiles } from "../quantile-sketch.js";
import type { ReportBlock, ReportCell, ReportFigure } from "./blocks.js";

/** Its blocks; none where there was no recording. */
export function presentPerformance(report: PerformanceReport): readonly ReportBlock[] {
  if (report.recordings === 0) return [];
  return [
    { kind: "figures", key: "time", title: "Where the time went", figures: time(report), note: timeNote(report) },
    overTime(report.output.overTime, report.recordings),
    latency(report),
    gaps(report),
    bursts(report),
  ];
}

function time({ time: times, output }: PerformanceReport): readonly ReportFigure[] {
  const share = (part: number) => (times.totalNs === 0 ? undefined : `${Math.round((part / times.totalNs) * 100)} %`);
  return [
    { key: "total", label: "recorded", unit: "ns", value: times.totalNs },
    { key: "active", label: "active", unit: "ns", value: times.activeNs, note: share(times.activeNs) },
    { key: "idle", label: "idle", unit: "ns", value: times.idleNs, note: share(times.idleNs) },
    { key: "waiting", label: "waiting for commands", unit: "ns", value: times.waitingNs, note: share(times.waitingNs) },
    {
      key: "full-screen",
      label: "full-screen programs",
      unit: "ns",
      value: times.fullScreenNs,
      note: share(times.fullScreenNs),
    },
    { key: "output", label: "output", unit: "bytes", value: output.bytes },
    { key: "rate", label: "output while active", unit: "bytesPerSecond", value: output.bytesPerActiveSecond },
    { key: "peak", label: "most in a second", unit: "bytes", value: output.perSecond?.max ?? null },
  ];
}

function timeNote({ time: { idleThresholdNs } }: PerformanceReport): string {
  return (
    `Idle: nothing happened for more than ${formatDuration(idleThresholdNs)}. Waiting is the part of it in which a command ran ` +
    "that shows no full screen."
  );
}

/** Steps that are drawn. */
const DRAWN = 60;

function overTime({ step, bytes }: Histogram, recordings: number): ReportBlock {
  const together = Math.max(1, Math.ceil(bytes.length / DRAWN));
  const values: number[] = [];
  for (let at = 0; at < bytes.length; at += together)
    values.push(bytes.slice(at, at + together).reduce((sum, count) => sum + count, 0));
  return {
    kind: "series",
    key: "output-over-time",
    title: "Output over time",
    unit: "bytes",
    labels: values.map((_, at) => formatPosition(at * together * step).replace(/\.[0-9]+$/, "")),
    values,
    note:
      `Since ${recordings === 1 ? "the recording's" : "each recording's"} beginning; ` +
      `a step is ${formatDuration(step * together)}.`,
  };
}

function latency({
  latency: { keyToEcho, enterToOutput, commandToOutput, unansweredKeys },
}: PerformanceReport): ReportBlock {
  const row = (name: string, quantiles: Quantiles | null): ReportCell[][] => {
    if (quantiles === null) return [];
    const { count, average, p50, p90, p99, max } = quantiles;
    return [[name, count, average, p50, p90, p99, max]];
  };
  return {
    kind: "table",
    key: "latency",
    title: "How long one waits",
    columns: [
      { key: "what", label: "from - to", unit: "text" },
      { key: "count", label: "times", unit: "count" },
      { key: "average", label: "average", unit: "ns" },
      { key: "p50", label: "median", unit: "ns" },
      { key: "p90", label: "90 % in", unit: "ns" },
      { key: "p99", label: "99 % in", unit: "ns" },
      { key: "max", label: "longest", unit: "ns" },
    ],
    rows: [
      ...row("key - echo", keyToEcho),
      ...row("enter - output", enterToOutput),
      ...row("command - output", commandToOutput),
    ],
    note: unansweredKeys === 0 ? undefined : `${unansweredKeys} keys were answered by nothing.`,
  };
}

function gaps({ gaps: longest }: PerformanceReport): ReportBlock {
  return {
    kind: "table",
    key: "gaps",
    title: "Longest gaps",
    columns: [
      { key: "session", label: "recording", unit: "path" },
      { key: "start", label: "at", unit: "text" },
      { key: "duration", label: "length", unit: "ns", hasBar: true },
    ],
    rows: longest.map(({ session, startNs, durationNs }) => [session, moment(startNs), durationNs]),
  };
}

function bursts({ bursts: { largest, count, leastBytes, pauseNs } }: PerformanceReport): ReportBlock {
  return {
    kind: "table",
    key: "bursts",
    title: "Largest bursts of output",
    columns: [
      { key: "session", label: "recording", unit: "path" },
      { key: "start", label: "at", unit: "text" },
      { key: "bytes", label: "bytes", unit: "bytes", hasBar: true },
      { key: "duration", label: "in", unit: "ns" },
    ],
    rows: largest.map(({ session, startNs, bytes, durationNs }) => [session, moment(startNs), bytes, durationNs]),
    note:
      count === 0
        ? undefined
        : `${count} of ${leastBytes / 1024} KiB or more without a pause over ${pauseNs / 1e6} ms.`,
  };
}

const TENTH = 100_000_000;

/** A position as `t2a play --start-at` takes it. */
function moment(time: number): string {
  return formatPosition(Math.floor(time / TENTH) * TENTH);
}
