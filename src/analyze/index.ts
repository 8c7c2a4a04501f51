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
export { commandsInJson, type ReadCommandsOptions, readCommandsJson } from "./commands-file.js";
export { COMMAND_COLUMNS, type CommandColumn, type CommandRow } from "./export/columns.js";
export { csvWriter } from "./export/csv.js";
export { atuinWriter, historyWriter } from "./export/history.js";
export { parquetWriter } from "./export/parquet.js";
export { type CommandWriter, PieceWriter } from "./export/writer.js";
export { type HistoryCommand, type HistorySession, historySession, historyToJson } from "./history-session.js";
