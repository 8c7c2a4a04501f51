// The face of src/session: sessions, live and past, and who keeps them.

// client/: asking the daemon
export {
  DAEMON_PROTOCOL,
  type DaemonAbout,
  DaemonClient,
  type DaemonClientOptions,
  type EnsureDaemonOptions,
  ensureDaemon,
  type StopMode,
} from "./client/index.js";
export { prepareRuntimeFolder, type RuntimeFolder, runtimeFolder } from "./runtime-folder.js";
export {
  type JsonObject,
  type JsonValue,
  type LiveFacts,
  type SessionInfo,
  type SessionStateScope,
  STATE_SCOPES,
} from "./session-info.js";
export { type SessionLimits, sessionLimitsSchema } from "./session-limits.js";
export type * from "./session-manager.js";
