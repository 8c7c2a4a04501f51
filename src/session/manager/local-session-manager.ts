// The manager of sessions that the daemon has: everything that can be asked of one, put together from those who know a part each.
import type { HolderPool } from "../holder/held-session.js";
import type { JsonObject, JsonValue, SessionInfo } from "../session-info.js";
import type {
  AgentStats,
  Attachment,
  AttachOptions,
  CheckpointInfo,
  ClientInfo,
  HandoffOptions,
  LineageEntry,
  ManagerStats,
  NewSessionConfig,
  ResumeOptions,
  RunResult,
  Scrollback,
  SessionAgents,
  SessionCheckpoints,
  SessionListFilter,
  SessionManager,
  SessionReference,
  SessionScreen,
  SessionStates,
  SessionSummary,
  SessionTerminals,
  SessionUsage,
  StatePlace,
  WaitConditions,
  WaitResult,
} from "../session-manager.js";

/** A part that is to be closed, where it has to be. */
type Closable<T> = T & { close?(): Promise<void> };

/** What a manager is put together from. */
export interface LocalSessionManagerParts {
  readonly terminals: Closable<SessionTerminals>;
  readonly checkpoints: Closable<SessionCheckpoints>;
  readonly agents: Closable<SessionAgents>;
  readonly states: Closable<SessionStates>;
  readonly pool: Pick<HolderPool, "holders">;
  /** What is wrong just now, in words. */
  readonly findProblems?: (() => readonly string[]) | undefined;
  /** t2a's. */
  readonly version: string;
  /** Closed last of all, in this order: the library. */
  readonly others?: readonly { close(): Promise<void> }[] | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** Sessions of this machine and user, in the process of the daemon. */
export class LocalSessionManager implements SessionManager {
  readonly #parts: LocalSessionManagerParts;
  readonly #startedAt: string;
  #closing: Promise<void> | undefined;

  constructor(parts: LocalSessionManagerParts) {
    this.#parts = parts;
    this.#startedAt = new Date((parts.now ?? Date.now)()).toISOString();
  }

  /** One that is to belong to an agent is made as `spawnAgentSession` makes it. */
  async createSession(config: NewSessionConfig = {}): Promise<SessionInfo> {
    const { agent, ...others } = config;
    if (agent === undefined) return await this.#parts.terminals.createSession(config);
    return await this.spawnAgentSession(agent.name, agent.purpose ?? "", agent.context, others);
  }

  async getSession(reference: SessionReference): Promise<SessionInfo> {
    return await this.#parts.terminals.getSession(reference);
  }

  async listSessions(filter?: SessionListFilter): Promise<readonly SessionInfo[]> {
    return await this.#parts.terminals.listSessions(filter);
  }

  async listActive(): Promise<readonly SessionInfo[]> {
    return await this.#parts.terminals.listActive();
  }

  async deleteSession(reference: SessionReference): Promise<void> {
    await this.#parts.terminals.deleteSession(reference);
  }

  async renameSession(reference: SessionReference, name: string): Promise<SessionInfo> {
    return await this.#parts.terminals.renameSession(reference, name);
  }

  async startRecording(reference: SessionReference): Promise<SessionInfo> {
    return await this.#parts.terminals.startRecording(reference);
  }

  async stopRecording(reference: SessionReference): Promise<SessionInfo> {
    return await this.#parts.terminals.stopRecording(reference);
  }

  async mark(reference: SessionReference, label: string): Promise<void> {
    await this.#parts.terminals.mark(reference, label);
  }

  async attach(reference: SessionReference, options: AttachOptions): Promise<Attachment> {
    return await this.#parts.terminals.attach(reference, options);
  }

  async listClients(reference: SessionReference): Promise<readonly ClientInfo[]> {
    return await this.#parts.terminals.listClients(reference);
  }

  async detachClients(reference: SessionReference, clientId?: string): Promise<void> {
    await this.#parts.terminals.detachClients(reference, clientId);
  }

  async setKeyboard(reference: SessionReference, clientId: string, hasKeyboard: boolean): Promise<void> {
    await this.#parts.terminals.setKeyboard(reference, clientId, hasKeyboard);
  }

  async send(reference: SessionReference, bytes: Uint8Array, who?: string): Promise<void> {
    await this.#parts.terminals.send(reference, bytes, who);
  }

  async resize(
    reference: SessionReference,
    size: { readonly cols: number; readonly rows: number },
  ): Promise<SessionInfo> {
    return await this.#parts.terminals.resize(reference, size);
  }

  async screen(reference: SessionReference): Promise<SessionScreen> {
    return await this.#parts.terminals.screen(reference);
  }

  async scrollback(reference: SessionReference, lines?: number, signal?: AbortSignal): Promise<Scrollback> {
    return await this.#parts.terminals.scrollback(reference, lines, signal);
  }

  async wait(reference: SessionReference, conditions: WaitConditions, signal?: AbortSignal): Promise<WaitResult> {
    return await this.#parts.terminals.wait(reference, conditions, signal);
  }

  async runCommand(reference: SessionReference, line: string, signal?: AbortSignal): Promise<RunResult> {
    return await this.#parts.terminals.runCommand(reference, line, signal);
  }

  async killSession(reference: SessionReference, signal?: string): Promise<SessionInfo> {
    return await this.#parts.terminals.killSession(reference, signal);
  }

  async usage(): Promise<readonly SessionUsage[]> {
    return await this.#parts.terminals.usage();
  }

  async listCheckpoints(reference: SessionReference): Promise<readonly CheckpointInfo[]> {
    return await this.#parts.checkpoints.listCheckpoints(reference);
  }

  async checkpoint(reference: SessionReference): Promise<CheckpointInfo> {
    return await this.#parts.checkpoints.checkpoint(reference);
  }

  async resume(reference: SessionReference | undefined, options?: ResumeOptions): Promise<SessionInfo> {
    return await this.#parts.checkpoints.resume(reference, options);
  }

  async restore(reference: SessionReference, options?: ResumeOptions): Promise<SessionInfo> {
    return await this.#parts.checkpoints.restore(reference, options);
  }

  async spawnAgentSession(
    agent: string,
    purpose: string,
    context?: JsonObject,
    config?: NewSessionConfig,
  ): Promise<SessionInfo> {
    return await this.#parts.agents.spawnAgentSession(agent, purpose, context, config);
  }

  async handoff(reference: SessionReference, agent: string, options?: HandoffOptions): Promise<SessionInfo> {
    return await this.#parts.agents.handoff(reference, agent, options);
  }

  async getLineage(reference: SessionReference): Promise<readonly LineageEntry[]> {
    return await this.#parts.agents.getLineage(reference);
  }

  async completeSession(reference: SessionReference, result?: JsonValue): Promise<SessionInfo> {
    return await this.#parts.agents.completeSession(reference, result);
  }

  async failSession(reference: SessionReference, error: string): Promise<SessionInfo> {
    return await this.#parts.agents.failSession(reference, error);
  }

  async agentStats(): Promise<AgentStats> {
    return await this.#parts.agents.agentStats();
  }

  async summary(reference: SessionReference): Promise<SessionSummary> {
    return await this.#parts.agents.summary(reference);
  }

  async getState(
    key: string,
    place?: StatePlace & { readonly fallback?: JsonValue | undefined },
  ): Promise<JsonValue | undefined> {
    return await this.#parts.states.getState(key, place);
  }

  async setState(key: string, value: JsonValue, place?: StatePlace): Promise<void> {
    await this.#parts.states.setState(key, value, place);
  }

  async deleteState(key: string, place?: StatePlace): Promise<boolean> {
    return await this.#parts.states.deleteState(key, place);
  }

  async listState(place?: StatePlace): Promise<JsonObject> {
    return await this.#parts.states.listState(place);
  }

  async stats(): Promise<ManagerStats> {
    const live = await this.#parts.terminals.listActive();
    return {
      pid: process.pid,
      version: this.#parts.version,
      startedAt: this.#startedAt,
      sessions: live.length,
      clients: live.reduce((sum, session) => sum + (session.live?.clients ?? 0), 0),
      holders: this.#parts.pool.holders.map(({ pid, sessions }) => ({ pid, sessions })),
      problems: this.#parts.findProblems?.() ?? [],
    };
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Those who listen to terminals first. */
  async #close(): Promise<void> {
    const { agents, checkpoints, states, terminals, others = [] } = this.#parts;
    const problems: unknown[] = [];
    for (const part of new Set([agents, checkpoints, states, terminals, ...others])) {
      try {
        await part.close?.();
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0) throw problems[0];
  }
}
