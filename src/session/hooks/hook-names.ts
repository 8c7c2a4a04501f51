// What hooks are called, and when they run.

/** Names of hooks; in settings and templates they are written `on_session_start`. */
export const HOOK_NAMES = [
  /** A session's command runs. */
  "onSessionStart",
  /** A session is over, however it ended. */
  "onSessionEnd",
  /** A command in a session has ended. */
  "onCommandExecute",
  /** An agent, or `t2a run`, begins a piece of work. */
  "onTaskStart",
  /** It is done, or failed. */
  "onTaskComplete",
  /** A session, or its terminal, has a new owner. */
  "onHandoff",
  /** A limit is near, or bites. */
  "onLimit",
] as const;
/** @see HOOK_NAMES */
export type HookName = (typeof HOOK_NAMES)[number];

/** Programs to run, by hook: a program and its arguments each. */
export type HookCommands = Readonly<Partial<Record<HookName, readonly string[]>>>;
