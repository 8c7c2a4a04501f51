// A daemon's side of the connection to one holder: made anew where it breaks while the holder lives, and told of once where that is dead.
import { connect, type Socket } from "node:net";
import { SessionError, systemCode } from "../../core/index.js";
import { tryHoldFile } from "../../files/index.js";
import { encodeFrame, encodeJsonFrame, FrameReader, type HolderFrame, jsonOf } from "./frame-codec.js";
import type { HolderPaths } from "./holder-paths.js";
import {
  type DaemonHello,
  HOLDER_FRAMES,
  HOLDER_PROTOCOL,
  HOLDER_PROTOCOL_OLDEST,
  type HolderHello,
} from "./holder-protocol.js";

/** Who is told. */
export interface HolderConnectionListener {
  /** The connection is there, for the first time or again. */
  onWelcome(hello: HolderHello): void;
  onFrame(frame: HolderFrame): void;
  /** The connection was given up for what the holder sent; it is made anew. */
  onError(error: SessionError): void;
  /** The holder is dead, or belongs to another daemon now. Nothing follows. */
  onGone(reason: "dead" | "replaced" | "closed"): void;
}

/** How long a holder may take to say who it is, milliseconds: then it is tried again. */
const WELCOME_MS = 5000;
/** How often a holder that lives and does not answer is tried: soon, then ever later, milliseconds. */
const FIRST_RETRY_MS = 20;
const MAX_RETRY_MS = 2000;

/** One holder's connection. */
export class HolderConnection {
  readonly paths: HolderPaths;
  readonly #hello: DaemonHello;
  readonly #listener: HolderConnectionListener;
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #isOver = false;

  private constructor(paths: HolderPaths, hello: DaemonHello, listener: HolderConnectionListener) {
    this.paths = paths;
    this.#hello = hello;
    this.#listener = listener;
  }

  /**
   * Connects. It may take `welcomeMs` to say who it is.
   * @throws SessionError `T2A_DAEMON_VERSION` where the holder speaks another protocol, `T2A_HOLDER` where it is not there.
   */
  static async open(
    paths: HolderPaths,
    { version, instance }: Pick<DaemonHello, "version" | "instance">,
    listener: HolderConnectionListener,
    welcomeMs = WELCOME_MS,
  ): Promise<HolderConnection> {
    const hello = { protocol: HOLDER_PROTOCOL, oldest: HOLDER_PROTOCOL_OLDEST, version, instance };
    const connection = new HolderConnection(paths, hello, listener);
    try {
      await connection.#connect(welcomeMs);
    } catch (error) {
      connection.#isOver = true;
      connection.#socket?.destroy();
      throw error;
    }
    return connection;
  }

  /** Sends a frame; nothing where there is no connection: what a holder is then asked for is nothing. */
  send(type: number, session: number, payload?: Uint8Array): void {
    this.#write(encodeFrame(type, session, payload));
  }

  sendJson(type: number, session: number, value: object): void {
    this.#write(encodeJsonFrame(type, session, value));
  }

  /** Whether the holder hears what is sent. */
  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  /** Lets go of it; the holder lives on. Idempotent. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined && !socket.destroyed) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(() => socket.destroy(), 1000).unref();
        socket.once("close", () => {
          clearTimeout(late);
          resolve();
        });
        socket.end();
      });
    }
    this.#listener.onGone("closed");
  }

  #write(frame: Buffer): void {
    this.#socket?.write(frame);
  }

  /** Resolves with the welcome, which the listener was told of. */
  #connect(welcomeMs = WELCOME_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.paths.socket);
      const reader = new FrameReader();
      let isWelcome = false;
      let failure: unknown;
      let isReplaced = false;
      const late = setTimeout(() => socket.destroy(), welcomeMs);
      const take = (frame: HolderFrame): void => {
        if (frame.type === HOLDER_FRAMES.replaced) {
          isReplaced = true;
          socket.destroy();
        } else if (isWelcome) this.#listener.onFrame(frame);
        else {
          const hello = this.#welcomeOf(frame);
          isWelcome = true;
          clearTimeout(late);
          this.#socket = socket;
          this.#listener.onWelcome(hello);
          resolve();
        }
      };
      socket.on("connect", () => socket.write(encodeJsonFrame(HOLDER_FRAMES.hello, 0, this.#hello)));
      socket.on("data", (chunk: Buffer) => {
        try {
          for (const frame of reader.read(chunk)) if (!isReplaced && !this.#isOver) take(frame);
        } catch (error) {
          failure = error;
          socket.destroy();
        }
      });
      socket.on("error", (error) => {
        failure ??= error;
      });
      socket.on("close", () => {
        clearTimeout(late);
        if (this.#socket === socket) this.#socket = undefined;
        // What broke at once would break at once again.
        if (isWelcome && !(failure instanceof SessionError)) this.#retryMs = FIRST_RETRY_MS;
        if (!isWelcome) reject(isReplaced ? replacedError() : this.#errorOf(failure));
        if (isReplaced) this.#gone("replaced");
        else if (isWelcome) {
          if (failure instanceof SessionError) this.#listener.onError(failure);
          this.#again();
        }
      });
    });
  }

  #welcomeOf({ type, payload }: HolderFrame): HolderHello {
    const value = jsonOf(payload);
    if (type === HOLDER_FRAMES.welcome && Array.isArray(value.sessions)) return value as unknown as HolderHello;
    if (type === HOLDER_FRAMES.problem && value.code === "T2A_DAEMON_VERSION") {
      throw new SessionError("T2A_DAEMON_VERSION", String(value.message), { details: { holder: this.paths.id } });
    }
    throw new SessionError("T2A_HOLDER", `what answers at ${this.paths.socket} is no holder`);
  }

  #errorOf(failure: unknown): SessionError {
    if (failure instanceof SessionError) return failure;
    const code = systemCode(failure) ?? "it closed the connection";
    return new SessionError("T2A_HOLDER", `the holder at ${this.paths.socket} cannot be reached: ${code}`, {
      cause: failure,
    });
  }

  /** The connection broke: the holder is dead, or there is another one to be had. */
  #again(): void {
    if (this.#isOver) return;
    if (isHolderDead(this.paths)) {
      this.#gone("dead");
      return;
    }
    this.#retry = setTimeout(() => {
      this.#connect().catch(() => this.#again());
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #gone(reason: "dead" | "replaced"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#retry);
    this.#listener.onGone(reason);
  }
}

/** Whether nobody holds a holder's lock: it goes with its process. */
export function isHolderDead({ lock }: Pick<HolderPaths, "lock">): boolean {
  try {
    const held = tryHoldFile(lock);
    held?.release();
    return held !== undefined;
  } catch {
    return true; // it removed it when it ended
  }
}

function replacedError(): SessionError {
  return new SessionError("T2A_HOLDER", "another daemon has taken over");
}
