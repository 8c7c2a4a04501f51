// The face of src/session: sessions, live and past, and who keeps them.
// client/: asking the daemon

// src/session/checkpoints, src/session/resume
export { CHECKPOINT_REASONS, type Checkpoint, type CheckpointReason } from "./checkpoints/checkpoint.js";
export { CheckpointFolder, type FoundCheckpoint, MAX_CHECKPOINT_FILES } from "./checkpoints/checkpoint-folder.js";
export {
  type CheckpointedTerminals,
  CheckpointKeeper,
  type CheckpointKeeperOptions,
} from "./checkpoints/checkpoint-keeper.js";
export {
  DAEMON_PROTOCOL,
  type DaemonAbout,
  DaemonClient,
  type DaemonClientOptions,
  type EnsureDaemonOptions,
  ensureDaemon,
  type StopMode,
} from "./client/index.js";
// holder/
export { decodeEvents, encodeEvents } from "./holder/event-codec.js";
export type { HeldSession, HeldSessionListener, HolderPool } from "./holder/held-session.js";
export { type HolderPoolOptions, type OpenHolderPool, openHolderPool } from "./holder/holder-pool.js";
export type {
  HeldEnd,
  HeldPosition,
  HeldSessionFacts,
  HeldSessionOrder,
  HolderProblem,
} from "./holder/holder-protocol.js";
export type { LeftProcess } from "./holder/leftovers.js";
export { type HolderProgram, holderProgram } from "./holder/start-holder.js";
// manager/
export type { LiveTerminal, TerminalEvents, TerminalListener } from "./manager/live-terminal.js";
export { LocalSessionManager, type LocalSessionManagerParts } from "./manager/local-session-manager.js";
export type { Scrollback } from "./manager/past-screen.js";
export {
  type ConfinedProgram,
  type SizePolicy,
  type StartOptions,
  TerminalKeeper,
  type TerminalKeeperOptions,
} from "./manager/terminal-keeper.js";
export { type RecoveredSession, recoverSession } from "./resume/recover-session.js";
export { type ResumingTerminals, SessionResumer, type SessionResumerOptions } from "./resume/session-resumer.js";
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

// src/session/state
export { type StateChange, StateKeeper, type StateKeeperOptions } from "./state/state-keeper.js";
