// The report of InsightAnalyzer for people.
import type { InsightReport, Task } from "../insight-report.js";
import type { ReportBlock, ReportColumn } from "./blocks.js";

const TASK_COLUMNS: readonly ReportColumn[] = [
  { key: "task", label: "task", unit: "text" },
  { key: "count", label: "times", unit: "count", hasBar: true },
  { key: "failed", label: "failed", unit: "count" },
  { key: "failure-rate", label: "share", unit: "share" },
  { key: "running", label: "in all", unit: "ns" },
];

/** Its blocks, suggestions first. */
export function presentInsight(report: InsightReport): readonly ReportBlock[] {
  const { leastCount, leastRate } = report.failing;
  return [
    {
      kind: "sentences",
      key: "suggestions",
      title: "Suggestions",
      sentences: report.suggestions.map(({ kind, text, figure, value, threshold, unit }) => ({
        text,
        figures: [
          { key: "kind", label: "about", unit: "text", value: kind },
          { key: "value", label: figure, unit, value },
          { key: "threshold", label: "said from", unit, value: threshold },
        ],
      })),
    },
    tasks("frequent-tasks", "Frequent tasks", report.frequentTasks),
    {
      ...tasks("failing-tasks", "Tasks that often fail", report.failingTasks),
      note: `At least ${Math.round(leastRate * 100)} % of ${leastCount} runs or more.`,
    },
    {
      kind: "table",
      key: "productive-hours",
      title: "Productive hours",
      columns: [
        { key: "hour", label: "hour", unit: "text" },
        { key: "succeeded", label: "succeeded", unit: "count", hasBar: true },
        { key: "commands", label: "commands", unit: "count" },
        { key: "share", label: "share", unit: "share" },
      ],
      rows: report.productiveHours.map(({ hour, succeeded, commands, share }) => [
        ...[`${hour}:00-${hour}:59`, succeeded, commands, share],
      ]),
    },
  ];
}

function tasks(key: string, title: string, list: readonly Task[]): ReportBlock {
  return {
    kind: "table",
    key,
    title,
    columns: TASK_COLUMNS,
    rows: list.map(({ task, count, failed, failureRate, runningNs }) => [task, count, failed, failureRate, runningNs]),
  };
}
