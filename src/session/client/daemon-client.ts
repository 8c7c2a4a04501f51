// Sessions as the daemon has them: asks it over its socket. Loads nothing but HTTP until a terminal is attached.

import { SessionError } from "../../core/index.js";
import type { JsonObject, JsonValue, SessionInfo } from "../session-info.js";
import type {
  AgentStats,
  Attachment,
  AttachOptions,
  CheckpointInfo,
  ClientInfo,
  HandoffOptions,
  LineageEntry,
  NewSessionConfig,
  ResumeOptions,
  RunResult,
  Scrollback,
  SessionListFilter,
  SessionManager,
  SessionReference,
  SessionScreen,
  SessionSummary,
  SessionUsage,
  StatePlace,
  WaitConditions,
  WaitResult,
} from "../session-manager.js";
import type { DaemonAttachment } from "./daemon-attachment.js";
import { type ConnectionOptions, DaemonConnection, type DaemonRequest } from "./daemon-connection.js";
import { type DaemonAbout, MAX_INPUT, MAX_REFERENCE, type StopMode } from "./daemon-protocol.js";
import { freeze } from "./freeze.js";

/** How the daemon is reached. */
export interface DaemonClientOptions extends ConnectionOptions {
  /** How long attachments wait for a daemon that is gone, milliseconds; 30 s by default. */
  readonly reconnectMs?: number | undefined;
}

const RECONNECT_MS = 30_000;

/**
 * Sessions through the daemon. Connects when it is asked something; whoever makes it closes it, which ends its attachments and no session.
 * Rejects with the errors that the daemon's own manager rejects with, and with SessionError `T2A_DAEMON` where it cannot be reached,
 * `T2A_DAEMON_VERSION` where it speaks another version.
 */
export class DaemonClient implements SessionManager {
  readonly #connection: DaemonConnection;
  readonly #reconnectMs: number;
  readonly #attachments = new Set<DaemonAttachment>();

  constructor(options: DaemonClientOptions) {
    this.#connection = new DaemonConnection(options);
    this.#reconnectMs = options.reconnectMs ?? RECONNECT_MS;
  }

  async createSession(config: NewSessionConfig = {}): Promise<SessionInfo> {
    return await this.#post("/sessions", config);
  }

  async getSession(reference: SessionReference): Promise<SessionInfo> {
    return await this.#get(session(reference));
  }

  async listSessions(filter: SessionListFilter = {}): Promise<readonly SessionInfo[]> {
    const { sessions } = await this.#get<{ sessions: SessionInfo[] }>(withQuery("/sessions", { ...filter }));
    return sessions;
  }

  async listActive(): Promise<readonly SessionInfo[]> {
    return await this.listSessions({ isLive: true });
  }

  async deleteSession(reference: SessionReference): Promise<void> {
    await this.#ask({ method: "DELETE", path: session(reference) });
  }

  async renameSession(reference: SessionReference, name: string): Promise<SessionInfo> {
    return await this.#ask({ method: "PATCH", path: session(reference), body: { name } });
  }

  async startRecording(reference: SessionReference): Promise<SessionInfo> {
    return await this.#post(`${session(reference)}/recording/start`);
  }

  async stopRecording(reference: SessionReference): Promise<SessionInfo> {
    return await this.#post(`${session(reference)}/recording/stop`);
  }

  async mark(reference: SessionReference, label: string): Promise<void> {
    await this.#post(`${session(reference)}/markers`, { label });
  }

  async attach(reference: SessionReference, options: AttachOptions): Promise<Attachment> {
    const { DaemonAttachment: Attached } = await import("./daemon-attachment.js");
    // A path of a URL has no segments of dots.
    const known = /^\.{1,2}$/.test(reference) ? (await this.getSession(reference)).id : checked(reference);
    const attachment = await Attached.open(known, options, {
      connection: this.#connection,
      reconnectMs: this.#reconnectMs,
      getSession: (id) => this.getSession(id),
      onEnd: () => this.#attachments.delete(attachment),
    });
    this.#attachments.add(attachment);
    if (this.#connection.isClosed) attachment.close();
    return attachment;
  }

  async listClients(reference: SessionReference): Promise<readonly ClientInfo[]> {
    return (await this.#get<{ clients: ClientInfo[] }>(`${session(reference)}/clients`)).clients;
  }

  async detachClients(reference: SessionReference, clientId?: string): Promise<void> {
    const client = clientId === undefined ? "" : `/${segment(clientId)}`;
    await this.#ask({ method: "DELETE", path: `${session(reference)}/clients${client}` });
  }

  async setKeyboard(reference: SessionReference, clientId: string, hasKeyboard: boolean): Promise<void> {
    const path = `${session(reference)}/clients/${segment(clientId)}/keyboard`;
    await this.#ask({ method: "PUT", path, body: { hasKeyboard } });
  }

  async send(reference: SessionReference, bytes: Uint8Array, who?: string): Promise<void> {
    const path = `${session(reference)}/input`;
    for (let at = 0; at === 0 || at < bytes.length; at += MAX_INPUT) {
      const part = bytes.subarray(at, at + MAX_INPUT);
      const data = Buffer.from(part.buffer, part.byteOffset, part.length).toString("base64");
      await this.#post(path, { data, who });
    }
  }

  async resize(
    reference: SessionReference,
    { cols, rows }: { readonly cols: number; readonly rows: number },
  ): Promise<SessionInfo> {
    return await this.#ask({ method: "PUT", path: `${session(reference)}/size`, body: { cols, rows } });
  }

  async screen(reference: SessionReference): Promise<SessionScreen> {
    const { dump, ...screen } = await this.#get<Omit<SessionScreen, "dump"> & { dump: string }>(
      `${session(reference)}/screen`,
    );
    return { ...screen, dump: Buffer.from(dump, "base64") };
  }

  async scrollback(reference: SessionReference, lines?: number, signal?: AbortSignal): Promise<Scrollback> {
    const path = withQuery(`${session(reference)}/scrollback`, { lines });
    return await this.#ask({ method: "GET", path, isLong: true, isRepeatable: true, signal });
  }

  async wait(reference: SessionReference, conditions: WaitConditions, signal?: AbortSignal): Promise<WaitResult> {
    // Asked again where the daemon was restarted: what came true meanwhile is on the screen.
    return await this.#post(`${session(reference)}/wait`, conditions, { isLong: true, isRepeatable: true, signal });
  }

  async runCommand(reference: SessionReference, line: string, signal?: AbortSignal): Promise<RunResult> {
    return await this.#post(`${session(reference)}/commands`, { line }, { isLong: true, signal });
  }

  async killSession(reference: SessionReference, signal?: string): Promise<SessionInfo> {
    return await this.#post(`${session(reference)}/kill`, { signal });
  }

  async usage(): Promise<readonly SessionUsage[]> {
    return (await this.#get<{ sessions: SessionUsage[] }>("/usage")).sessions;
  }

  async listCheckpoints(reference: SessionReference): Promise<readonly CheckpointInfo[]> {
    return (await this.#get<{ checkpoints: CheckpointInfo[] }>(`${session(reference)}/checkpoints`)).checkpoints;
  }

  async checkpoint(reference: SessionReference): Promise<CheckpointInfo> {
    return await this.#post(`${session(reference)}/checkpoints`);
  }

  async resume(reference: SessionReference | undefined, options: ResumeOptions = {}): Promise<SessionInfo> {
    return await this.#post(reference === undefined ? "/resume" : `${session(reference)}/resume`, options, LONG);
  }

  async restore(reference: SessionReference, options: ResumeOptions = {}): Promise<SessionInfo> {
    return await this.#post(`${session(reference)}/restore`, options, LONG);
  }

  async spawnAgentSession(
    agent: string,
    purpose: string,
    context?: JsonObject,
    config?: NewSessionConfig,
  ): Promise<SessionInfo> {
    return await this.#post("/agents/sessions", { agent, purpose, context, config });
  }

  async handoff(reference: SessionReference, agent: string, options: HandoffOptions = {}): Promise<SessionInfo> {
    return await this.#post(`${session(reference)}/handoff`, { agent, ...options }, LONG);
  }

  async getLineage(reference: SessionReference): Promise<readonly LineageEntry[]> {
    return (await this.#get<{ lineage: LineageEntry[] }>(`${session(reference)}/lineage`)).lineage;
  }

  async completeSession(reference: SessionReference, result?: JsonValue): Promise<SessionInfo> {
    return await this.#post(`${session(reference)}/complete`, { result });
  }

  async failSession(reference: SessionReference, error: string): Promise<SessionInfo> {
    return await this.#post(`${session(reference)}/fail`, { error });
  }

  async agentStats(): Promise<AgentStats> {
    return await this.#get("/agents/stats");
  }

  async summary(reference: SessionReference): Promise<SessionSummary> {
    return await this.#get(`${session(reference)}/summary`);
  }

  async getState(
    key: string,
    { fallback, ...place }: StatePlace & { readonly fallback?: JsonValue | undefined } = {},
  ): Promise<JsonValue | undefined> {
    const { value } = await this.#get<{ value?: JsonValue }>(withQuery(`/state/${segment(key)}`, { ...place }));
    return value === undefined ? fallback : freeze(value);
  }

  async setState(key: string, value: JsonValue, place: StatePlace = {}): Promise<void> {
    await this.#ask({ method: "PUT", path: withQuery(`/state/${segment(key)}`, { ...place }), body: { value } });
  }

  async deleteState(key: string, place: StatePlace = {}): Promise<boolean> {
    const path = withQuery(`/state/${segment(key)}`, { ...place });
    return (await this.#ask<{ wasSet: boolean }>({ method: "DELETE", path })).wasSet;
  }

  async listState(place: StatePlace = {}): Promise<JsonObject> {
    return freeze((await this.#get<{ values: JsonObject }>(withQuery("/state", { ...place }))).values);
  }

  /** What the daemon is doing, and what it is. */
  async stats(): Promise<DaemonAbout> {
    return await this.#get("/daemon");
  }

  /**
   * Ends the daemon: comes back when it has begun to. By default it refuses while sessions live.
   * @throws SessionError `T2A_SESSION_LIVE` with `details.sessions`, their number.
   */
  async stopDaemon(sessions: StopMode = "refuse"): Promise<void> {
    await this.#post("/daemon/stop", { sessions }, { isLong: sessions === "end" });
  }

  async close(): Promise<void> {
    this.#connection.close();
    for (const attachment of [...this.#attachments]) attachment.close();
  }

  async #get<T>(path: string): Promise<T> {
    return await this.#ask({ method: "GET", path, isRepeatable: true });
  }

  async #post<T>(path: string, body: unknown = {}, more: Partial<DaemonRequest> = {}): Promise<T> {
    return await this.#ask({ method: "POST", path, body, ...more });
  }

  /** The daemon is the user's own, of a version that is understood: what it answers is taken to be what was asked for. */
  async #ask<T>(asked: DaemonRequest): Promise<T> {
    return (await this.#connection.ask({ ...asked, path: `/v1${asked.path}` })) as T;
  }
}

/** It reads recordings, or waits for processes. */
const LONG: Partial<DaemonRequest> = { isLong: true };

function session(reference: SessionReference): string {
  return `/sessions/${segment(checked(reference))}`;
}

/** @throws SessionError `T2A_SESSION_NOT_FOUND`. */
function checked(reference: SessionReference): SessionReference {
  if (reference !== "" && reference.length <= MAX_REFERENCE) return reference;
  throw new SessionError("T2A_SESSION_NOT_FOUND", "no session has that name: t2a session ls shows what there is", {
    details: { reference: reference.slice(0, 100) },
  });
}

/** Any text as a segment of a path. */
function segment(text: string): string {
  return encodeURIComponent(Buffer.from(text, "utf8").toString("utf8")); // halves of surrogate pairs are no text
}

function withQuery(path: string, values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? path : `${path}?${query}`;
}
