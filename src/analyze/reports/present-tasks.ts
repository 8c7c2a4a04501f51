// The report of TaskAnalyzer for people.
import type { TaskReport, TaskRun } from "../task-report.js";
import type { ReportBlock } from "./blocks.js";

/** Runs and tasks of a list that are shown. */
const SHOWN = 20;

/** Its blocks; none where there are no tasks. */
export function presentTasks(report: TaskReport | undefined): readonly ReportBlock[] {
  return report === undefined ? [] : [figures(report), tasks(report), runs(report)];
}

function figures({ counts, durations, totalNs }: TaskReport): ReportBlock {
  return {
    kind: "figures",
    key: "counts",
    title: "How tasks went",
    figures: [
      { key: "total", label: "runs", unit: "count", value: counts.total },
      { key: "completed", label: "completed", unit: "count", value: counts.completed },
      { key: "failed", label: "failed", unit: "count", value: counts.failed },
      { key: "unfinished", label: "without end", unit: "count", value: counts.unfinished },
      { key: "time", label: "took in all", unit: "ns", value: totalNs },
      { key: "typical", label: "half took at most", unit: "ns", value: durations?.p50 ?? null },
      { key: "longest", label: "longest", unit: "ns", value: durations?.max ?? null },
    ],
  };
}

function tasks({ tasks: list, others }: TaskReport): ReportBlock {
  const shown = list.slice(0, SHOWN);
  const left = others + list.slice(SHOWN).reduce((sum, task) => sum + task.runs, 0);
  return {
    kind: "table",
    key: "tasks",
    title: "By task",
    columns: [
      { key: "task", label: "task", unit: "text" },
      { key: "runs", label: "runs", unit: "count", hasBar: true },
      { key: "failed", label: "failed", unit: "count" },
      { key: "time", label: "took in all", unit: "ns" },
      { key: "longest", label: "longest", unit: "ns" },
      { key: "last", label: "the last", unit: "text" },
    ],
    rows: shown.map((task) => [task.task, task.runs, task.failed, task.totalNs, task.longestNs, task.last]),
    note: left > 0 ? `And ${left} runs of others.` : undefined,
  };
}

function runs({ runs: list, omitted }: TaskReport): ReportBlock {
  const latest = list.slice(-SHOWN).reverse();
  const older = list.length + omitted - latest.length;
  return {
    kind: "table",
    key: "runs",
    title: "Run last",
    columns: [
      { key: "task", label: "task", unit: "text" },
      { key: "command", label: "command", unit: "text" },
      { key: "outcome", label: "how it went", unit: "text" },
      { key: "took", label: "took", unit: "ns" },
      { key: "started", label: "began", unit: "time" },
    ],
    rows: latest.map((run) => [run.task, run.command, outcome(run), run.durationNs, run.startedAt]),
    note: older > 0 ? `And ${older} earlier ones.` : undefined,
  };
}

function outcome({ status, error }: TaskRun): string {
  return error ?? (status === "unfinished" ? "has no end" : status);
}
