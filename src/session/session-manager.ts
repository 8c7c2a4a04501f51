// What can be done with sessions, live and past. One interface with two implementations: `LocalSessionManager`, which is the daemon's own,
// and `DaemonClient`, which asks the daemon and is what the command line uses. Whoever has one does not see which it is.
import type { SessionStatus } from "../store/index.js";
import type { JsonObject, JsonValue, SessionInfo, SessionStateScope } from "./session-info.js";
import type { SessionLimits } from "./session-limits.js";

/** Names a session: an id, the beginning of one, a name, `@last`, `@-2`. */
export type SessionReference = string;

/** How a session is started. What is absent is the template's, then the setting's, then the default. */
export interface NewSessionConfig {
  readonly name?: string | undefined;
  /** As /bin/sh takes it; absent: `argv`, else the user's shell. */
  readonly command?: string | undefined;
  /** The program and its arguments as they are, without a shell between. Not with `command`. */
  readonly argv?: readonly string[] | undefined;
  /** Absolute; the user's home by default. */
  readonly cwd?: string | undefined;
  /** The whole environment of the child, beside what t2a adds; the daemon's own by default. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Cells; 80 x 24 by default. */
  readonly cols?: number | undefined;
  readonly rows?: number | undefined;
  /** Attached terminals do not change the size, `resize` does; true by default where the template says a size. */
  readonly keepsSize?: boolean | undefined;
  readonly template?: string | undefined;
  readonly limits?: SessionLimits | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly recording?: RecordingWishes | undefined;
  readonly agent?: AgentWishes | undefined;
  /** Id of the session that this one comes from. */
  readonly parent?: string | undefined;
}

/** How a session is recorded. */
export interface RecordingWishes {
  /** What is typed too, hidden lines masked. */
  readonly captureInput?: boolean | undefined;
  /** Names of variables that the recording keeps. */
  readonly captureEnv?: readonly string[] | undefined;
  /** A shell is started so that its commands are marked. True by default. */
  readonly shellIntegration?: boolean | undefined;
}

/** Whose session it is to be. */
export interface AgentWishes {
  readonly name: string;
  readonly purpose?: string | undefined;
  /** Checked by `agentContextSchema`. */
  readonly context?: JsonObject | undefined;
}

/** Which sessions to list. */
export interface SessionListFilter {
  /** Only those whose terminal lives. */
  readonly isLive?: boolean | undefined;
  readonly agent?: string | undefined;
  readonly tag?: string | undefined;
  /** Of those that are over, only those of this status. */
  readonly pastStatus?: SessionStatus | undefined;
  /** Of those that are over, so many of the newest; 50 by default. */
  readonly limit?: number | undefined;
}

/** How to attach to a session. */
export interface AttachOptions {
  /** Cells of the client's terminal. */
  readonly cols: number;
  readonly rows: number;
  /** What it types is dropped. */
  readonly isReadOnly?: boolean | undefined;
  /** For lists and the audit log: `tty`, `web`, a host's name. */
  readonly label?: string | undefined;
}

/** What an attached client is told. */
export type AttachMessage =
  /** All of the screen: what was shown before is void. `dump` is for a fresh screen of that size. */
  | { readonly type: "screen"; readonly cols: number; readonly rows: number; readonly dump: Uint8Array }
  /** More output, without questions to the terminal: they are answered already. */
  | { readonly type: "output"; readonly data: Uint8Array }
  /** The session's size from here on. */
  | { readonly type: "resize"; readonly cols: number; readonly rows: number }
  /** Who the session belongs to, what it is called, how many are attached, who may type: what has changed of it. */
  | {
      readonly type: "session";
      readonly session: SessionInfo;
      /** Whether what this client types counts; absent where the daemon is too old to tell. */
      readonly hasKeyboard?: boolean | undefined;
    }
  /** The command has ended; nothing follows. */
  | { readonly type: "exit"; readonly exitStatus: number; readonly signal?: string | undefined }
  /** Somebody, or this client, ended the attachment; nothing follows. */
  | { readonly type: "detached"; readonly reason: string };

/** A client's connection to a live session. Messages wait where they are not taken, in bounds: then the screen comes anew. */
export interface Attachment {
  /** Tells clients of the session apart. */
  readonly clientId: string;
  /** Ends after `exit` and `detached`. Is gone through once. */
  readonly messages: AsyncIterable<AttachMessage>;
  /** Types. Dropped where the client may not. */
  send(bytes: Uint8Array): void;
  resize(size: { readonly cols: number; readonly rows: number }): void;
  /** Idempotent. */
  detach(): Promise<void>;
}

/** A client of a session, as others see it. */
export interface ClientInfo {
  readonly clientId: string;
  readonly label: string;
  readonly cols: number;
  readonly rows: number;
  readonly isReadOnly: boolean;
  /** May type: is not read-only, and nobody took it the keyboard. */
  readonly hasKeyboard: boolean;
  /** ISO 8601. */
  readonly attachedAt: string;
}

/** What to wait for; the first that comes true. */
export interface WaitConditions {
  /** A regular expression (flags `mu`) over the text of the screen and of all output since the call. */
  readonly text?: string | undefined;
  /** Nothing was printed for so long, milliseconds. */
  readonly idleMs?: number | undefined;
  readonly exit?: boolean | undefined;
  /** The shell waits at its prompt. */
  readonly prompt?: boolean | undefined;
  /** Milliseconds; for ever where absent. */
  readonly timeoutMs?: number | undefined;
}

/** What a wait came to. */
export interface WaitResult {
  /** `ended`: the session was over before. */
  readonly reason: "text" | "idle" | "exit" | "prompt" | "timeout" | "ended";
  /** Of `text`: what matched, at most 4 KB. */
  readonly match?: string | undefined;
  readonly exitStatus?: number | undefined;
}

/** A command that was typed into a session, and ended. */
export interface RunResult {
  readonly line: string;
  /** Undefined where the shell does not tell. */
  readonly exitStatus: number | undefined;
  /** Nanoseconds. */
  readonly durationNs: number;
  /** What it printed as plain text, at most 1 MB, and whether that is all. */
  readonly output: string;
  readonly isCut: boolean;
}

/** How to go on with a session that is over. */
export interface ResumeOptions {
  /** The command that was running is started again. */
  readonly rerun?: boolean | undefined;
  /** Cells; as it was by default. */
  readonly cols?: number | undefined;
  readonly rows?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A point that a session can be resumed from. */
export interface CheckpointInfo {
  /** Counts from 1 in each session. */
  readonly number: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** `interval`, `command`, `cwd`, `state`, `signal`, `exit`, `asked`. */
  readonly reason: string;
  readonly recordingId: string;
  /** Nanoseconds in the recording, and events before it. */
  readonly timeNs: number;
  readonly events: number;
  readonly cwd?: string | undefined;
  /** The command that was running. */
  readonly commandLine?: string | undefined;
  /** It cannot be read; the one before it is used. */
  readonly isDamaged: boolean;
}

/** How to pass a session on. */
export interface HandoffOptions {
  readonly context?: JsonObject | undefined;
  readonly purpose?: string | undefined;
  /** The same terminal with a new owner: nothing ends. */
  readonly isLive?: boolean | undefined;
  /** The old session's terminal is left as it is; else it ends once the new one's lives. */
  readonly staysOpen?: boolean | undefined;
  /** How the new session is started; its parent, agent and folder are given. Not with `isLive`. */
  readonly config?: NewSessionConfig | undefined;
}

/** A session in its line of descent. */
export interface LineageEntry {
  readonly id: string;
  readonly name: string;
  readonly agent: string | undefined;
  readonly status: SessionInfo["status"];
  readonly purpose: string | undefined;
  /** Steps from the first of the line, 0 for that one. */
  readonly depth: number;
  readonly parent: string | undefined;
  /** Agents that had it before, by live handoffs, the oldest first. */
  readonly formerAgents?: readonly string[] | undefined;
}

/** Sessions that belong to agents, counted. */
export interface AgentStats {
  readonly total: number;
  readonly active: number;
  readonly handedOff: number;
  readonly completed: number;
  readonly failed: number;
  /** Nanoseconds from start to end, of those that are over. */
  readonly durations: { readonly totalNs: number; readonly meanNs: number; readonly longestNs: number };
}

/** What became of a piece of work and all that came of it. */
export interface SessionSummary {
  readonly completed: readonly LineageEntry[];
  readonly current: readonly LineageEntry[];
  readonly failed: readonly LineageEntry[];
  /** Paths in the worktree, sorted. */
  readonly filesChanged: readonly string[];
}

/** What the manager itself is doing. */
export interface ManagerStats {
  readonly pid: number;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly sessions: number;
  readonly clients: number;
  readonly holders: readonly { readonly pid: number; readonly sessions: number }[];
  /** What is wrong, in words: a disk that is full, a holder that does not answer. */
  readonly problems?: readonly string[] | undefined;
}

/** What a session uses right now. */
export interface SessionUsage {
  readonly id: string;
  readonly name: string;
  /** Of all its processes together: percent of one core, bytes, number. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly processes: number;
  /** Bytes a second that it printed of late, and in all. */
  readonly outputRate: number;
  readonly outputBytes: number;
  readonly clients: number;
  /** ISO 8601. */
  readonly lastOutputAt: string | undefined;
}

/** Where a value is kept. */
export interface StatePlace {
  readonly scope?: SessionStateScope | undefined;
  /** Of the scopes session and temp. */
  readonly session?: SessionReference | undefined;
}

/**
 * Sessions and their terminals. Every method of a manager rejects with a T2aError: SessionError by what it says, else the store's;
 * `T2A_SESSION_NOT_FOUND` where a reference means nothing, UsageError where it means several, `T2A_SESSION_OVER` where a method is of live
 * sessions alone and the terminal is gone.
 */
export interface SessionTerminals {
  createSession(config?: NewSessionConfig): Promise<SessionInfo>;
  getSession(reference: SessionReference): Promise<SessionInfo>;
  /** Live ones first, then the newest. */
  listSessions(filter?: SessionListFilter): Promise<readonly SessionInfo[]>;
  /** Those whose terminal lives. */
  listActive(): Promise<readonly SessionInfo[]>;
  /** Into the trash. @throws SessionError `T2A_SESSION_LIVE` while its terminal lives. */
  deleteSession(reference: SessionReference): Promise<void>;
  renameSession(reference: SessionReference, name: string): Promise<SessionInfo>;

  /** Goes on recording after `stopRecording`. Nothing where it goes on already. */
  startRecording(reference: SessionReference): Promise<SessionInfo>;
  /** Pauses recording: the terminal goes on. */
  stopRecording(reference: SessionReference): Promise<SessionInfo>;
  mark(reference: SessionReference, label: string): Promise<void>;

  attach(reference: SessionReference, options: AttachOptions): Promise<Attachment>;
  listClients(reference: SessionReference): Promise<readonly ClientInfo[]>;
  /** Ends one attachment, or all where no client is named. */
  detachClients(reference: SessionReference, clientId?: string): Promise<void>;
  /** Gives a client the keyboard, or takes it. */
  setKeyboard(reference: SessionReference, clientId: string, hasKeyboard: boolean): Promise<void>;

  /** Types bytes. `who`: for the audit log. */
  send(reference: SessionReference, bytes: Uint8Array, who?: string): Promise<void>;
  resize(reference: SessionReference, size: { readonly cols: number; readonly rows: number }): Promise<SessionInfo>;
  /** Of a session that is over: its last. */
  screen(reference: SessionReference): Promise<SessionScreen>;
  /**
   * The rows that scrolled off the screen, the last so many of them (10,000 by default and at most), read from all recordings of the
   * session. What was printed while nothing was recorded is not in it.
   */
  scrollback(reference: SessionReference, lines?: number, signal?: AbortSignal): Promise<Scrollback>;
  wait(reference: SessionReference, conditions: WaitConditions, signal?: AbortSignal): Promise<WaitResult>;
  /** Types a line and waits for its end. @throws SessionError `T2A_SESSION_BUSY` where the shell is not at its prompt. */
  runCommand(reference: SessionReference, line: string, signal?: AbortSignal): Promise<RunResult>;
  /** Sends a signal (SIGHUP by default), and SIGKILL to what is left after 5 s. Comes back when the session is over. */
  killSession(reference: SessionReference, signal?: string): Promise<SessionInfo>;
  /** What live sessions use right now. */
  usage(): Promise<readonly SessionUsage[]>;
}

/** Points that sessions can be resumed from, and resuming them. */
export interface SessionCheckpoints {
  /** Newest first. */
  listCheckpoints(reference: SessionReference): Promise<readonly CheckpointInfo[]>;
  checkpoint(reference: SessionReference): Promise<CheckpointInfo>;
  /** Absent: the last that ended badly. @throws SessionError `T2A_SESSION_LIVE`. */
  resume(reference: SessionReference | undefined, options?: ResumeOptions): Promise<SessionInfo>;
  /** As `resume`, of a session that is in the library alone. */
  restore(reference: SessionReference, options?: ResumeOptions): Promise<SessionInfo>;
}

/** Sessions that belong to agents. */
export interface SessionAgents {
  spawnAgentSession(
    agent: string,
    purpose: string,
    context?: JsonObject,
    config?: NewSessionConfig,
  ): Promise<SessionInfo>;
  /** Gives the new session; of a live handoff the same one. @throws SessionError `T2A_SESSION_TRANSITION`. */
  handoff(reference: SessionReference, agent: string, options?: HandoffOptions): Promise<SessionInfo>;
  /** From the first of its line on, children behind their parents. */
  getLineage(reference: SessionReference): Promise<readonly LineageEntry[]>;
  /** Of one that completed by itself it adds the result, once. @throws SessionError `T2A_SESSION_TRANSITION`. */
  completeSession(reference: SessionReference, result?: JsonValue): Promise<SessionInfo>;
  /** Of one that failed by itself it adds the error, once. @throws SessionError `T2A_SESSION_TRANSITION`. */
  failSession(reference: SessionReference, error: string): Promise<SessionInfo>;
  agentStats(): Promise<AgentStats>;
  summary(reference: SessionReference): Promise<SessionSummary>;
}

/** State by scope. Values are JSON, given frozen; a change is a new object. */
export interface SessionStates {
  /** `fallback` where there is none. */
  getState(
    key: string,
    place?: StatePlace & { readonly fallback?: JsonValue | undefined },
  ): Promise<JsonValue | undefined>;
  /** Nobody's change is lost: who changes another key of the scope at the same time keeps it. */
  setState(key: string, value: JsonValue, place?: StatePlace): Promise<void>;
  /** Gives whether there was one. */
  deleteState(key: string, place?: StatePlace): Promise<boolean>;
  listState(place?: StatePlace): Promise<JsonObject>;
}

/** Sessions, live and past. One instance a store and process. */
export interface SessionManager extends SessionTerminals, SessionCheckpoints, SessionAgents, SessionStates {
  stats(): Promise<ManagerStats>;
  /** Lets go of connections; sessions live on. Idempotent. */
  close(): Promise<void>;
}

/** Rows that scrolled off a session's screen, the oldest first. */
export interface Scrollback {
  /** One string a row, without blanks at its end. */
  readonly lines: readonly string[];
  /** The same with their colours, as a terminal takes them. */
  readonly styled: readonly string[];
}

/** A session's screen. */
export interface SessionScreen {
  readonly cols: number;
  readonly rows: number;
  /** One string a row, without blanks at its end. */
  readonly lines: readonly string[];
  /** From 0. */
  readonly cursor: { readonly col: number; readonly row: number; readonly isVisible: boolean };
  readonly title: string;
  /** For a fresh terminal of that size. */
  readonly dump: Uint8Array;
}
