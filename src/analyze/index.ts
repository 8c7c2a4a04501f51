// The face of src/analyze: what was run in a recording.
export type { AnalyzedSession, Analyzer, AnalyzerKind, CommandText } from "./analyzer.js";
export type { Command, OutputSpan } from "./command.js";
export { CommandFinder, type CommandFinderOptions, MARK_EVENT } from "./command-finder.js";
export { MAX_COMMANDS } from "./command-log.js";
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
