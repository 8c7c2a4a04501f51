// The face of formats/: the registry, opening by content, writing.
export { scanForAppend } from "./append.js";
export { headerToJson } from "./json/header-json.js";
export { type OpenOptions, openRecording } from "./open.js";
export { DEFAULT_FORMAT, FORMATS, findFormatByExtension, getFormat } from "./registry.js";
export { type FrameDescription, inspectT2r } from "./t2r/inspect.js";
export { journalName } from "./t2r/journal.js";
export { T2rLiveWriter } from "./t2r/live-writer.js";
export type { Problem } from "./t2r/problems.js";
export { readSignatures } from "./t2r/read-signatures.js";
export { type DecodedCache, type DecodedPiece, type OpenT2r, type OpenT2rOptions, openT2r } from "./t2r/reader.js";
export type {
  BlockEntry,
  Gap,
  KeyframeEntry,
  KeyframeTable,
  RecordingIndex,
  SectionEntry,
} from "./t2r/recording-index.js";
export type { SignatureVerdict } from "./t2r/signature-check.js";
export { type JournalVerdict, type Verdict, verifyT2r } from "./t2r/verify.js";
export { type CopyOptions, type CopyResult, copyBytes, copyRecording, createWriter } from "./writer.js";
