// The face of src/analyze: what was run in a recording.
export type { AnalyzedSession, Analyzer, AnalyzerKind, CommandText } from "./analyzer.js";
export type { Command, OutputSpan } from "./command.js";
export { CommandFinder, type CommandFinderOptions, MARK_EVENT } from "./command-finder.js";
export {
  type CommandJson,
  type CommandSession,
  commandFromJson,
  commandToJson,
  isoTime,
  timeOfIso,
} from "./command-json.js";
export { MAX_COMMANDS } from "./command-log.js";
export { MAX_COMMANDS_JSON_BYTES, readCommandsJson } from "./commands-file.js";
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
export { COLUMNS, type Column, type CommandRow } from "./export/columns.js";
export { csvWriter } from "./export/csv.js";
export { atuinWriter, historyWriter } from "./export/history.js";
export { parquetWriter } from "./export/parquet.js";
export { type CommandWriter, PieceWriter } from "./export/writer.js";
export { type HistoryCommand, type HistorySession, historySession, historyToJson } from "./history-session.js";
