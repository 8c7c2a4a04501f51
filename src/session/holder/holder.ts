// A holder: keeps terminals alive and records them, whatever becomes of the daemon. It listens on a socket, does what the one daemon that
// is connected asks, and tells it of what is recorded. It knows no screens, no clients and no names.
import { chmodSync, mkdirSync, renameSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { constants } from "node:os";
import { SessionError, systemCode } from "../../core/index.js";
import { bootId, type FileLock, tryHoldFile } from "../../files/index.js";
import { LimitGuards } from "../limits/limit-guards.js";
import { DaemonLink } from "./daemon-link.js";
import { encodeFrame, encodeJsonFrame, FrameReader, type HolderFrame, jsonOf } from "./frame-codec.js";
import { HeldTerminal, problemOf } from "./held-terminal.js";
import { type HolderPaths, holderPaths, removeHeldNote, removeHolder, writeHeldNote } from "./holder-paths.js";
import {
  type DaemonHello,
  type HeldEnd,
  type HeldSessionFacts,
  type HeldSessionOrder,
  HOLDER_FRAMES,
  HOLDER_PROTOCOL,
  HOLDER_PROTOCOL_OLDEST,
  type HolderCustomEvent,
  type HolderHello,
} from "./holder-protocol.js";
import { startTicksOf } from "./processes.js";

/** How to run a holder. */
export interface HolderOptions {
  /** Of sockets and locks; see `RuntimeFolder.holders`. */
  readonly folder: string;
  /** Twelve hexadecimal digits. */
  readonly id: string;
  readonly version: string;
  /** How long it waits without a session before it ends, milliseconds (60,000). */
  readonly idleMs?: number | undefined;
  /** What went wrong, one line each. */
  readonly log?: ((text: string) => void) | undefined;
}

const DEFAULT_IDLE_MS = 60_000;
/** Whoever connects says who it is within so many milliseconds. */
const HELLO_MS = 5000;
/** Ends that nobody was told of, and daemons that were replaced, at most. */
const MAX_ENDED = 1000;
const MAX_REPLACED = 16;
/** How long the sessions' own ends are waited for when the holder is ended by a signal, milliseconds. */
const END_MS = 4000;

/** A session that is over, and nobody has noted it. */
interface EndedSession {
  readonly facts: HeldSessionFacts;
  readonly end: HeldEnd;
}

/** What may be asked of a session. */
const ACTIONS = new Map<number, (session: HeldTerminal, payload: Buffer) => void>([
  [
    HOLDER_FRAMES.input,
    (session, payload) => {
      const end = 1 + payload.readUInt8(0);
      session.input(Uint8Array.from(payload.subarray(end)), payload.toString("utf8", 1, end));
    },
  ],
  [HOLDER_FRAMES.resize, (session, payload) => session.resize(payload.readUInt16BE(0), payload.readUInt16BE(2))],
  [HOLDER_FRAMES.signal, (session, payload) => session.signal(signalOf(payload))],
  [HOLDER_FRAMES.pauseRecording, (session) => session.pauseRecording()],
  [HOLDER_FRAMES.resumeRecording, (session) => session.resumeRecording()],
  [HOLDER_FRAMES.mark, (session, payload) => session.mark(payload.toString("utf8"))],
  [HOLDER_FRAMES.custom, (session, payload) => session.addCustom(jsonOf(payload) as unknown as HolderCustomEvent)],
  [HOLDER_FRAMES.hangUp, (session) => session.hangUp()],
  [HOLDER_FRAMES.hold, (session, payload) => session.hold(payload.readUInt8(0) === 1)],
]);

/** One holder. */
export class Holder {
  readonly #options: HolderOptions;
  readonly #paths: HolderPaths;
  readonly #lock: FileLock;
  readonly #server: Server;
  readonly #sessions = new Map<number, HeldTerminal>();
  /** Sessions that are being started, by number. */
  readonly #starting = new Set<number>();
  readonly #ended = new Map<number, EndedSession>();
  readonly #replaced: string[] = [];
  readonly #guards = new LimitGuards();
  #link: { readonly link: DaemonLink; readonly instance: string; readonly socket: Socket } | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isEnding = false;
  #resolveOver: () => void = () => {};
  /** Resolves when the holder has ended. */
  readonly over = new Promise<void>((resolve) => {
    this.#resolveOver = resolve;
  });

  private constructor(options: HolderOptions, paths: HolderPaths, lock: FileLock) {
    this.#options = options;
    this.#paths = paths;
    this.#lock = lock;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /**
   * Takes the lock and listens.
   * @throws SessionError `T2A_HOLDER` where another holder has the lock, or the socket cannot be made.
   */
  static async open(options: HolderOptions): Promise<Holder> {
    const { folder, id } = options;
    const paths = holderPaths(folder, id);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lock = tryHoldFile(paths.lock, { create: true });
    if (lock === undefined) throw new SessionError("T2A_HOLDER", `another holder has the lock ${paths.lock}`);
    const holder = new Holder(options, paths, lock);
    try {
      await holder.#listen();
    } catch (error) {
      lock.release();
      throw new SessionError("T2A_HOLDER", `${paths.socket} cannot be listened on: ${systemCode(error)}`, {
        cause: error,
      });
    }
    return holder;
  }

  get sessions(): readonly HeldSessionFacts[] {
    return [...this.#sessions.values()].map(({ facts }) => facts);
  }

  /** Ends all sessions as a closed terminal would, and then the holder. */
  async end(signal: NodeJS.Signals = "SIGHUP"): Promise<void> {
    this.#isEnding = true;
    for (const session of this.#sessions.values()) session.end(signal);
    if (this.#sessions.size === 0 && this.#starting.size === 0) return this.#close();
    const late = setTimeout(() => this.#close(), END_MS);
    await this.over;
    clearTimeout(late);
  }

  /** Under a name of its own first: who finds the socket under its name finds it listening, and closed to others. */
  async #listen(): Promise<void> {
    const { socket } = this.#paths;
    const temporary = `${socket}.new`;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(temporary, () => resolve());
    });
    chmodSync(temporary, 0o600);
    renameSync(temporary, socket);
    this.#server.on("error", (error) => this.#log(`listening failed: ${error.message}`));
    this.#look();
  }

  #close(): void {
    clearTimeout(this.#idle);
    this.#link?.link.close();
    this.#link = undefined;
    this.#server.close();
    removeHolder(this.#options.folder, this.#options.id);
    this.#lock.release();
    this.#resolveOver();
  }

  /** A connection says who it is before anything else. */
  #welcome(socket: Socket): void {
    const late = setTimeout(() => socket.destroy(), HELLO_MS);
    const reader = new FrameReader();
    let deal = (frame: HolderFrame): void => {
      clearTimeout(late);
      const link = this.#greet(frame, socket);
      deal = (next) => {
        if (this.#link?.link === link && link !== undefined) this.#deal(next, link);
      };
    };
    socket.on("error", () => {}); // it closes
    socket.on("close", () => {
      clearTimeout(late);
      if (this.#link?.socket === socket) this.#forgetLink();
    });
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const frame of reader.read(chunk)) deal(frame);
      } catch (error) {
        this.#log(`a connection was closed: ${problemOf(error).message}`);
        socket.destroy();
      }
    });
  }

  /** Undefined where it is not taken. */
  #greet({ type, payload }: HolderFrame, socket: Socket): DaemonLink | undefined {
    if (type !== HOLDER_FRAMES.hello) throw new SessionError("T2A_HOLDER", "it did not say who it is");
    const { protocol, oldest = protocol, version, instance } = jsonOf(payload) as unknown as DaemonHello;
    const refuse = (frame: Buffer): undefined => {
      socket.end(frame);
      return undefined;
    };
    if (!(oldest <= HOLDER_PROTOCOL && protocol >= HOLDER_PROTOCOL_OLDEST)) {
      const message = `this holder (t2a ${this.#options.version}) does not speak the protocol of t2a ${String(version)}: it can be used again by the t2a that started it, and ends with its last session`;
      return refuse(encodeJsonFrame(HOLDER_FRAMES.problem, 0, { code: "T2A_DAEMON_VERSION", message }));
    }
    if (typeof instance !== "string") throw new SessionError("T2A_HOLDER", "it did not say who it is");
    if (this.#replaced.includes(instance)) return refuse(encodeFrame(HOLDER_FRAMES.replaced));
    this.#replace(instance);
    const link = new DaemonLink(socket, (session) => this.#sessions.get(session)?.position(false));
    this.#link = { link, instance, socket };
    const welcome: HolderHello = {
      protocol: Math.min(protocol, HOLDER_PROTOCOL),
      version: this.#options.version,
      pid: process.pid,
      sessions: [...this.sessions, ...[...this.#ended.values()].map(({ facts }) => facts)],
    };
    link.tell(HOLDER_FRAMES.welcome, 0, welcome);
    for (const [number, { end }] of this.#ended) link.ended(number, end);
    return link;
  }

  /** The newest daemon is the one that lives: an older one hangs, or has forgotten this connection. */
  #replace(instance: string): void {
    const old = this.#link;
    if (old === undefined) return;
    if (old.instance !== instance) {
      this.#replaced.push(old.instance);
      if (this.#replaced.length > MAX_REPLACED) this.#replaced.shift();
      old.link.tell(HOLDER_FRAMES.replaced, 0, {});
    }
    old.link.close();
    this.#forgetLink();
  }

  /** What a daemon held back goes on: nobody else would let it go. */
  #forgetLink(): void {
    this.#link = undefined;
    for (const session of this.#sessions.values()) session.hold(false);
  }

  /** What one session does wrong is told of, and ends nothing else. */
  #deal(frame: HolderFrame, link: DaemonLink): void {
    try {
      this.#act(frame, link);
    } catch (error) {
      this.#log(`message ${frame.type} of session ${frame.session}: ${problemOf(error).message}`);
      link.tell(HOLDER_FRAMES.problem, frame.session, problemOf(error));
    }
  }

  #act({ type, session: number, payload }: HolderFrame, link: DaemonLink): void {
    if (type === HOLDER_FRAMES.start) void this.#start(number, jsonOf(payload) as unknown as HeldSessionOrder);
    else if (type === HOLDER_FRAMES.noted) this.#ended.delete(number);
    else if (type === HOLDER_FRAMES.end) {
      if (this.#isEmpty) void this.end();
    } else if (type === HOLDER_FRAMES.follow) link.follow(number);
    else if (type === HOLDER_FRAMES.unfollow) link.unfollow(number);
    else {
      // Of a session that has just ended, which is being told, nothing is done; nor of what a newer protocol may say.
      const session = this.#sessions.get(number);
      if (session !== undefined) ACTIONS.get(type)?.(session, payload);
    }
  }

  async #start(number: number, order: HeldSessionOrder): Promise<void> {
    const { folder, id } = this.#options;
    const known = this.#sessions.get(number)?.facts;
    // A daemon whose connection broke asks again for what it knows no answer of: it gets that, or will.
    if (known !== undefined) this.#link?.link.tell(HOLDER_FRAMES.started, number, known);
    if (known !== undefined || this.#starting.has(number)) return;
    const { untilMs = Number.POSITIVE_INFINITY } = order;
    if (Date.now() > untilMs) {
      const late = { code: "T2A_HOLDER", message: "the holder came to it too late", isLate: true };
      this.#link?.link.tell(HOLDER_FRAMES.problem, number, late);
      return;
    }
    this.#link?.link.tell(HOLDER_FRAMES.accepted, number, {});
    this.#starting.add(number);
    clearTimeout(this.#idle);
    try {
      const session = await HeldTerminal.start(
        { ...order, number },
        {
          onEvents: (batch, first) => this.#link?.link.events(number, batch, first),
          onUnrecorded: (bytes) => this.#link?.link.unrecorded(number, bytes),
          onRecordingFailed: (problem) => this.#link?.link.tell(HOLDER_FRAMES.recordingFailed, number, problem),
          onProblem: (problem) => this.#link?.link.tell(HOLDER_FRAMES.problem, number, problem),
          onEnd: (end) => this.#onEnd(number, end),
        },
        this.#guards,
      );
      this.#sessions.set(number, session);
      const { facts } = session;
      const { sessionId, recordingId, pid } = facts;
      writeHeldNote(folder, id, number, {
        sessionId,
        recordingId,
        pid,
        startTicks: startTicksOf(pid) ?? 0,
        bootId: bootId(),
      });
      this.#link?.link.tell(HOLDER_FRAMES.started, number, facts);
    } catch (error) {
      this.#link?.link.tell(HOLDER_FRAMES.problem, number, problemOf(error));
    } finally {
      this.#starting.delete(number);
      this.#look();
    }
  }

  #onEnd(number: number, end: HeldEnd): void {
    const session = this.#sessions.get(number);
    if (session === undefined) return;
    this.#sessions.delete(number);
    removeHeldNote(this.#options.folder, this.#options.id, number);
    this.#ended.set(number, { facts: session.facts, end });
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
    this.#link?.link.ended(number, end);
    this.#look();
  }

  get #isEmpty(): boolean {
    return this.#sessions.size === 0 && this.#starting.size === 0;
  }

  /** Ends where there has been nothing to hold for a while. */
  #look(): void {
    clearTimeout(this.#idle);
    if (!this.#isEmpty) return;
    if (this.#isEnding) {
      this.#close();
      return;
    }
    this.#idle = setTimeout(() => this.#close(), this.#options.idleMs ?? DEFAULT_IDLE_MS);
  }

  #log(text: string): void {
    this.#options.log?.(text);
  }
}

/** @throws SessionError `T2A_HOLDER` where there is no such signal. */
function signalOf(payload: Buffer): NodeJS.Signals {
  const name = payload.toString("latin1");
  if (Object.hasOwn(constants.signals, name)) return name as NodeJS.Signals;
  throw new SessionError("T2A_HOLDER", "there is no signal of that name");
}
