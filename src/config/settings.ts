// Every setting: its key in config.toml, its variable, its meaning. One list; `t2a config` and the documentation follow it.

/** A setting's description. */
export interface SettingSpec {
  readonly type: "string" | "boolean" | "duration" | "number" | "list";
  readonly summary: string;
  readonly default: string | boolean | number | readonly string[] | undefined;
  /** The variable's name where it is not the one that the key makes. */
  readonly variable?: string;
}

/** All settings by dotted key: `record.idle_time_limit` stands in the table [record] of config.toml. */
export const SETTINGS = {
  "record.command": { type: "string", summary: "command to record instead of $SHELL", default: undefined },
  "record.format": { type: "string", summary: "format where the file name names none", default: undefined },
  "record.capture_input": { type: "boolean", summary: "record what is typed", default: false },
  "record.capture_env": { type: "list", summary: "environment variables kept in the header", default: ["SHELL"] },
  "record.idle_time_limit": {
    type: "duration",
    summary: "pauses longer than this are shortened on playback",
    default: undefined,
  },
  "record.pause_key": { type: "string", summary: "key that pauses and resumes recording", default: "^\\" },
  "record.marker_key": { type: "string", summary: "key that sets a marker", default: "none" },
  "record.sign_key": {
    type: "string",
    summary: "file with a key that every .t2r recording is signed with",
    default: undefined,
  },
  "record.sync": {
    type: "string",
    summary: "what a power cut may take: none (as the system pleases), interval (1 s at most) or always (nothing)",
    default: "interval",
  },
  "record.shell_integration": {
    type: "boolean",
    summary: "have bash, zsh and fish mark their commands",
    default: true,
  },
  "play.speed": { type: "number", summary: "playback speed", default: 1 },
  "play.idle_time_limit": { type: "duration", summary: "pauses longer than this are shortened", default: undefined },
  "play.pause_on_markers": { type: "boolean", summary: "pause at every marker", default: false },
  "store.url": {
    type: "string",
    summary: "where the library is kept: file:, sqlite:, postgres: or s3: URL",
    default: undefined,
    variable: "T2A_STORE",
  },
  "store.prune_older_than": {
    type: "number",
    summary: "sessions older than so many days are deleted after each recording",
    default: undefined,
  },
  "store.prune_keep": {
    type: "number",
    summary: "the newest so many sessions are never deleted so; alone: all others are",
    default: undefined,
  },
  "store.prune_max_size": {
    type: "string",
    summary: "the oldest sessions are deleted while the library takes more: 20G",
    default: undefined,
  },
  "store.prune_keep_tagged": {
    type: "boolean",
    summary: "sessions with a tag are never deleted so",
    default: false,
  },
  "session.per_holder": {
    type: "number",
    summary: "sessions that one process holds at most: 1 keeps each by itself",
    default: 50,
  },
  "session.size": {
    type: "string",
    summary: "size of a session that several are attached to: latest (who typed last), smallest or largest",
    default: "latest",
  },
  "session.max_sessions": {
    type: "number",
    summary: "sessions that are kept: beyond that the oldest that are over are deleted",
    default: undefined,
  },
  "daemon.idle_exit": {
    type: "duration",
    summary: "the daemon ends after so long without sessions and clients",
    default: undefined,
  },
  "session.checkpoint_interval": {
    type: "duration",
    summary: "a checkpoint of each session is written this often, and after changes",
    default: 1800 * 1e9,
  },
  "session.checkpoint_backups": {
    type: "number",
    summary: "checkpoints of a session that are kept before the newest, 19 at most",
    default: 10,
  },
  "session.checkpoint_env": {
    type: "list",
    summary: "names of variables whose values a session's shell tells and checkpoints keep, to resume with",
    default: [],
  },
  "session.prefix_key": {
    type: "string",
    summary: "key before the keys of an attached terminal that are t2a's own",
    default: "^]",
  },
  // hooks of sessions
  "hooks.on_session_start": { type: "list", summary: "program to run when a session starts", default: [] },
  "hooks.on_session_end": { type: "list", summary: "program to run when a session is over", default: [] },
  "hooks.on_command_execute": {
    type: "list",
    summary: "program to run when a command in a session has ended",
    default: [],
  },
  "hooks.on_task_start": {
    type: "list",
    summary: "program to run when an agent or t2a run begins a task",
    default: [],
  },
  "hooks.on_task_complete": { type: "list", summary: "program to run when a task is done or failed", default: [] },
  "hooks.on_handoff": { type: "list", summary: "program to run when a session is handed on", default: [] },
  "hooks.on_limit": { type: "list", summary: "program to run when a session's limit is near or bites", default: [] },
  "hooks.timeout": { type: "duration", summary: "a hook that takes longer is ended", default: 5_000_000_000 },
  "convert.precision": { type: "string", summary: "decimals of seconds in text formats: us or ns", default: "us" },
} as const satisfies Readonly<Record<string, SettingSpec>>;

/** A setting's dotted key. */
export type SettingKey = keyof typeof SETTINGS;

/** Effective values. Durations are nanoseconds. */
export interface Settings {
  readonly "record.command": string | undefined;
  readonly "record.format": string | undefined;
  readonly "record.capture_input": boolean;
  readonly "record.capture_env": readonly string[];
  readonly "record.idle_time_limit": number | undefined;
  readonly "record.pause_key": string;
  readonly "record.marker_key": string;
  readonly "record.sign_key": string | undefined;
  readonly "record.sync": "none" | "interval" | "always";
  readonly "record.shell_integration": boolean;
  readonly "play.speed": number;
  readonly "play.idle_time_limit": number | undefined;
  readonly "play.pause_on_markers": boolean;
  readonly "store.url": string | undefined;
  readonly "store.prune_older_than": number | undefined;
  readonly "store.prune_keep": number | undefined;
  /** Bytes. */
  readonly "store.prune_max_size": number | undefined;
  readonly "store.prune_keep_tagged": boolean;
  readonly "session.per_holder": number;
  readonly "session.size": "latest" | "smallest" | "largest";
  readonly "session.max_sessions": number | undefined;
  readonly "daemon.idle_exit": number | undefined;
  readonly "session.checkpoint_interval": number;
  readonly "session.checkpoint_backups": number;
  readonly "session.checkpoint_env": readonly string[];
  readonly "session.prefix_key": string;
  /** Hooks of sessions: the program and its arguments, nothing where none is to run. */
  readonly "hooks.on_session_start": readonly string[];
  readonly "hooks.on_session_end": readonly string[];
  readonly "hooks.on_command_execute": readonly string[];
  readonly "hooks.on_task_start": readonly string[];
  readonly "hooks.on_task_complete": readonly string[];
  readonly "hooks.on_handoff": readonly string[];
  readonly "hooks.on_limit": readonly string[];
  readonly "hooks.timeout": number;
  readonly "convert.precision": "us" | "ns";
}

/** The environment variable of a setting: `record.pause_key` is T2A_RECORD_PAUSE_KEY. */
export function settingVariable(key: SettingKey): string {
  const { variable }: SettingSpec = SETTINGS[key];
  if (variable !== undefined) return variable;
  return `T2A_${key.replace(".", "_").toUpperCase()}`;
}
