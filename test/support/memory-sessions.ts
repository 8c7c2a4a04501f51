// Sessions without terminals: the contract of SessionManager in memory, for tests of what carries it. What is typed is shown. Sessions are
// kept in a file where one is named, so that a daemon which was killed finds them again.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { ulid } from "ulid";
import { SessionError, T2aError, UsageError } from "../../src/core/index.js";
import type {
  AgentStats,
  AttachMessage,
  Attachment,
  AttachOptions,
  CheckpointInfo,
  ClientInfo,
  HandoffOptions,
  JsonObject,
  JsonValue,
  LineageEntry,
  ManagerStats,
  NewSessionConfig,
  ResumeOptions,
  RunResult,
  Scrollback,
  SessionInfo,
  SessionListFilter,
  SessionManager,
  SessionScreen,
  SessionSummary,
  SessionUsage,
  StatePlace,
  WaitConditions,
  WaitResult,
} from "../../src/session/index.js";

/** Bytes that wait for a client before the screen takes their place. */
const MAX_QUEUE = 1024 * 1024;

interface Held {
  info: SessionInfo;
  text: string;
  readonly clients: Set<MemoryClient>;
  readonly waits: Set<() => void>;
}

/** @see SessionManager */
export class MemorySessions implements SessionManager {
  /** Every call, in order, as its name and arguments: for tests of what arrives. */
  readonly calls: (readonly [string, ...unknown[]])[] = [];
  /** Waits that are under way, and those that were given up. */
  waiting = 0;
  givenUp = 0;
  readonly #sessions = new Map<string, Held>();
  readonly #state = new Map<string, JsonValue>();
  readonly #file: string | undefined;
  readonly #version: string;
  readonly #startedAt = new Date().toISOString();

  constructor(file?: string, version = "0.1.0") {
    this.#file = file;
    this.#version = version;
    if (file === undefined || !existsSync(file)) return;
    for (const info of JSON.parse(readFileSync(file, "utf8")) as SessionInfo[])
      this.#sessions.set(info.id, { info, text: "", clients: new Set(), waits: new Set() });
  }

  async createSession(config: NewSessionConfig = {}): Promise<SessionInfo> {
    this.calls.push(["createSession", config]);
    const { name, cols = 80, rows = 24 } = config;
    if (name === "taken") throw new SessionError("T2A_SESSION_LIMIT", "no more of that", { details: { name } });
    if (name === "broken") throw new TypeError("a secret of the inside");
    const id = ulid();
    const now = new Date().toISOString();
    const info: SessionInfo = {
      version: 1,
      id,
      revision: `1-${ulid()}`,
      name: name ?? `session-${this.#sessions.size + 1}`,
      status: "active",
      createdAt: now,
      lastActivityAt: now,
      savedAt: now,
      config: { env: {}, cols, rows, ...(config.command === undefined ? {} : { command: config.command }) },
      ...(config.agent === undefined ? {} : { agent: config.agent.name }),
      children: [],
      state: { session: {} },
      recordings: [],
      tags: [...(config.tags ?? [])],
      commandCount: 0,
      stats: { events: {}, outputBytes: 0, inputBytes: 0, durationNs: 0, storedBytes: 0, dropped: 0 },
      live: {
        pid: process.pid,
        holderPid: process.pid,
        cols,
        rows,
        recordingId: id,
        isRecording: true,
        clients: 0,
        outputBytes: 0,
        warnings: [],
      },
    };
    this.#sessions.set(id, { info, text: "", clients: new Set(), waits: new Set() });
    this.#save();
    return info;
  }

  async getSession(reference: string): Promise<SessionInfo> {
    return this.#get(reference).info;
  }

  async listSessions(filter: SessionListFilter = {}): Promise<readonly SessionInfo[]> {
    this.calls.push(["listSessions", filter]);
    const { isLive, agent, tag, pastStatus, limit = 50 } = filter;
    const all = [...this.#sessions.values()].map(({ info }) => info);
    const live = all.filter((info) => info.live !== undefined);
    const isOver = ({ live: facts, status }: SessionInfo) =>
      facts === undefined && (pastStatus === undefined || status === pastStatus);
    const over = all.filter(isOver).slice(0, limit);
    return [...live, ...(isLive ? [] : over)].filter(
      (info) => (agent === undefined || info.agent === agent) && (tag === undefined || info.tags.includes(tag)),
    );
  }

  async listActive(): Promise<readonly SessionInfo[]> {
    return await this.listSessions({ isLive: true });
  }

  async deleteSession(reference: string): Promise<void> {
    const { info } = this.#get(reference);
    if (info.live !== undefined) throw new SessionError("T2A_SESSION_LIVE", `${info.name} lives`);
    this.#sessions.delete(info.id);
    this.#save();
  }

  async renameSession(reference: string, name: string): Promise<SessionInfo> {
    return this.#change(reference, { name });
  }

  async startRecording(reference: string): Promise<SessionInfo> {
    return this.#changeLive(reference, { isRecording: true });
  }

  async stopRecording(reference: string): Promise<SessionInfo> {
    return this.#changeLive(reference, { isRecording: false });
  }

  async mark(reference: string, label: string): Promise<void> {
    this.calls.push(["mark", this.#live(reference).info.id, label]);
  }

  async attach(reference: string, options: AttachOptions): Promise<Attachment> {
    const held = this.#live(reference);
    this.calls.push(["attach", held.info.id, options]);
    const client = new MemoryClient(options, {
      screen: () => screenOf(held),
      type: (bytes) => void this.send(held.info.id, bytes, client.info.label),
      resize: (size) => void this.resize(held.info.id, size),
      leave: () => held.clients.delete(client),
    });
    held.clients.add(client);
    return client;
  }

  async listClients(reference: string): Promise<readonly ClientInfo[]> {
    return [...this.#live(reference).clients].map(({ info }) => info);
  }

  async detachClients(reference: string, clientId?: string): Promise<void> {
    for (const client of this.#live(reference).clients)
      if (clientId === undefined || client.clientId === clientId) client.end({ type: "detached", reason: "taken" });
  }

  async setKeyboard(reference: string, clientId: string, hasKeyboard: boolean): Promise<void> {
    const client = [...this.#live(reference).clients].find((each) => each.clientId === clientId);
    if (client === undefined) throw new SessionError("T2A_SESSION_NOT_FOUND", "there is no such client");
    client.info = { ...client.info, hasKeyboard };
  }

  async send(reference: string, bytes: Uint8Array, who?: string): Promise<void> {
    const held = this.#live(reference);
    this.calls.push(["send", held.info.id, Buffer.from(bytes).toString("latin1"), who]);
    this.print(held.info.id, bytes);
  }

  /** The session's program prints. */
  print(id: string, bytes: Uint8Array): void {
    const held = this.#live(id);
    held.text = (held.text + Buffer.from(bytes).toString("utf8")).slice(-4000);
    for (const client of held.clients) client.tell({ type: "output", data: bytes });
    for (const look of held.waits) look();
  }

  async resize(reference: string, size: { readonly cols: number; readonly rows: number }): Promise<SessionInfo> {
    const info = this.#changeLive(reference, size);
    for (const client of this.#live(info.id).clients) client.tell({ type: "resize", ...size });
    return info;
  }

  async screen(reference: string): Promise<SessionScreen> {
    return screenOf(this.#get(reference));
  }

  async scrollback(reference: string, lines = 10_000): Promise<Scrollback> {
    const { text } = this.#get(reference);
    const rows = Array.from({ length: Math.min(lines, 1000) }, (_, row) => `row ${row} "${text}"`);
    return { lines: rows, styled: rows.map((row) => `\x1b[0;31m${row}\x1b[0m`) };
  }

  async wait(reference: string, conditions: WaitConditions, signal?: AbortSignal): Promise<WaitResult> {
    const held = this.#get(reference);
    this.calls.push(["wait", held.info.id, conditions]);
    if (held.info.live === undefined) return { reason: "ended" };
    const { text, timeoutMs } = conditions;
    if (text?.startsWith("(") && !text.includes(")"))
      throw new UsageError("the pattern is none", { code: "T2A_USAGE" });
    this.waiting++;
    let timer: NodeJS.Timeout | undefined;
    let look = () => {};
    try {
      return await new Promise<WaitResult>((resolve, reject) => {
        look = () => {
          const match = text === undefined ? null : new RegExp(text, "mu").exec(held.text);
          if (match !== null) resolve({ reason: "text", match: match[0] });
          const { exitStatus } = held.info;
          if (held.info.live === undefined)
            resolve({
              reason: conditions.exit ? "exit" : "ended",
              ...(exitStatus === undefined ? {} : { exitStatus }),
            });
        };
        held.waits.add(look);
        if (timeoutMs !== undefined) timer = setTimeout(() => resolve({ reason: "timeout" }), timeoutMs);
        signal?.addEventListener("abort", () => {
          this.givenUp++;
          reject(new T2aError("T2A_ABORTED", "given up"));
        });
        look();
      });
    } finally {
      clearTimeout(timer);
      held.waits.delete(look);
      this.waiting--;
    }
  }

  async runCommand(reference: string, line: string, signal?: AbortSignal): Promise<RunResult> {
    const { info } = this.#live(reference);
    this.calls.push(["runCommand", info.id, line]);
    if (line === "busy") throw new SessionError("T2A_SESSION_BUSY", "it is busy");
    if (line === "forever") await this.wait(info.id, {}, signal);
    return { line, exitStatus: line === "true" ? 0 : undefined, durationNs: 1, output: `${line}\n`, isCut: false };
  }

  async killSession(reference: string, signal = "SIGHUP"): Promise<SessionInfo> {
    const held = this.#live(reference);
    this.calls.push(["killSession", held.info.id, signal]);
    const { live: _, ...document } = held.info;
    held.info = { ...document, status: "failed", exitStatus: 129 };
    for (const client of held.clients) client.end({ type: "exit", exitStatus: 129, signal });
    for (const look of held.waits) look();
    this.#save();
    return held.info;
  }

  async usage(): Promise<readonly SessionUsage[]> {
    return (await this.listActive()).map(({ id, name }) => ({
      id,
      name,
      cpuPercent: 0.5,
      memoryBytes: 1,
      processes: 1,
      outputRate: 0,
      outputBytes: 0,
      clients: 0,
      lastOutputAt: undefined,
    }));
  }

  async listCheckpoints(reference: string): Promise<readonly CheckpointInfo[]> {
    return [await this.checkpoint(reference)];
  }

  async checkpoint(reference: string): Promise<CheckpointInfo> {
    const { id, createdAt } = this.#get(reference).info;
    return { number: 1, createdAt, reason: "asked", recordingId: id, timeNs: 5, events: 2, isDamaged: false };
  }

  async resume(reference: string | undefined, options: ResumeOptions = {}): Promise<SessionInfo> {
    this.calls.push(["resume", reference, options]);
    const id = reference ?? [...this.#sessions.values()].find(({ info }) => info.live === undefined)?.info.id;
    const { info } = this.#get(id ?? "none");
    if (info.live !== undefined) throw new SessionError("T2A_SESSION_LIVE", "it lives");
    return this.#change(info.id, { status: "active" });
  }

  async restore(reference: string, options: ResumeOptions = {}): Promise<SessionInfo> {
    return await this.resume(reference, options);
  }

  async spawnAgentSession(
    agent: string,
    purpose: string,
    context?: JsonObject,
    config?: NewSessionConfig,
  ): Promise<SessionInfo> {
    this.calls.push(["spawnAgentSession", agent, purpose, context, config]);
    return await this.createSession({ ...config, agent: { name: agent, purpose, context } });
  }

  async handoff(reference: string, agent: string, options: HandoffOptions = {}): Promise<SessionInfo> {
    this.calls.push(["handoff", reference, agent, options]);
    const { info } = this.#get(reference);
    if (info.status === "completed") throw new SessionError("T2A_SESSION_TRANSITION", "it is completed");
    return this.#change(reference, { agent });
  }

  async getLineage(reference: string): Promise<readonly LineageEntry[]> {
    const { id, name, agent, status, purpose, parent } = this.#get(reference).info;
    return [{ id, name, agent, status, purpose, depth: 0, parent }];
  }

  async completeSession(reference: string, result?: JsonValue): Promise<SessionInfo> {
    this.calls.push(["completeSession", reference, result]);
    return this.#change(reference, { status: "completed" });
  }

  async failSession(reference: string, error: string): Promise<SessionInfo> {
    return this.#change(reference, { status: "failed", error });
  }

  async agentStats(): Promise<AgentStats> {
    const durations = { totalNs: 6, meanNs: 3, longestNs: 4 };
    return { total: this.#sessions.size, active: 0, handedOff: 0, completed: 0, failed: 0, durations };
  }

  async summary(reference: string): Promise<SessionSummary> {
    return { completed: [], current: await this.getLineage(reference), failed: [], filesChanged: ["a b", "é"] };
  }

  async getState(
    key: string,
    { fallback, ...place }: StatePlace & { readonly fallback?: JsonValue | undefined } = {},
  ): Promise<JsonValue | undefined> {
    const value = this.#state.get(placeKey(key, place));
    return value === undefined ? fallback : value;
  }

  async setState(key: string, value: JsonValue, place: StatePlace = {}): Promise<void> {
    this.#state.set(placeKey(key, place), value);
  }

  async deleteState(key: string, place: StatePlace = {}): Promise<boolean> {
    return this.#state.delete(placeKey(key, place));
  }

  async listState(place: StatePlace = {}): Promise<JsonObject> {
    const prefix = placeKey("", place);
    const entries = [...this.#state].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]));
  }

  async stats(): Promise<ManagerStats> {
    const sessions = (await this.listActive()).length;
    const clients = [...this.#sessions.values()].reduce((sum, held) => sum + held.clients.size, 0);
    const holders = sessions === 0 ? [] : [{ pid: process.pid, sessions }];
    return { pid: process.pid, version: this.#version, startedAt: this.#startedAt, sessions, clients, holders };
  }

  async close(): Promise<void> {
    this.calls.push(["close"]);
  }

  #get(reference: string): Held {
    const all = [...this.#sessions.values()];
    const held =
      reference === "@last"
        ? all.at(-1)
        : all.find(({ info }) => info.id === reference || info.name === reference || info.id.startsWith(reference));
    if (held === undefined)
      throw new SessionError("T2A_SESSION_NOT_FOUND", `no session ${reference}`, { details: { reference } });
    return held;
  }

  #live(reference: string): Held {
    const held = this.#get(reference);
    if (held.info.live === undefined) throw new SessionError("T2A_SESSION_OVER", `${held.info.name} is over`);
    return held;
  }

  #change(reference: string, changes: Partial<SessionInfo>): SessionInfo {
    const held = this.#get(reference);
    held.info = { ...held.info, ...changes };
    for (const client of held.clients) client.tell({ type: "session", session: held.info });
    this.#save();
    return held.info;
  }

  #changeLive(reference: string, changes: Partial<NonNullable<SessionInfo["live"]>>): SessionInfo {
    const { live, id } = this.#live(reference).info;
    return live === undefined ? this.#get(id).info : this.#change(id, { live: { ...live, ...changes } });
  }

  #save(): void {
    if (this.#file === undefined) return;
    writeFileSync(this.#file, JSON.stringify([...this.#sessions.values()].map(({ info }) => info)));
  }
}

function placeKey(key: string, { scope = "session", session = "" }: StatePlace): string {
  return `${scope}\0${session}\0${key}`;
}

function screenOf({ info, text }: Held): SessionScreen {
  const { cols, rows } = info.live ?? info.config;
  const lines = Array.from({ length: rows }, (_, row) => text.split("\n")[row] ?? "");
  const cursor = { col: 0, row: 0, isVisible: true };
  return { cols, rows, lines, cursor, title: "", dump: Buffer.from(text) };
}

interface ClientActs {
  readonly screen: () => SessionScreen;
  readonly type: (bytes: Uint8Array) => void;
  readonly resize: (size: { readonly cols: number; readonly rows: number }) => void;
  readonly leave: () => void;
}

class MemoryClient implements Attachment {
  readonly clientId = ulid();
  info: ClientInfo;
  readonly #acts: ClientActs;
  readonly #queue: AttachMessage[] = [];
  #bytes = 0;
  #isBehind = true;
  #last: AttachMessage | undefined;
  #wake = () => {};

  constructor({ cols, rows, isReadOnly = false, label = "" }: AttachOptions, acts: ClientActs) {
    this.#acts = acts;
    const attachedAt = new Date().toISOString();
    this.info = { clientId: this.clientId, label, cols, rows, isReadOnly, hasKeyboard: !isReadOnly, attachedAt };
  }

  get messages(): AsyncIterable<AttachMessage> {
    return this.#go();
  }

  send(bytes: Uint8Array): void {
    if (this.info.hasKeyboard) this.#acts.type(bytes);
  }

  resize({ cols, rows }: { readonly cols: number; readonly rows: number }): void {
    this.info = { ...this.info, cols, rows };
    this.#acts.resize({ cols, rows });
  }

  async detach(): Promise<void> {
    this.end({ type: "detached", reason: "asked for" });
  }

  end(message: AttachMessage): void {
    this.#last ??= message;
    this.#acts.leave();
    this.#wake();
  }

  tell(message: AttachMessage): void {
    if (this.#isBehind && message.type !== "session") return;
    this.#bytes += message.type === "output" ? message.data.length : 1;
    if (this.#bytes > MAX_QUEUE) {
      this.#isBehind = true;
      this.#queue.length = 0;
      this.#bytes = 0;
    } else this.#queue.push(message);
    this.#wake();
  }

  async *#go(): AsyncGenerator<AttachMessage> {
    for (;;) {
      const message = this.#queue.shift();
      if (message !== undefined) {
        this.#bytes -= message.type === "output" ? message.data.length : 1;
        yield message;
      } else if (this.#isBehind) {
        this.#isBehind = false;
        const { cols, rows, dump } = this.#acts.screen();
        yield { type: "screen", cols, rows, dump };
      } else if (this.#last !== undefined) {
        yield this.#last;
        return;
      } else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
