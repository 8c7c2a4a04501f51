// The quick face of src/session: what a client of the daemon needs, without schemas, screens or stores.
export { prepareRuntimeFolder, type RuntimeFolder, runtimeFolder } from "../runtime-folder.js";
export { DaemonClient, type DaemonClientOptions } from "./daemon-client.js";
export { type ConnectionOptions, noDaemon, type StartDaemon } from "./daemon-connection.js";
export * from "./daemon-protocol.js";
export {
  type DaemonReadiness,
  type EnsureDaemonOptions,
  ensureDaemon,
  findDaemonPid,
  READY_FD_VARIABLE,
} from "./ensure-daemon.js";
export { errorBody, errorOfBody } from "./error-body.js";
