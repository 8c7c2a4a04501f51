// The face of src/session: sessions, live and past, and who keeps them.
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

// src/session/state
export { type StateChange, StateKeeper, type StateKeeperOptions } from "./state/state-keeper.js";
