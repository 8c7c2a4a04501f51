// The face of src/files: Source and Target over files, pipes and URLs.

export { bootId } from "./boot-id.js";
export { openFileSource } from "./file-source.js";
export { type FileTargetOptions, openFileTarget } from "./file-target.js";
export { ioError, reasonOf } from "./io-error.js";
export { isAlive } from "./is-alive.js";
export { type FileLock, holdFile, isFileLocked, openLocked, tryHoldFile } from "./lock.js";
export { openPatientTarget } from "./patient-writer.js";
export {
  preparePrivateFolder,
  readPrivateFile,
  replacePrivateFile,
  replacePrivateFileAside,
  writePrivateFile,
  writeSynced,
} from "./private-file.js";
export { SpooledStream } from "./spooled-stream.js";
export { openStreamSource } from "./stream-source.js";
export { openStreamTarget } from "./stream-target.js";
export { syncFolder, syncFolderAside } from "./sync-folder.js";
export { isUrl, openUrlSource, type UrlTimeouts } from "./url-source.js";
