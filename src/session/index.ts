// The face of src/session: sessions, live and past, and who keeps them.

// holder/
// holder/
export { decodeEvents, decodeEvents, encodeEvents, encodeEvents } from "./holder/event-codec.js";
export type {
  HeldSession,
  HeldSession,
  HeldSessionListener,
  HeldSessionListener,
  HolderPool,
  HolderPool,
} from "./holder/held-session.js";
export {
  type HolderPoolOptions,
  type HolderPoolOptions,
  type OpenHolderPool,
  type OpenHolderPool,
  openHolderPool,
  openHolderPool,
} from "./holder/holder-pool.js";
export type {
  HeldEnd,
  HeldEnd,
  HeldPosition,
  HeldPosition,
  HeldSessionFacts,
  HeldSessionFacts,
  HeldSessionOrder,
  HeldSessionOrder,
  HolderProblem,
  HolderProblem,
} from "./holder/holder-protocol.js";
export type { LeftProcess, LeftProcess } from "./holder/leftovers.js";
export type { HolderProgram, HolderProgram } from "./holder/start-holder.js";
// manager/
// src/session/manager
export type {
  LiveTerminal,
  LiveTerminal,
  TerminalEvents,
  TerminalEvents,
  TerminalListener,
  TerminalListener,
} from "./manager/live-terminal.js";
export { LocalSessionManager, type LocalSessionManagerParts } from "./manager/local-session-manager.js";
export type { Scrollback } from "./manager/past-screen.js";
export {
  type ConfinedProgram,
  type SizePolicy,
  type SizePolicy,
  type StartOptions,
  type StartOptions,
  TerminalKeeper,
  TerminalKeeper,
  type TerminalKeeperOptions,
  type TerminalKeeperOptions,
} from "./manager/terminal-keeper.js";
// the folder itself
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
