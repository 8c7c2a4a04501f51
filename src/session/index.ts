// The face of src/session: sessions, live and past, and who keeps them.
export {
  AGENT_PHASES,
  type AgentContext,
  agentContextSchema,
  CONTEXT_OWN_KEY,
  MAX_CONTEXT_BYTES,
  parseAgentContext,
} from "./agents/agent-context.js";
export { type AgentFiles, agentFiles } from "./agents/agent-files.js";
export {
  AgentKeeper,
  type AgentKeeperOptions,
  type AgentTerminals,
  type AgentTold,
  agentVariables,
  HANDOFF_CODE,
} from "./agents/agent-keeper.js";
export { AGENT_STATE_KEY, type AgentRecord, agentRecord } from "./agents/agent-record.js";
export { checkTransition, SESSION_TRANSITIONS } from "./agents/agent-transitions.js";
export { type ClaimOptions, claimBundle, type HandoffBundle, handoffBundleSchema } from "./agents/handoff-bundle.js";
export { sessionLog, writeSessionLog } from "./agents/session-log.js";
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
export { type AgentNews, agentHooks } from "./hooks/agent-hooks.js";
export { followHooks } from "./hooks/follow-hooks.js";
export { HOOK_NAMES, type HookCommands, type HookName } from "./hooks/hook-names.js";
export { type HookEvent, type HookFunction, Hooks, type HooksOptions, hookSettings } from "./hooks/hooks.js";
export { endProcesses } from "./limits/end-processes.js";
export { followLimits, type LimitEvent, measureWith, readLimitEvent } from "./limits/follow-limits.js";
export { formatLimit, LIMIT_NAMES, LIMITS, type LimitName } from "./limits/limit-names.js";
export { type LimitUsage, type LimitVerdict, LimitWatch, type LimitWatchOptions } from "./limits/limit-watch.js";
export {
  type CommandToLimit,
  canMakeScopes,
  type LimitedCommand,
  type LimitSurroundings,
  limitedCommand,
} from "./limits/limited-command.js";
export { type ProcessUsage, UsageReader } from "./limits/usage.js";
export type { LiveTerminal, TerminalEvents, TerminalListener } from "./manager/live-terminal.js";
export { LocalSessionManager, type LocalSessionManagerParts } from "./manager/local-session-manager.js";
export {
  type ConfinedProgram,
  type SizePolicy,
  type StartOptions,
  TerminalKeeper,
  type TerminalKeeperOptions,
} from "./manager/terminal-keeper.js";
export { type RecoveredSession, recoverSession } from "./resume/recover-session.js";
export { type ResumingTerminals, SessionResumer, type SessionResumerOptions } from "./resume/session-resumer.js";
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
export { sessionWords } from "./session-words.js";
export { type StateChange, StateKeeper, type StateKeeperOptions } from "./state/state-keeper.js";
export { parseLimits } from "./templates/parse-limits.js";
export { DEFAULT_SIZE, type ResolvedRecording, type ResolvedSessionConfig } from "./templates/resolved-config.js";
export { type Template, toTable } from "./templates/template.js";
export {
  type TemplateInfo,
  type TemplatePlaces,
  Templates,
  type TemplatesOptions,
  templatePlaces,
} from "./templates/templates.js";
