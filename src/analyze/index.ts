// The face of src/analyze: what was run in a recording.
export type { AnalyzedSession, Analyzer, AnalyzerKind, CommandText } from "./analyzer.js";
export type { Command, OutputSpan } from "./command.js";
export { CommandFinder, type CommandFinderOptions, MARK_EVENT } from "./command-finder.js";
export { MAX_COMMANDS } from "./command-log.js";
