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
export type { HolderProgram } from "./holder/start-holder.js";
// hooks/
export { type AgentNews, agentHooks } from "./hooks/agent-hooks.js";
export { followHooks } from "./hooks/follow-hooks.js";
export { HOOK_NAMES, type HookCommands, type HookName } from "./hooks/hook-names.js";
export { type HookEvent, type HookFunction, Hooks, type HooksOptions, hookSettings } from "./hooks/hooks.js";
// limits/
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
// templates/
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
