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
export { type HistoryCommand, type HistorySession, historySession, historyToJson } from "./history-session.js";
