// All holders of a user, as a daemon has them: those that live are found by their locks, others are started when all are full, and what
// died is cleared away.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SessionError, type T2aError } from "../../core/index.js";
import { tryHoldFile } from "../../files/index.js";
import { prepareRuntimeFolder, type RuntimeFolder } from "../runtime-folder.js";
import type { HolderFrame } from "./frame-codec.js";
import { jsonOf } from "./frame-codec.js";
import type { HeldSession, HolderPool } from "./held-session.js";
import { HolderConnection, isHolderDead } from "./holder-connection.js";
import { type HolderPaths, heldNotes, holderIds, holderPaths, removeHolder } from "./holder-paths.js";
import {
  type HeldSessionFacts,
  type HeldSessionOrder,
  HOLDER_FRAMES,
  type HolderHello,
  type HolderProblem,
} from "./holder-protocol.js";
import { endLeftovers, type LeftProcess } from "./leftovers.js";
import { errorOf, PooledSession } from "./pooled-session.js";
import { type HolderProgram, startHolder } from "./start-holder.js";

/** How to have holders. */
export interface HolderPoolOptions {
  readonly runtime: RuntimeFolder;
  readonly program: HolderProgram;
  /** Sessions in a holder at most. */
  readonly perHolder: number;
  /** t2a's. */
  readonly version: string;
  /** Of holders that are started; sessions bring their own. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** How long a holder waits without a session before it ends, milliseconds (60,000). */
  readonly holderIdleMs?: number | undefined;
  /** How long a holder may take to answer at all, milliseconds (3000): one that takes longer is passed over. */
  readonly answerMs?: number | undefined;
  /** Processes that outlived the terminal that a dead holder had for them. */
  readonly onLeftProcesses?: ((left: readonly LeftProcess[]) => void) | undefined;
  /** Sessions of a holder that did not answer when the pool was opened, and does now. */
  readonly onFound?: ((sessions: readonly HeldSession[]) => void) | undefined;
  /** A holder that cannot be used, or was lost to another daemon. */
  readonly onProblem?: ((error: T2aError) => void) | undefined;
}

/** All holders of a user, and what was wrong with some. */
export interface OpenHolderPool extends HolderPool {
  /** Holders that live and cannot be used: of another version (`T2A_DAEMON_VERSION`), or not answering (`T2A_HOLDER`). */
  readonly problems: readonly T2aError[];
  /** Ends holders that hold nothing, and every other one once it does. */
  endHolders(): void;
}

const DEFAULT_IDLE_MS = 60_000;
const DEFAULT_ANSWER_MS = 3000;
/** Of that time the part within which a holder may come to an order: whoever comes to it later lets it be, and another one is asked. */
const ORDER_PART = 0.7;
const LOOK_MS = 20;
/** How often one that does not answer is tried, milliseconds. */
const RETRY_MS = 2000;
/** How long a session may take to be started by a holder that answers, milliseconds. */
const START_MS = 20_000;
/** A holder that ended just when it was asked for a session is one that was idle: another one is asked; as where one is silent. */
const MAX_TRIES = 3;

/**
 * Finds the holders that live, and clears away what is left of those that died.
 * @throws AccessError `T2A_ACCESS`, StoreError `T2A_FILE_IO` where the runtime folder cannot be used, SessionError `T2A_HOLDER`.
 */
export async function openHolderPool(options: HolderPoolOptions): Promise<OpenHolderPool> {
  prepareRuntimeFolder(options.runtime);
  const pool = new Pool(options);
  await pool.find();
  return pool;
}

/** A session that is being started. */
interface Starting {
  readonly order: HeldSessionOrder;
  late: NodeJS.Timeout;
  /** Its holder is at it. */
  isAccepted: boolean;
  resolve(session: PooledSession): void;
  reject(error: Error): void;
}

/** Said to who waits for a session of a holder that is gone. */
class HolderGone extends SessionError {
  constructor() {
    super("T2A_HOLDER", "the process that was to hold the terminal ended");
  }
}

/** Said to who waits for a session of a holder that has not begun with it, and will not. */
class HolderSilent extends SessionError {
  constructor(pid: number) {
    super("T2A_HOLDER", silent(pid), { details: { pid } });
  }
}

function silent(pid: number): string {
  return `the process ${pid} that holds terminals does not answer: if it is stopped or hangs, end it (kill -9 ${pid})`;
}

/** Why a holder is had no more. */
type GoneReason = "dead" | "replaced" | "closed";

/** One holder, and its sessions. */
class Member {
  readonly sessions = new Map<number, PooledSession>();
  readonly starting = new Map<number, Starting>();
  readonly id: string;
  pid = 0;
  isGone = false;
  /** It does not do what it is asked. */
  isStuck = false;
  /** Numbers of sessions that nobody waits for any more. */
  readonly #givenUp = new Set<number>();
  #connection: HolderConnection | undefined;
  #lastNumber = 0;
  readonly #onGone: (member: Member, reason: GoneReason) => void;
  readonly #onError: (error: SessionError) => void;

  constructor(
    id: string,
    onGone: (member: Member, reason: GoneReason) => void,
    onError: (error: SessionError) => void,
  ) {
    this.id = id;
    this.#onGone = onGone;
    this.#onError = onError;
  }

  async connect(
    paths: HolderPaths,
    who: { readonly version: string; readonly instance: string },
    welcomeMs: number,
  ): Promise<void> {
    const listener = {
      onWelcome: (hello: HolderHello) => this.#welcome(hello),
      onFrame: (frame: HolderFrame) => this.#take(frame),
      onError: (error: SessionError) => this.#onError(error),
      onGone: (reason: GoneReason) => this.#gone(reason),
    };
    this.#connection = await HolderConnection.open(paths, who, listener, welcomeMs);
    // What was to be said while the connection was not known yet.
    for (const { order } of this.starting.values()) this.#connection.sendJson(HOLDER_FRAMES.start, order.number, order);
  }

  get load(): number {
    return this.sessions.size + this.starting.size;
  }

  get holderPid(): number {
    return this.pid;
  }

  send(type: number, session: number, payload?: Uint8Array): void {
    this.#connection?.send(type, session, payload);
  }

  sendJson(type: number, session: number, value: object): void {
    this.#connection?.sendJson(type, session, value);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  /** Begun within `answerMs`, or not at all. */
  start(order: Omit<HeldSessionOrder, "number">, answerMs: number): Promise<PooledSession> {
    const number = ++this.#lastNumber;
    const whole = { ...order, number, untilMs: Date.now() + Math.round(answerMs * ORDER_PART) };
    return new Promise((resolve, reject) => {
      try {
        this.sendJson(HOLDER_FRAMES.start, number, whole);
        const late = setTimeout(() => this.#giveUp(number), answerMs);
        this.starting.set(number, { order: whole, late, isAccepted: false, resolve, reject });
      } catch (error) {
        reject(error); // too large for a message
      }
    });
  }

  /** Should it be started after all, it is ended. */
  #giveUp(number: number): void {
    const starting = this.starting.get(number);
    if (starting === undefined) return;
    this.starting.delete(number);
    this.#givenUp.add(number);
    this.isStuck = true;
    // One that is at it might have it still.
    const { pid } = this;
    starting.reject(
      starting.isAccepted ? new SessionError("T2A_HOLDER", silent(pid), { details: { pid } }) : new HolderSilent(pid),
    );
  }

  #accepted(number: number): void {
    const starting = this.starting.get(number);
    if (starting === undefined || starting.isAccepted) return;
    starting.isAccepted = true;
    clearTimeout(starting.late);
    starting.late = setTimeout(() => this.#giveUp(number), START_MS);
  }

  #settled(number: number): Starting | undefined {
    const starting = this.starting.get(number);
    this.starting.delete(number);
    clearTimeout(starting?.late);
    return starting;
  }

  #welcome({ pid, sessions }: HolderHello): void {
    this.pid = pid;
    this.isStuck = false;
    const there = new Set(sessions.map(({ number }) => number));
    for (const [number, session] of this.sessions) if (!there.has(number)) session.lose();
    for (const facts of sessions) {
      this.#lastNumber = Math.max(this.#lastNumber, facts.number);
      const known = this.sessions.get(facts.number);
      if (known !== undefined) known.again(facts);
      else this.#started(facts);
    }
    for (const { order } of this.starting.values()) this.sendJson(HOLDER_FRAMES.start, order.number, order);
  }

  #take(frame: HolderFrame): void {
    this.isStuck = false;
    if (frame.type === HOLDER_FRAMES.started) this.#started(jsonOf(frame.payload) as unknown as HeldSessionFacts);
    else if (frame.type === HOLDER_FRAMES.accepted) this.#accepted(frame.session);
    else if (frame.type === HOLDER_FRAMES.problem && this.starting.has(frame.session)) {
      const problem = jsonOf(frame.payload) as unknown as HolderProblem;
      const { isLate = false } = problem;
      this.#settled(frame.session)?.reject(isLate ? new HolderSilent(this.pid) : errorOf(problem));
    } else if (frame.type === HOLDER_FRAMES.problem && this.#givenUp.delete(frame.session)) return;
    else this.sessions.get(frame.session)?.take(frame);
  }

  #started(facts: HeldSessionFacts): void {
    if (this.#givenUp.has(facts.number)) {
      this.send(HOLDER_FRAMES.signal, facts.number, Buffer.from("SIGKILL", "latin1"));
      this.send(HOLDER_FRAMES.hangUp, facts.number);
      return;
    }
    if (this.sessions.has(facts.number)) return;
    const session = new PooledSession(facts, this, () => this.sessions.delete(facts.number));
    this.sessions.set(facts.number, session);
    this.#settled(facts.number)?.resolve(session);
  }

  #gone(reason: GoneReason): void {
    this.isGone = true;
    for (const number of [...this.starting.keys()]) this.#settled(number)?.reject(new HolderGone());
    this.#onGone(this, reason);
  }
}

class Pool implements OpenHolderPool {
  readonly problems: T2aError[] = [];
  readonly #options: HolderPoolOptions;
  readonly #who: { readonly version: string; readonly instance: string };
  readonly #members = new Map<string, Member>();
  /** A holder that is being started, for all who wait for room. */
  #next: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: HolderPoolOptions) {
    this.#options = options;
    this.#who = { version: options.version, instance: randomBytes(8).toString("hex") };
  }

  get sessions(): readonly HeldSession[] {
    return [...this.#members.values()].flatMap(({ sessions }) => [...sessions.values()]);
  }

  get holders(): readonly { readonly pid: number; readonly sessions: number }[] {
    return [...this.#members.values()].map(({ pid, sessions }) => ({ pid, sessions: sessions.size }));
  }

  async find(): Promise<void> {
    const { holders } = this.#options.runtime;
    await Promise.all(
      holderIds(holders).map(async (id) => {
        const paths = holderPaths(holders, id);
        try {
          await this.#findOne(paths);
        } catch (error) {
          if (!(error instanceof SessionError)) throw error;
          this.problems.push(error);
          this.#options.onProblem?.(error);
          if (error.code !== "T2A_DAEMON_VERSION") this.#tryLater(paths, error);
        }
      }),
    );
  }

  async start(order: Omit<HeldSessionOrder, "number">): Promise<HeldSession> {
    const { answerMs = DEFAULT_ANSWER_MS } = this.#options;
    for (let tries = 1; ; ) {
      if (this.#isClosed) throw new SessionError("T2A_HOLDER", "the daemon is ending: nothing can be started");
      // Found and taken in one turn: others wait for room, too.
      const member = [...this.#members.values()].find(
        ({ load, isStuck }) => !isStuck && load < this.#options.perHolder,
      );
      if (member === undefined) {
        await this.#startOne();
        continue;
      }
      try {
        return await member.start(order, answerMs);
      } catch (error) {
        const isUntouched = error instanceof HolderGone || error instanceof HolderSilent;
        if (!isUntouched || tries++ === MAX_TRIES) throw error;
      }
    }
  }

  endHolders(): void {
    for (const member of this.#members.values()) member.send(HOLDER_FRAMES.end, 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#next?.catch(() => {});
    await Promise.all([...this.#members.values()].map((member) => member.close()));
  }

  /** One more holder, which is one for all who wait for it. */
  #startOne(): Promise<void> {
    const { runtime, program, version, env = {}, holderIdleMs: idleMs = DEFAULT_IDLE_MS } = this.#options;
    const folder = runtime.holders;
    this.#next ??= startHolder({ program, folder, version, idleMs, env })
      .then((paths) => this.#connect(paths))
      .finally(() => {
        this.#next = undefined;
      });
    return this.#next;
  }

  /** One that has its lock and no socket is just being started, or just ending. */
  async #findOne(paths: HolderPaths): Promise<void> {
    const { answerMs = DEFAULT_ANSWER_MS } = this.#options;
    for (const until = performance.now() + answerMs; ; ) {
      if (isHolderDead(paths)) return await this.#clear(paths);
      try {
        return await this.#connect(paths);
      } catch (error) {
        if (error instanceof SessionError && error.code === "T2A_DAEMON_VERSION") throw error;
        if (performance.now() > until) throw error;
      }
      await sleep(LOOK_MS);
    }
  }

  /** It lives: its sessions come back when it answers. */
  #tryLater(paths: HolderPaths, problem: SessionError): void {
    setTimeout(async () => {
      if (this.#isClosed) return;
      try {
        await this.#findOne(paths);
      } catch {
        this.#tryLater(paths, problem);
        return;
      }
      this.problems.splice(this.problems.indexOf(problem), 1);
      const sessions = [...(this.#members.get(paths.id)?.sessions.values() ?? [])];
      if (sessions.length > 0) this.#options.onFound?.(sessions);
    }, RETRY_MS).unref();
  }

  async #connect(paths: HolderPaths): Promise<void> {
    if (this.#isClosed) return;
    const member = new Member(
      paths.id,
      (gone, reason) => this.#onGone(gone, paths, reason),
      (error) => this.#options.onProblem?.(error),
    );
    await member.connect(paths, this.#who, this.#options.answerMs ?? DEFAULT_ANSWER_MS);
    if (this.#isClosed) await member.close();
    else if (!member.isGone) this.#members.set(paths.id, member);
  }

  #onGone(member: Member, paths: HolderPaths, reason: GoneReason): void {
    this.#members.delete(member.id);
    const sessions = [...member.sessions.values()];
    if (reason === "closed") {
      for (const session of sessions) session.abandon(new SessionError("T2A_HOLDER", "the connection was closed"));
      return;
    }
    if (reason === "replaced") {
      const error = new SessionError("T2A_HOLDER", "another daemon has taken over: this one has no sessions any more");
      for (const session of sessions) session.abandon(error);
      this.#options.onProblem?.(error);
      return;
    }
    for (const session of sessions) session.lose();
    void this.#clear(paths).catch((error: T2aError) => this.#options.onProblem?.(error));
  }

  /** Clears away what a dead holder left. Whoever has its lock does, and nobody else. */
  async #clear({ id, lock }: HolderPaths): Promise<void> {
    const { holders } = this.#options.runtime;
    if (!holderIds(holders).includes(id)) return; // it ended in order
    const held = tryHoldFile(lock);
    if (held === undefined) return;
    try {
      const left = await endLeftovers(heldNotes(holders, id));
      removeHolder(holders, id);
      if (left.length > 0) this.#options.onLeftProcesses?.(left);
    } finally {
      held.release();
    }
  }
}
