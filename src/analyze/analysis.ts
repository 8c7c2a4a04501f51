// The whole of an analysis: the reports, and what they are of.
import type { AnalysisReports } from "./analyzers.js";

/** A file or folder that could not be read, or not to its end. */
export interface AnalysisProblem {
  readonly name: string;
  /** An error code of docs/errors.md; null where there is none. */
  readonly code: string | null;
  readonly message: string;
}

/** What was read, and what was left out. */
export interface AnalysisFiles {
  /** Files that are in the reports, those with problems among them as far as they go. */
  readonly analyzed: number;
  /** Recordings that began at another time than was asked for. */
  readonly outside: number;
  /** Recordings that do not say when they began, where a time was asked for. */
  readonly undated: number;
  readonly problems: readonly AnalysisProblem[];
}

/** As `t2a analyze --format json` prints it; docs/analyze.schema.json describes it. */
export type Analysis = {
  readonly version: 1;
  /** When it was made, ISO 8601. */
  readonly createdAt: string;
  readonly targets: readonly string[];
  /** The first moment that was asked for, and the first one that was not any more, ISO 8601; null: without bound. */
  readonly since: string | null;
  readonly until: string | null;
  readonly files: AnalysisFiles;
} & AnalysisReports;
