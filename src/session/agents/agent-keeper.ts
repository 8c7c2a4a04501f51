// Sessions that belong to agents: started, passed on, brought to an end and counted. Who may do what is decided by one save of a session's
// document, so of any number that want to pass it on one does; what was begun and not ended is found again by its order.
import { rmSync, statSync } from "node:fs";
import { ulid } from "ulid";
import { SessionError, StoreError, UsageError } from "../../core/index.js";
import type { Library } from "../../library/kept.js";
import type { Session } from "../../store/index.js";
import type { TerminalKeeper } from "../manager/terminal-keeper.js";
import type { JsonObject, JsonValue, SessionInfo } from "../session-info.js";
import type {
  AgentStats,
  HandoffOptions,
  LineageEntry,
  NewSessionConfig,
  SessionAgents,
  SessionReference,
  SessionSummary,
  SessionTerminals,
} from "../session-manager.js";
import { sessionWords } from "../session-words.js";
import { type AgentContext, checkAgentName, checkJson, checkPurpose, parseAgentContext } from "./agent-context.js";
import { agentFiles } from "./agent-files.js";
import { type AgentOrder, AgentOrders, type HeldOrder } from "./agent-orders.js";
import { type AgentOutcome, addOutcome, withOutcome } from "./agent-outcome.js";
import { agentRecord, MAX_CHANGED_FILES, withAgentRecord } from "./agent-record.js";
import { checkTransition } from "./agent-transitions.js";
import { makeBundle, writeBundle, writeContext } from "./handoff-bundle.js";
import { findLineage, lineageEntries } from "./lineage.js";
import { writeSessionLog } from "./session-log.js";
import { findBaseCommit, worktreeChanges } from "./worktree-changes.js";

/** What an {@link AgentKeeper} needs of the terminals' keeper. */
export type AgentTerminals = Pick<
  TerminalKeeper,
  "startSession" | "findLive" | "resolve" | "toInfo" | "updateDocument" | "dataFolder" | "on"
> &
  Pick<SessionTerminals, "killSession" | "screen">;

/** What agents' sessions have to tell, for hooks. */
export type AgentTold =
  | { readonly kind: "start"; readonly session: SessionInfo }
  | { readonly kind: "end"; readonly session: SessionInfo }
  | { readonly kind: "handoff"; readonly session: SessionInfo; readonly from: SessionInfo };

/** What an {@link AgentKeeper} works with. */
export interface AgentKeeperOptions {
  /** Open; whoever opened it closes it. */
  readonly library: Library;
  /** Open. */
  readonly terminals: AgentTerminals;
  /** Where orders are noted: a folder of the user's own, on this machine. */
  readonly ordersFolder: string;
  /** The environment that git is asked in. */
  readonly env: Readonly<Record<string, string>>;
  /** Told of what happens; what it throws is a problem, and changes nothing. */
  readonly onTold?: ((told: AgentTold) => void) | undefined;
  /** What failed where nobody waits for it: for the log. */
  readonly onProblem?: ((problem: unknown, about: string) => void) | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** For tests: each step of an order, once it is done. */
  readonly onStep?: ((step: AgentStep) => void | Promise<void>) | undefined;
}

/** The steps of an order, in their order. */
export const AGENT_STEPS = ["noted", "decided", "bundled", "written", "started", "told", "ended"] as const;
/** @see AGENT_STEPS */
export type AgentStep = (typeof AGENT_STEPS)[number];

/** Sessions looked at together where all are. */
const PAGE = 500;
/** A live session's custom event that says who has it now. */
export const HANDOFF_CODE = "t2a.handoff";
const MAX_ERROR = 16 * 1024;

/** Sessions that belong to agents. Errors are those of {@link SessionAgents}. */
export class AgentKeeper implements SessionAgents {
  readonly #options: AgentKeeperOptions;
  readonly #terminals: AgentTerminals;
  readonly #orders: AgentOrders;
  readonly #now: () => number;
  readonly #background = new Set<Promise<void>>();
  #stopListening: (() => void) | undefined;

  constructor(options: AgentKeeperOptions) {
    this.#options = options;
    this.#terminals = options.terminals;
    this.#orders = new AgentOrders(options.ordersFolder);
    this.#now = options.now ?? Date.now;
  }

  /** Brings to an end what somebody else did not, and keeps agents' logs from here on. Once, when the terminals are open. */
  async open(): Promise<void> {
    this.#stopListening ??= this.#terminals.on("end", async ({ session }) => {
      if (session.agent !== undefined) await this.#atEnd(session);
    });
    await this.repair();
  }

  /** Brings to an end, or takes back, what somebody began and did not end. What fails is a problem, and left for another time. */
  async repair(): Promise<void> {
    for (const held of this.#orders.abandoned()) {
      try {
        await this.#settle(held.order);
        held.end();
      } catch (error) {
        held.release();
        this.#options.onProblem?.(error, `a ${held.order.kind} that was begun and not ended`);
      }
    }
  }

  async spawnAgentSession(
    agent: string,
    purpose: string,
    context: JsonObject = {},
    config: NewSessionConfig = {},
  ): Promise<SessionInfo> {
    checkAgentName(agent);
    checkPurpose(purpose);
    const checked = parseAgentContext(context);
    await this.repair();
    const parent = config.parent === undefined ? undefined : (await this.#terminals.resolve(config.parent)).id;
    const id = ulid(this.#now());
    const order = this.#orders.begin(id, { kind: "spawn", child: id, ...(parent && { parent }) });
    return await this.#carryOut(order, async () => {
      await this.#step("noted");
      const session = await this.#start({ id, parent, agent, purpose, context: checked, config });
      await this.#step("started");
      order.end();
      this.#tell({ kind: "start", session });
      return session;
    });
  }

  async handoff(reference: SessionReference, agent: string, options: HandoffOptions = {}): Promise<SessionInfo> {
    checkAgentName(agent);
    if (options.purpose !== undefined) checkPurpose(options.purpose);
    if (options.isLive && options.config !== undefined) {
      throw new UsageError("a live handoff passes on the terminal as it is: nothing is started for it");
    }
    await this.repair();
    const from = await this.#terminals.resolve(reference);
    const context = parseAgentContext({ ...from.context, ...options.context });
    return options.isLive
      ? await this.#handOffLive(from, agent, options.purpose ?? from.purpose, context)
      : await this.#handOff(from, agent, context, options);
  }

  async getLineage(reference: SessionReference): Promise<readonly LineageEntry[]> {
    return await lineageEntries(this.#options.library.store, await this.#terminals.resolve(reference));
  }

  async completeSession(reference: SessionReference, result?: JsonValue): Promise<SessionInfo> {
    if (result !== undefined) checkJson(result, "the result");
    return await this.#conclude(reference, "completed", result === undefined ? {} : { result: result as never });
  }

  async failSession(reference: SessionReference, error: string): Promise<SessionInfo> {
    if (error.trim() === "") throw new UsageError("say in words why the session failed");
    return await this.#conclude(reference, "failed", { error: error.slice(0, MAX_ERROR) });
  }

  async agentStats(): Promise<AgentStats> {
    const counts = { active: 0, handed_off: 0, completed: 0, failed: 0, interrupted: 0 };
    let total = 0;
    let over = 0;
    let totalNs = 0;
    let longestNs = 0;
    for await (const session of this.#agentSessions()) {
      total++;
      counts[session.status]++;
      if (session.status === "active") continue;
      const ended = agentRecord(session).endedAt ?? session.lastActivityAt;
      const durationNs = Math.max(0, Date.parse(ended) - Date.parse(session.createdAt)) * 1e6;
      over++;
      totalNs += durationNs;
      longestNs = Math.max(longestNs, durationNs);
    }
    const { active, handed_off: handedOff, completed, failed } = counts;
    const durations = { totalNs, meanNs: over === 0 ? 0 : Math.round(totalNs / over), longestNs };
    return { total, active, handedOff, completed, failed, durations };
  }

  async summary(reference: SessionReference): Promise<SessionSummary> {
    const session = await this.#terminals.resolve(reference);
    const { store } = this.#options.library;
    const entries = await lineageEntries(store, session);
    const sessions = await findLineage(store, session);
    const of = (...statuses: readonly SessionInfo["status"][]) =>
      entries.filter(({ status }) => statuses.includes(status));
    return {
      completed: of("completed", "handed_off"),
      current: of("active", "interrupted"),
      failed: of("failed"),
      filesChanged: await this.#filesChanged(sessions),
    };
  }

  /** Waits for what goes on in background. Idempotent. */
  async close(): Promise<void> {
    this.#stopListening?.();
    this.#stopListening = undefined;
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  async #handOff(
    from: Session,
    agent: string,
    context: AgentContext,
    { purpose = from.purpose, staysOpen = false, config = {} }: HandoffOptions,
  ): Promise<SessionInfo> {
    await this.#checkTransition(from, "handed_off");
    const live = this.#terminals.findLive(from.id);
    const id = ulid(this.#now());
    const order = this.#orders.begin(id, { kind: "handoff", child: id, parent: from.id, staysOpen });
    return await this.#carryOut(order, async () => {
      await this.#step("noted");
      // From here on it is this one's alone: whoever saves second finds it handed off.
      const old = await this.#terminals.updateDocument(from.id, (there) => {
        checkTransition(there, "handed_off");
        const at = new Date(this.#now()).toISOString();
        const children = [...there.children.filter((child) => child !== id), id];
        const changed = { ...there, status: "handed_off" as const, handoffTo: id, children, lastActivityAt: at };
        return withAgentRecord(changed, { endedAt: at });
      });
      await this.#step("decided");
      const cwd = context.worktreePath ?? live?.cwd ?? from.config.cwd;
      const { cols, rows } = live?.facts ?? from.config;
      const bundle = await makeBundle({
        from: old,
        to: { id, name: config.name ?? agent, agent, purpose },
        isLive: false,
        context,
        worktree: cwd,
        screen: async () => await this.#terminals.screen(from.id),
        library: this.#options.library,
        git: this.#options,
        now: this.#now(),
      });
      await this.#step("bundled");
      const size = config.template === undefined ? { cols, rows } : {}; // a template may say one
      const wishes = { ...size, ...(cwd !== undefined && isFolder(cwd) && { cwd }), ...config };
      const session = await this.#start({ id, parent: from.id, agent, purpose, context, config: wishes, bundle });
      await this.#step("started");
      const ended = this.#passedOn(old, { session, agent, staysOpen });
      this.#inBackground(
        ended.then(() => order.end()),
        "the end of a terminal that was handed off",
      );
      const info = this.#terminals.toInfo(old);
      this.#tell({ kind: "handoff", session, from: info });
      this.#tell({ kind: "end", session: info });
      this.#tell({ kind: "start", session });
      return session;
    });
  }

  /** What is left to be done once the new session is there. Comes back when the old terminal is over, where it is to be. */
  async #passedOn(
    old: Session,
    { session, agent, staysOpen }: { readonly session: Session; readonly agent: string; readonly staysOpen: boolean },
  ): Promise<void> {
    const live = this.#terminals.findLive(old.id);
    live?.addCustom(HANDOFF_CODE, { from: old.agent ?? "", to: agent, session: session.id });
    await this.#step("told");
    if (live !== undefined && !staysOpen) await this.#terminals.killSession(old.id, "SIGHUP");
    await this.#step("ended");
  }

  async #handOffLive(
    from: Session,
    agent: string,
    purpose: string | undefined,
    context: AgentContext,
  ): Promise<SessionInfo> {
    await this.#checkTransition(from, "handed_off");
    if (this.#terminals.findLive(from.id) === undefined) {
      throw new SessionError(
        "T2A_SESSION_OVER",
        `the terminal of the session ${sessionWords(from)} is gone: only one that lives is handed on with --live`,
        { details: { id: from.id } },
      );
    }
    const number = (agentRecord(from).liveHandoffs ?? 0) + 1;
    const former = from.agent === undefined ? {} : { from: from.agent };
    const order = this.#orders.begin(ulid(this.#now()), {
      kind: "live",
      parent: from.id,
      number,
      to: agent,
      ...former,
    });
    return await this.#carryOut(order, async () => {
      await this.#step("noted");
      await this.#terminals.updateDocument(from.id, (there) => {
        checkTransition(there, "handed_off");
        const record = agentRecord(there);
        if ((record.liveHandoffs ?? 0) !== number - 1) {
          throw new SessionError(
            "T2A_SESSION_TRANSITION",
            `the session ${sessionWords(from)} was handed on to ${there.agent ?? "somebody"} just now: try again if that is still wanted`,
            { details: { id: from.id, agent: there.agent } },
          );
        }
        const until = new Date(this.#now()).toISOString();
        const owner =
          there.agent === undefined
            ? []
            : [{ name: there.agent, until, ...(there.purpose && { purpose: there.purpose }) }];
        const formerAgents = [...(record.formerAgents ?? []), ...owner];
        const { purpose: _, ...rest } = there;
        const changed = { ...rest, agent, ...(purpose !== undefined && { purpose }), context: context as never };
        return withAgentRecord(changed, { liveHandoffs: number, ...(formerAgents.length > 0 && { formerAgents }) });
      });
      await this.#step("decided");
      await this.#finishLive(order.order as AgentOrder & { kind: "live" });
      order.end();
      const session = this.#terminals.toInfo(await this.#terminals.resolve(from.id));
      this.#tell({ kind: "handoff", session, from: this.#terminals.toInfo(from) });
      return session;
    });
  }

  /** The document says who has it: the bundle, the context and the event follow. Can be done again. */
  async #finishLive({ parent: id, number, from, to }: AgentOrder & { kind: "live" }): Promise<void> {
    const session = await this.#options.library.store.find(id);
    const live = this.#terminals.findLive(id);
    // Where it is over, or somebody else has it by now, nobody waits for any of this.
    if (session === undefined || live === undefined || agentRecord(session).liveHandoffs !== number) return;
    const context = parseAgentContext(session.context ?? {});
    const former = agentRecord(session).formerAgents?.at(-1);
    const { agent: _, purpose: __, ...rest } = session;
    const bundle = await makeBundle({
      from: {
        ...rest,
        ...(from !== undefined && { agent: from }),
        ...(former?.purpose && { purpose: former.purpose }),
      },
      to: { id, name: session.name, agent: to, purpose: session.purpose },
      isLive: true,
      context,
      worktree: context.worktreePath ?? live.cwd ?? session.config.cwd,
      screen: async () => await this.#terminals.screen(id),
      library: this.#options.library,
      git: this.#options,
      now: this.#now(),
    });
    await this.#step("bundled");
    const files = agentFiles(this.#terminals.dataFolder(id, { isMade: true }));
    writeBundle(files, bundle);
    writeContext(files, context, { session: id, agent: to, ...purposeOf(session), handoff: files.bundle });
    await this.#step("written");
    live.addCustom(HANDOFF_CODE, { from: from ?? "", to, session: id, number: String(number) });
    await this.#step("told");
  }

  async #start({
    id,
    parent,
    agent,
    purpose,
    context,
    config,
    bundle,
  }: {
    readonly id: string;
    readonly parent: string | undefined;
    readonly agent: string;
    readonly purpose: string | undefined;
    readonly context: AgentContext;
    readonly config: NewSessionConfig;
    readonly bundle?: Parameters<typeof writeBundle>[1];
  }): Promise<SessionInfo> {
    const { worktreePath } = context;
    const worktree = worktreePath !== undefined && isFolder(worktreePath) ? worktreePath : undefined;
    const cwd = config.cwd ?? worktree;
    const place = worktree ?? cwd;
    const baseCommit = place === undefined ? undefined : await findBaseCommit(place, this.#options);
    const { parent: _, ...wishes } = config;
    return await this.#terminals.startSession(
      { ...wishes, ...(cwd !== undefined && { cwd }) },
      {
        id,
        parent,
        likedName: agent,
        document: {
          agent,
          ...(purpose !== undefined && purpose !== "" && { purpose }),
          context: context as never,
          ...(baseCommit && { state: withAgentRecord({ state: { session: {} } }, { baseCommit }).state }),
        },
        prepare: async ({ name, folder }) => {
          const files = agentFiles(folder);
          if (bundle !== undefined) writeBundle(files, { ...bundle, to: { ...bundle.to, name } });
          writeContext(files, context, {
            session: id,
            agent,
            ...(purpose && { purpose }),
            ...(parent && { parent }),
            ...(bundle && { handoff: files.bundle }),
          });
          await this.#step("written");
          return agentVariables(folder, bundle !== undefined);
        },
      },
    );
  }

  /** Does the work of an order; where that fails it is settled at once, as whoever came next would. */
  async #carryOut<T>(order: HeldOrder, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      try {
        await this.#settle(order.order);
        order.end();
      } catch (problem) {
        order.release(); // for the next command
        this.#options.onProblem?.(problem, `a ${order.order.kind} that failed`);
      }
      throw error;
    }
  }

  /** Brings an order to its end where its session runs, and takes it back where not. Can be done again. */
  async #settle(order: AgentOrder): Promise<void> {
    if (order.kind === "live") return await this.#finishLive(order);
    const { child, parent } = order;
    const session = await this.#findStarted(child);
    if (session === undefined) return await this.#takeBack(order);
    if (parent !== undefined) {
      await this.#changeParent(parent, (there) => {
        const children = there.children.includes(child) ? there.children : [...there.children, child];
        if (order.kind === "spawn" || there.status !== "active") {
          return children === there.children ? there : { ...there, children };
        }
        return { ...there, children, status: "handed_off", handoffTo: child };
      });
    }
    if (order.kind === "spawn" || parent === undefined) return;
    const old = await this.#options.library.store.find(parent);
    if (old === undefined) return;
    await this.#passedOn(old, { session, agent: session.agent ?? "", staysOpen: order.staysOpen });
  }

  /** The session where its program was ever started. */
  async #findStarted(id: string): Promise<Session | undefined> {
    const { store, spool } = this.#options.library;
    const live = this.#terminals.findLive(id);
    const session = (await store.find(id)) ?? live?.session;
    if (session === undefined || live !== undefined || session.recordings.length > 0) return session;
    return spool.recordingsOf(id).length > 0 ? session : undefined;
  }

  async #takeBack(order: AgentOrder & { readonly child: string }): Promise<void> {
    const { child, parent } = order;
    if (parent !== undefined) {
      await this.#changeParent(parent, (there) => {
        const children = there.children.filter((id) => id !== child);
        if (there.status !== "handed_off" || there.handoffTo !== child) {
          return children.length === there.children.length ? there : { ...there, children };
        }
        const { handoffTo: _, ...rest } = there;
        return withAgentRecord({ ...rest, children, status: this.#statusBefore(there) }, { endedAt: undefined });
      });
    }
    const { store } = this.#options.library;
    if ((await store.find(child)) !== undefined) await store.remove(child);
    rmSync(this.#terminals.dataFolder(child), { recursive: true, force: true });
  }

  /** What a session is that was not handed off after all. */
  #statusBefore({ id, exitStatus }: Session): Session["status"] {
    if (this.#terminals.findLive(id) !== undefined) return "active";
    return exitStatus === undefined ? "interrupted" : exitStatus === 0 ? "completed" : "failed";
  }

  /** A parent that is not there any more needs no change. */
  async #changeParent(id: string, change: (session: Session) => Session): Promise<void> {
    try {
      await this.#terminals.updateDocument(id, change);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "T2A_STORE_NOT_FOUND") throw error;
    }
  }

  async #conclude(
    reference: SessionReference,
    status: "completed" | "failed",
    outcome: AgentOutcome,
  ): Promise<SessionInfo> {
    await this.repair();
    const session = await this.#terminals.resolve(reference);
    if (session.status !== status) await this.#checkTransition(session, status);
    const filesChanged = session.status === status ? undefined : await this.#changedOf(session);
    let isEnd = false;
    const saved = await this.#terminals.updateDocument(session.id, (there) => {
      isEnd = there.status !== status;
      // Its program was first: what came of it is said afterwards.
      if (!isEnd) return addOutcome(there, outcome);
      checkTransition(there, status);
      const at = new Date(this.#now()).toISOString();
      const changed = withOutcome({ ...there, status, lastActivityAt: at }, outcome);
      return withAgentRecord(changed, { endedAt: at, ...(filesChanged && { filesChanged }) });
    });
    const info = this.#terminals.toInfo(saved);
    if (isEnd) this.#tell({ kind: "end", session: info });
    return info;
  }

  /** As {@link checkTransition}, with the name of who has the work. */
  async #checkTransition(session: Session, to: Session["status"]): Promise<void> {
    const { status, handoffTo } = session;
    const isHandedOff = status === "handed_off" && handoffTo !== undefined;
    checkTransition(session, to, isHandedOff ? await this.#options.library.store.find(handoffTo) : undefined);
  }

  /** An agent's terminal is over: what it changed is noted, and its log is written. */
  async #atEnd(session: Session): Promise<void> {
    const { id } = session;
    const wasOpen = agentRecord(session).endedAt === undefined;
    const filesChanged = await this.#changedOf(session);
    const saved = await this.#terminals.updateDocument(id, (there) => {
      const { endedAt = there.lastActivityAt } = agentRecord(there);
      return withAgentRecord(there, { endedAt, ...(filesChanged && { filesChanged }) });
    });
    if (wasOpen) this.#tell({ kind: "end", session: this.#terminals.toInfo(saved) });
    const { log } = agentFiles(this.#terminals.dataFolder(id, { isMade: true }));
    this.#inBackground(writeSessionLog(log, this.#options.library, saved), `the log of the session ${id}`);
  }

  /** Paths that have changed in a session's worktree; undefined where it has none, or none that can be asked. */
  async #changedOf(session: Session): Promise<string[] | undefined> {
    const worktree = worktreeOf(session);
    if (worktree === undefined) return undefined;
    const changes = await worktreeChanges(worktree, agentRecord(session).baseCommit, this.#options);
    return changes.problem === undefined ? changes.files.map(({ path }) => path) : undefined;
  }

  async #filesChanged(sessions: readonly Session[]): Promise<readonly string[]> {
    const paths = new Set(sessions.flatMap((session) => agentRecord(session).filesChanged ?? []));
    // Of each worktree once, against the commit that the first of the line found it at.
    const bases = new Map<string, string | undefined>();
    for (const session of sessions) {
      const worktree = worktreeOf(session);
      if (worktree !== undefined && bases.get(worktree) === undefined) {
        bases.set(worktree, agentRecord(session).baseCommit);
      }
    }
    for (const [worktree, base] of [...bases].slice(0, MAX_WORKTREES)) {
      for (const { path } of (await worktreeChanges(worktree, base, this.#options)).files) paths.add(path);
    }
    return [...paths].sort().slice(0, MAX_CHANGED_FILES);
  }

  async *#agentSessions(): AsyncGenerator<Session> {
    const { index } = this.#options.library.store;
    for (let offset = 0; ; offset += PAGE) {
      const { sessions } = await index.listSessions({ isDeleted: false, isAscending: true, offset, limit: PAGE });
      for (const session of sessions) if (session.agent !== undefined) yield session;
      if (sessions.length < PAGE) return;
    }
  }

  async #step(step: AgentStep): Promise<void> {
    await this.#options.onStep?.(step);
  }

  #tell(told: AgentTold): void {
    try {
      this.#options.onTold?.(told);
    } catch (error) {
      this.#options.onProblem?.(error, "whoever is told of agents' sessions");
    }
  }

  #inBackground(work: Promise<void>, about: string): void {
    const done = work
      .catch((error: unknown) => this.#options.onProblem?.(error, about))
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}

/** Worktrees that one summary looks into. */
const MAX_WORKTREES = 20;

/** Variables that an agent's program has beside all others; also when its session is resumed. */
export function agentVariables(folder: string, hasBundle: boolean): Readonly<Record<string, string>> {
  const { context, bundle } = agentFiles(folder);
  return { T2A_CONTEXT: context, ...(hasBundle && { T2A_HANDOFF: bundle }) };
}

function worktreeOf({ context, config, state }: Session): string | undefined {
  const path = context?.worktreePath;
  if (typeof path === "string") return path;
  return agentRecord({ state }).baseCommit === undefined ? undefined : config.cwd;
}

function purposeOf({ purpose }: Pick<Session, "purpose">): { readonly purpose?: string } {
  return purpose === undefined ? {} : { purpose };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
