// The face of src/analyze: what was run in a recording, and what that comes to.
export type { Analysis, AnalysisFiles, AnalysisProblem } from "./analysis.js";
export type { AnalyzedSession, Analyzer, AnalyzerKind, CommandText } from "./analyzer.js";
export { ANALYZERS, type AnalysisReports, type ReportsOf } from "./analyzers.js";
export type { Command, OutputSpan } from "./command.js";
export { CommandAnalyzer } from "./command-analyzer.js";
export { CommandFinder, type CommandFinderOptions, type FinderState, type ShellFacts } from "./command-finder.js";
export {
  type CommandJson,
  type CommandSession,
  commandFromJson,
  commandToJson,
  isoTime,
  timeOfIso,
} from "./command-json.js";
export { MAX_COMMANDS } from "./command-log.js";
export type * from "./command-report.js";
export type { Sequence } from "./command-sequences.js";
export { commandsInJson, type ReadCommandsOptions, readCommandsJson } from "./commands-file.js";
export {
  type ComparedPair,
  type ComparedScreens,
  type CompareOptions,
  type Comparison,
  compareRecordings,
  PACE_NANOS,
  PACE_SHARE,
} from "./compare.js";
export { type CellDifference, compareScreens, type ScreenDiff } from "./compare-screens.js";
export {
  type ComparedCommand,
  type ComparedRecording,
  type KeptText,
  type ReadComparedOptions,
  readCompared,
} from "./compared-recording.js";
export type { DiffLine, Hunk, TextDiff } from "./diff-text.js";
export type { DistinctCount } from "./distinct-counter.js";
export { ErrorAnalyzer } from "./error-analyzer.js";
export { errorFingerprint } from "./error-fingerprint.js";
export type * from "./error-report.js";
export { ERROR_FAMILIES, ERROR_RULES, type ErrorFamily, type ErrorRule, STRONG_WEIGHT } from "./error-rules.js";
export { COMMAND_COLUMNS, type CommandColumn, type CommandRow } from "./export/columns.js";
export { csvWriter } from "./export/csv.js";
export { atuinWriter, historyWriter } from "./export/history.js";
export { parquetWriter } from "./export/parquet.js";
export { type CommandWriter, PieceWriter } from "./export/writer.js";
export { type HistoryCommand, type HistorySession, historySession, historyToJson } from "./history-session.js";
export { InsightAnalyzer } from "./insight-analyzer.js";
export type * from "./insight-report.js";
export { PerformanceAnalyzer } from "./performance-analyzer.js";
export type * from "./performance-report.js";
export type { Quantiles } from "./quantile-sketch.js";
export type { ReportBlock, ReportCell, ReportColumn, ReportFigure, ReportUnit } from "./reports/blocks.js";
export { REPORT_FORMATS, type ReportFormat } from "./reports/formats.js";
export { html } from "./reports/html-text.js";
export type { TextOptions } from "./reports/text-report.js";
export {
  type AnalysisPart,
  type AnalyzeOptions,
  type CommandHistory,
  SessionAnalyzer,
} from "./session-analyzer.js";
export { TaskAnalyzer } from "./task-analyzer.js";
export type * from "./task-report.js";
export { type TellingLine, type TellingOptions, tellingLines } from "./telling-lines.js";
