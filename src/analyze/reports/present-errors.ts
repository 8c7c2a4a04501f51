// The report of ErrorAnalyzer for people.
import { counted } from "../../core/index.js";
import type { ErrorReport, FailedCommands } from "../error-report.js";
import type { ReportBlock } from "./blocks.js";

/** Commands of a list that are shown: the latest ones. */
const SHOWN = 20;

/** Its blocks, what is wrong most often first. */
export function presentErrors(report: ErrorReport): readonly ReportBlock[] {
  return [
    figures(report),
    overTime(report),
    families(report),
    patterns(report),
    commands("failed", "Failed last", report.failed),
    recoveries(report),
    {
      ...commands("suspected", "Look like failures", report.suspected),
      note: "Nothing tells how these ended, but their output looks like an error.",
    },
    {
      ...commands("succeeded-with-errors", "Succeeded with errors", report.succeededWithErrors),
      note: "They ended with 0, and their output looks like an error.",
    },
  ];
}

function figures({ commands: counts, rate, recoveries: { count } }: ErrorReport): ReportBlock {
  return {
    kind: "figures",
    key: "counts",
    title: "How commands ended",
    figures: [
      { key: "rate", label: "failed", unit: "share", value: rate },
      { key: "failed", label: "failed commands", unit: "count", value: counts.failed },
      { key: "by-signal", label: "by a signal", unit: "count", value: counts.bySignal },
      { key: "recovered", label: "then succeeded", unit: "count", value: count },
      { key: "answered", label: "answered no", unit: "count", value: counts.answered, note: "as grep and diff do" },
      { key: "interrupted", label: "interrupted", unit: "count", value: counts.interrupted, note: "as by ctrl-C" },
      { key: "suspected", label: "look failed", unit: "count", value: counts.suspected },
      { key: "unknown", label: "not told", unit: "count", value: counts.unknown },
    ],
  };
}

function overTime({ overTime: { buckets, unit, timeZone, undated } }: ErrorReport): ReportBlock {
  const left =
    undated === 0
      ? ""
      : ` ${counted(undated, "command")} of sessions without a date ${undated === 1 ? "is" : "are"} not in it.`;
  return {
    kind: "series",
    key: "failed-over-time",
    title: "Failed over time",
    unit: "count",
    labels: buckets.map(({ start }) => start),
    values: buckets.map(({ failed }) => failed),
    note: `Each ${unit} with commands in it, local time (${timeZone}).${left}`,
  };
}

function families({ families: list }: ErrorReport): ReportBlock {
  return {
    kind: "table",
    key: "families",
    title: "Kinds of errors",
    columns: [
      { key: "family", label: "kind", unit: "text" },
      { key: "count", label: "commands", unit: "count", hasBar: true },
    ],
    rows: list.map(({ family, count }) => [family, count]),
  };
}

function patterns({ patterns: list }: ErrorReport): ReportBlock {
  return {
    kind: "table",
    key: "patterns",
    title: "Errors that are alike",
    columns: [
      { key: "example", label: "for example", unit: "text" },
      { key: "count", label: "commands", unit: "count", hasBar: true },
      { key: "programs", label: "of", unit: "text" },
      { key: "recovered", label: "then fine", unit: "count" },
      { key: "first", label: "first seen", unit: "time" },
      { key: "last", label: "last seen", unit: "time" },
    ],
    rows: list
      .slice(0, SHOWN)
      .map(({ example, count, programs, recovered, first, last }) => [
        ...[example, count, programs.join(", "), recovered, first.startedAt, last.startedAt],
      ]),
  };
}

function commands(key: string, title: string, { commands: list, omitted }: FailedCommands): ReportBlock {
  const latest = list.slice(-SHOWN).reverse();
  const older = list.length + omitted - latest.length;
  return {
    kind: "table",
    key,
    title,
    columns: [
      { key: "line", label: "line", unit: "text" },
      { key: "says", label: "what it said", unit: "text" },
      { key: "status", label: "status", unit: "text" },
      { key: "started", label: "began", unit: "time" },
    ],
    rows: latest.map(({ line, telling, signal, exitStatus, startedAt }) => [
      ...[line, telling[0]?.text.trim() ?? null, signal ?? exitStatus?.toString() ?? null, startedAt],
    ]),
    note: older > 0 ? `And ${older} earlier ones.` : undefined,
  };
}

function recoveries({ recoveries: { latest, omitted } }: ErrorReport): ReportBlock {
  const shown = latest.slice(-SHOWN).reverse();
  const older = latest.length + omitted - shown.length;
  return {
    kind: "table",
    key: "recoveries",
    title: "Failed, then succeeded",
    columns: [
      { key: "line", label: "failed", unit: "text" },
      { key: "change", label: "what changed", unit: "text" },
      { key: "attempts", label: "failures", unit: "count" },
      { key: "after", label: "after", unit: "ns" },
    ],
    rows: shown.map((recovery) => [recovery.failedLine, changeOf(recovery), recovery.attempts, recovery.afterNs]),
    note: older > 0 ? `And ${older} earlier ones.` : undefined,
  };
}

function changeOf({ change, succeededLine, between }: ErrorReport["recoveries"]["latest"][number]): string {
  if (change === "line") return succeededLine;
  return change === "between" ? `before it: ${between.join(" ⏎ ")}` : "run again, no more";
}
