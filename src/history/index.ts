// The face of src/history: the history files of shells, read and written.
export { AtuinFile } from "./atuin-file.js";
export { bashHistory } from "./bash.js";
export {
  HISTORY_NAMES,
  type HistoryEntry,
  type HistoryName,
  type HistoryReadOptions,
  MAX_HISTORY_ENTRY_BYTES,
  type TextHistory,
} from "./entry.js";
export { fishHistory } from "./fish.js";
export { type OpenHistory, openHistory, TEXT_HISTORIES } from "./open-history.js";
export { zshHistory } from "./zsh.js";
