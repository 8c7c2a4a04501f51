// The face of src/record: recording a command into sinks.
export { EventRecorder, type EventRecorderOptions, type SinkError } from "./event-recorder.js";
export { type EventSink, FormatSink } from "./event-sink.js";
export { HeadlessTty } from "./headless-tty.js";
export type { HotKeyBytes } from "./hot-keys.js";
export {
  type MetadataOptions,
  MetadataRecorder,
  type StartMetadata,
  userName,
  wallClock,
} from "./metadata-recorder.js";
export type { DumpableScreen, ReadBack } from "./pause-screen.js";
export type { MarkingShell, RecordEnd, RecordOptions, RecordResult } from "./record-options.js";
export { record, SessionRecorder } from "./session-recorder.js";
export { lossBoundOf, SYNC_BOUND_MS, type SyncMode } from "./sync-keeper.js";
export { MonotonicClock, type RecordClock, TimingRecorder } from "./timing-recorder.js";
