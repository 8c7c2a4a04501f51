// The face of src/library: what is done with recordings as a whole, over formats, files and the terminal.
export { type AddOptions, type AddResult, type AddThread, addRecording } from "./add-recording.js";
export {
  type AnalyzeFileOptions,
  analyzeFile,
  type FileOutcome,
  type FileResult,
  isCommandsFile,
} from "./analyze-file.js";
export { type AnalyzeFilesOptions, analyzeFiles, type FilesAnalysis } from "./analyze-files.js";
export {
  type CheckStoreOptions,
  type CheckStoreResult,
  checkStore,
  type Finding,
  type FindingKind,
} from "./check-store.js";
export { type CollectOptions, collectSpool } from "./collect.js";
export { type Histories, type HistoryBounds, historiesOf } from "./command-histories.js";
export { COMMANDS_SECTION, storedCommands, type WithCommands, withCommands } from "./commands-section.js";
export { LONG_PACKED_BYTES } from "./early-text.js";
export {
  type EditMarkersOptions,
  type EditMarkersResult,
  editMarkers,
  type MarkedRecording,
} from "./edit-markers.js";
export { type Examination, examineStore } from "./examine-store.js";
export { type ExportOptions, type ExportProblem, type ExportResult, exportStore } from "./export-store.js";
export {
  type FinalizeOptions,
  type FinalizeProgress,
  type FinalizeResult,
  finalizeT2r,
  isBeingFinalized,
  isBeingRecorded,
} from "./finalize.js";
export { finalizeInWorker, type WorkerOptions } from "./finalize-in-worker.js";
export { type ImportOptions, type ImportProblem, type ImportResult, importStore } from "./import-store.js";
export { type IndexRecordingsOptions, indexRecordings } from "./index-recordings.js";
export {
  type HistoryOrigin,
  HistoryTally,
  isCommandsName,
  type KeepHistoryOptions,
  type KeptHistory,
  keepHistory,
} from "./keep-history.js";
export * from "./kept.js";
export {
  type MigrateOptions,
  type MigrateProblem,
  type MigrateProgress,
  type MigrateResult,
  migrateStore,
} from "./migrate-store.js";
export { type BorrowedRecording, OpenRecordings, type OpenRecordingsOptions } from "./open-recordings.js";
export { type KeyframeProof, proveKeyframes } from "./prove-keyframes.js";
export type { PrunePolicy } from "./prune.js";
export { type RecordingTextOptions, recordingText, type TextSource } from "./recording-text.js";
export type { Salvage, SalvageTarget } from "./salvage.js";
export {
  EARLIER_EXIT_CODE,
  type OpenPart,
  openPart,
  openSessionRecording,
  sessionParts,
  sessionSource,
} from "./session-parts.js";
