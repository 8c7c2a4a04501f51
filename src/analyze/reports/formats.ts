// The list of forms a report takes: adding one is a file and a line here.
import type { Analysis } from "../analysis.js";
import { csvReport } from "./csv-report.js";
import { htmlReport } from "./html-report.js";
import { markdownReport } from "./markdown-report.js";
import { presentAnalysis } from "./sections.js";
import { type TextOptions, textReport } from "./text-report.js";

/** A form of reports. */
export interface ReportFormat {
  readonly name: string;
  /** With their dot. */
  readonly extensions: readonly string[];
  /** Ends with a newline; safe to print on a terminal. */
  render(analysis: Analysis, options?: TextOptions): string;
}

const format = (
  name: string,
  extensions: readonly string[],
  render: (presented: ReturnType<typeof presentAnalysis>, options?: TextOptions) => string,
): ReportFormat => ({
  name,
  extensions,
  render: (analysis, options) => `${render(presentAnalysis(analysis), options)}\n`,
});

/** Every form of reports; the first one is for terminals. */
export const REPORT_FORMATS: readonly ReportFormat[] = [
  format("text", [".txt"], textReport),
  { name: "json", extensions: [".json"], render: (analysis) => `${safeJson(analysis)}\n` },
  format("csv", [".csv"], csvReport),
  format("markdown", [".md", ".markdown"], markdownReport),
  format("html", [".html", ".htm"], htmlReport),
];

/** What JSON leaves as it is but terminals act on: DEL, C1 controls, line separators, bidirectional controls. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    UNSAFE,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
