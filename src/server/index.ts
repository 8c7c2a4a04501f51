// The face of src/server: the daemon and its HTTP + WebSocket API.
export type { DaemonLog } from "./log.js";
export { openApiDocument, openApiText } from "./open-api.js";
export { type DaemonOptions, runDaemon } from "./run-daemon.js";
export { type ApiServer, type ServeOptions, serve } from "./serve.js";
