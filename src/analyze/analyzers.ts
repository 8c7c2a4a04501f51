// The list of analyzers: adding one is a file and a line here. The order is that of the report.
import type { Analyzer, AnalyzerKind } from "./analyzer.js";
import { CommandAnalyzer, type CommandPart } from "./command-analyzer.js";
import type { CommandReport } from "./command-report.js";
import { ErrorAnalyzer, type ErrorPart } from "./error-analyzer.js";
import type { ErrorReport } from "./error-report.js";
import { InsightAnalyzer, type InsightPart } from "./insight-analyzer.js";
import type { InsightReport } from "./insight-report.js";
import { PerformanceAnalyzer, type PerformancePart } from "./performance-analyzer.js";
import type { PerformanceReport } from "./performance-report.js";
import { presentCommands } from "./reports/present-commands.js";
import { presentErrors } from "./reports/present-errors.js";
import { presentInsight } from "./reports/present-insight.js";
import { presentPerformance } from "./reports/present-performance.js";
import { presentTasks } from "./reports/present-tasks.js";
import { TaskAnalyzer, type TaskPart } from "./task-analyzer.js";
import type { TaskReport } from "./task-report.js";

const tasks = {
  name: "tasks",
  title: "Tasks",
  needs: { events: true },
  create: () => new TaskAnalyzer(),
  present: presentTasks,
} as const satisfies AnalyzerKind<TaskReport | undefined, TaskPart>;

const commands = {
  name: "commands",
  title: "Commands",
  needs: {},
  create: () => new CommandAnalyzer(),
  present: presentCommands,
} as const satisfies AnalyzerKind<CommandReport, CommandPart>;

const errors = {
  name: "errors",
  title: "Errors",
  needs: { text: true },
  create: () => new ErrorAnalyzer(),
  present: presentErrors,
} as const satisfies AnalyzerKind<ErrorReport, ErrorPart>;

const performance = {
  name: "performance",
  title: "Performance",
  needs: { events: true },
  create: () => new PerformanceAnalyzer(),
  present: presentPerformance,
} as const satisfies AnalyzerKind<PerformanceReport, PerformancePart>;

const insight = {
  name: "insight",
  title: "Insight",
  needs: {},
  create: () => new InsightAnalyzer(),
  present: presentInsight,
} as const satisfies AnalyzerKind<InsightReport, InsightPart>;

/** What a report is made of where nothing else is asked for. */
export const ANALYZERS = [tasks, commands, errors, performance, insight] as const;

/** The reports of kinds of analysis, by name. */
export type ReportsOf<Kinds extends readonly AnalyzerKind[]> = {
  readonly [Kind in Kinds[number] as Kind["name"]]: Kind extends { create(): Analyzer<infer Report> } ? Report : never;
};

/** The reports of {@link ANALYZERS}. That of tasks is there only where some were recorded. */
export type AnalysisReports = Omit<ReportsOf<typeof ANALYZERS>, "tasks"> & { readonly tasks?: TaskReport | undefined };
