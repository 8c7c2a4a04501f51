// The report of CommandAnalyzer for people.
import { counted } from "../../core/index.js";
import type { CommandReport, Used } from "../command-report.js";
import type { ReportBlock, ReportColumn, ReportFigure } from "./blocks.js";

/** Its blocks, the most asked for first. */
export function presentCommands(report: CommandReport): readonly ReportBlock[] {
  return [
    { kind: "figures", key: "totals", title: "In all", figures: totals(report) },
    ...times(report),
    used("programs", "Most used programs", "program", report.programs, "program", report.missed.programs),
    used("lines", "Most used lines", "line", report.lines, "line", report.missed.lines),
    used("directories", "Most used folders", "cwd", report.directories, "folder", report.missed.directories),
    slowest(report),
    sequences(report),
    retried(report),
    longest(report),
  ];
}

function totals({ sessions, totals: sums, success, durations }: CommandReport): readonly ReportFigure[] {
  const exact = (isExact: boolean) => (isExact ? undefined : "estimated");
  return [
    { key: "commands", label: "commands", unit: "count", value: sums.commands },
    { key: "success", label: "succeeded", unit: "share", value: success.rate, note: endings(success) },
    { key: "running", label: "running time", unit: "ns", value: sums.runningNs },
    { key: "average", label: "average", unit: "ns", value: durations?.average ?? null },
    { key: "p50", label: "median", unit: "ns", value: durations?.p50 ?? null },
    { key: "p95", label: "95 % within", unit: "ns", value: durations?.p95 ?? null },
    {
      ...{ key: "distinct-lines", label: "different lines", unit: "count", value: sums.distinctLines.count },
      note: exact(sums.distinctLines.isExact),
    },
    {
      ...{ key: "distinct-programs", label: "different programs", unit: "count", value: sums.distinctPrograms.count },
      note: exact(sums.distinctPrograms.isExact),
    },
    {
      ...{ key: "distinct-folders", label: "different folders", unit: "count", value: sums.distinctDirectories.count },
      note: exact(sums.distinctDirectories.isExact),
    },
    { key: "output", label: "output", unit: "bytes", value: sums.outputBytes },
    {
      ...{ key: "sessions", label: "sessions", unit: "count", value: sessions.recordings + sessions.histories },
      note: sessionsNote(sessions),
    },
    { key: "session-average", label: "average session", unit: "ns", value: sessions.averageNs },
  ];
}

function endings({ failed, bySignal, unknown }: CommandReport["success"]): string {
  const parts = [`${failed} failed`];
  if (bySignal > 0) parts.push(`${bySignal} by signal`);
  if (unknown > 0) parts.push(`${unknown} unknown`);
  return parts.join(", ");
}

function sessionsNote({ withoutCommands, undated, histories }: CommandReport["sessions"]): string | undefined {
  const parts: string[] = [];
  if (histories > 0) parts.push(`${histories} of histories`);
  if (withoutCommands > 0) parts.push(`${withoutCommands} without commands`);
  if (undated > 0) parts.push(`${undated} without a date`);
  return parts.length === 0 ? undefined : parts.join(", ");
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour));
/** Days, weeks or months that are drawn. */
const MAX_STEPS = 92;
const DAY_MS = 86_400_000;
const MONTH_DAYS = 30;

function times({ when }: CommandReport): readonly ReportBlock[] {
  const note = [
    `Local time (${when.timeZone}).`,
    ...(when.undated > 0
      ? [
          `${counted(when.undated, "command")} of sessions without a date ${when.undated === 1 ? "is" : "are"} not in it.`,
        ]
      : []),
  ].join(" ");
  return [
    calendar(when.byDay),
    { kind: "series", key: "by-hour", title: "By hour", unit: "count", labels: HOURS, values: when.byHour },
    { kind: "series", key: "by-weekday", title: "By weekday", unit: "count", labels: WEEKDAYS, values: when.byWeekday },
    {
      kind: "grid",
      key: "week",
      title: "The week",
      unit: "count",
      rows: WEEKDAYS,
      columns: HOURS,
      values: when.byWeekdayAndHour,
      note,
    },
  ];
}

/** Steps of days, weeks (from Monday) or months, as many as can be drawn, those without commands between them. */
function calendar(days: CommandReport["when"]["byDay"]): ReportBlock {
  const first = Date.parse(days[0]?.day ?? "");
  const last = Date.parse(days.at(-1)?.day ?? "");
  const span = (last - first) / DAY_MS;
  const unit = span < MAX_STEPS ? "day" : span < MAX_STEPS * 7 ? "week" : "month";
  const counts = new Map<string, number>();
  for (const { day, commands } of days) {
    const step = stepOf(day, unit);
    counts.set(step, (counts.get(step) ?? 0) + commands);
  }
  // What lies years apart is listed without what is between.
  const isLong = !(span < MAX_STEPS * MONTH_DAYS);
  const all = isLong ? [...counts.keys()] : daysBetween(first, last).map((day) => stepOf(day, unit));
  const labels = [...new Set(all)];
  const values = labels.map((step) => counts.get(step) ?? 0);
  return { kind: "series", key: `by-${unit}`, title: `By ${unit}`, unit: "count", labels, values };
}

function daysBetween(first: number, last: number): readonly string[] {
  const days: string[] = [];
  for (let at = first; at <= last; at += DAY_MS) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

function stepOf(day: string, unit: "day" | "week" | "month"): string {
  if (unit === "day") return day;
  if (unit === "month") return day.slice(0, 7);
  const date = new Date(day);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

const TALLY: readonly ReportColumn[] = [
  { key: "count", label: "times", unit: "count", hasBar: true },
  { key: "failed", label: "failed", unit: "count" },
  { key: "average", label: "average", unit: "ns" },
  { key: "running", label: "in all", unit: "ns" },
];

function used<Key extends string>(
  key: string,
  title: string,
  name: Key,
  entries: readonly Used<Key>[],
  label: string,
  missed: number,
): ReportBlock {
  return {
    kind: "table",
    key,
    title,
    columns: [{ key: name, label, unit: name === "cwd" ? "path" : "text" }, ...TALLY],
    rows: entries.map((entry) => [
      entry[name],
      ...[entry.count, entry.failed, entry.ended === 0 ? null : entry.runningNs / entry.ended, entry.runningNs],
    ]),
    note: missed === 0 ? undefined : `Counted in bounded memory: each may be ${missed} higher.`,
  };
}

function slowest({ slowest: commands }: CommandReport): ReportBlock {
  return {
    kind: "table",
    key: "slowest",
    title: "Slowest commands",
    columns: [
      { key: "line", label: "line", unit: "text" },
      { key: "duration", label: "took", unit: "ns", hasBar: true },
      { key: "status", label: "status", unit: "text" },
      { key: "started", label: "began", unit: "time" },
    ],
    rows: commands.map(({ line, durationNs, signal, exitStatus, startedAt }) => [
      ...[line, durationNs, signal ?? exitStatus?.toString() ?? null, startedAt],
    ]),
  };
}

function sequences({ sequences: found }: CommandReport): ReportBlock {
  return {
    kind: "table",
    key: "sequences",
    title: "Lines that follow each other",
    columns: [
      { key: "lines", label: "lines", unit: "text" },
      { key: "count", label: "times", unit: "count", hasBar: true },
    ],
    rows: found.map(({ lines, count }) => [lines.join(" → "), count]),
  };
}

function retried({ retried: lines }: CommandReport): ReportBlock {
  return {
    kind: "table",
    key: "retried",
    title: "Run again right after failing",
    columns: [
      { key: "line", label: "line", unit: "text" },
      { key: "count", label: "times", unit: "count", hasBar: true },
      { key: "failed-again", label: "failed again", unit: "count" },
    ],
    rows: lines.map(({ line, count, failedAgain }) => [line, count, failedAgain]),
  };
}

function longest({ sessions }: CommandReport): ReportBlock {
  return {
    kind: "table",
    key: "sessions",
    title: "Longest recordings",
    columns: [
      { key: "session", label: "recording", unit: "path" },
      { key: "duration", label: "length", unit: "ns", hasBar: true },
      { key: "commands", label: "commands", unit: "count" },
      { key: "failed", label: "failed", unit: "count" },
      { key: "started", label: "began", unit: "time" },
    ],
    rows: sessions.longest.map(({ name, durationNs, commands, failed, startedAt }) => [
      ...[name, durationNs, commands, failed, startedAt],
    ]),
  };
}
