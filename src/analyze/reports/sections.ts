// An analysis for people, before it takes a form: a head and a section for each report.
import type { Analysis, AnalysisProblem } from "../analysis.js";
import type { AnalyzerKind } from "../analyzer.js";
import { ANALYZERS } from "../analyzers.js";
import type { ReportBlock } from "./blocks.js";
import { cellText } from "./cell-text.js";

/** One report. */
export interface ReportSection {
  /** Name of its analyzer. */
  readonly name: string;
  readonly title: string;
  /** Without empty ones. */
  readonly blocks: readonly ReportBlock[];
}

/** All of it. */
export interface PresentedAnalysis {
  /** What was analyzed, in words; nothing in it is safe to print. */
  readonly targets: readonly string[];
  /** What is in the reports and what is not, sentences safe to print. */
  readonly summary: readonly string[];
  readonly problems: readonly AnalysisProblem[];
  /** The first of them in words, and how many more there are; nothing in them is safe to print. */
  readonly problemTexts: readonly string[];
  readonly createdAt: string;
  readonly sections: readonly ReportSection[];
}

/** Makes the sections of an analysis. */
export function presentAnalysis(analysis: Analysis, kinds: readonly AnalyzerKind[] = ANALYZERS): PresentedAnalysis {
  const { files, targets, createdAt } = analysis;
  const reports: Readonly<Record<string, unknown>> = { ...analysis };
  return {
    targets,
    summary: summaryOf(analysis),
    problems: files.problems,
    problemTexts: problemTexts(files.problems),
    createdAt,
    sections: kinds
      .filter(({ name }) => reports[name] !== undefined)
      .map(({ name, title, present }) => ({ name, title, blocks: present(reports[name]).filter(hasContent) })),
  };
}

/** Problems that are told of in a report for people. */
const MAX_PROBLEMS = 10;

function problemTexts(problems: readonly AnalysisProblem[]): readonly string[] {
  const texts = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ name, message }) => (message.includes(name) ? message : `${name}: ${message}`));
  const more = problems.length - texts.length;
  return more > 0 ? [...texts, `and ${more} more`] : texts;
}

function summaryOf({ files, since, until }: Analysis): readonly string[] {
  const { analyzed, outside, undated, problems } = files;
  const bounds = [
    since === null ? [] : `since ${cellText(since, "time")}`,
    until === null ? [] : `before ${cellText(until, "time")}`,
  ]
    .flat()
    .join(" and ");
  return [
    `${fileCount(analyzed)} analyzed${bounds === "" ? "" : `, of what began ${bounds}`}.`,
    ...(outside > 0 ? [`${fileCount(outside)} of other times left out.`] : []),
    ...(undated > 0 ? [`${fileCount(undated)} left out: they do not say when they began.`] : []),
    ...(problems.length > 0 ? [`${fileCount(problems.length)} could not be read, or not to the end.`] : []),
  ];
}

function fileCount(count: number): string {
  return count === 1 ? "1 file" : `${count.toLocaleString("en-US")} files`;
}

function hasContent(block: ReportBlock): boolean {
  switch (block.kind) {
    case "figures":
      return block.figures.length > 0;
    case "table":
      return block.rows.length > 0;
    case "series":
      return block.values.some((value) => value > 0);
    case "grid":
      return block.values.some((row) => row.some((value) => value > 0));
    case "sentences":
      return block.sentences.length > 0;
  }
}
