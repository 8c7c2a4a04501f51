// The face of src/analyze: what was run in a recording.
export type { AnalyzedSession, Analyzer, AnalyzerKind, CommandText } from "./analyzer.js";
export type { Command, OutputSpan } from "./command.js";
export { CommandFinder } from "./command-finder.js";
export { MAX_COMMANDS } from "./shell-stack.js";
