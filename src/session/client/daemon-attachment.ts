// A client's connection to a live session through the daemon. Where the daemon is gone it is waited for, or started, and the screen comes anew.
import { randomInt } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { RawData, WebSocket } from "ws";
import { SessionError, systemCode, T2aError } from "../../core/index.js";
import type { SessionInfo } from "../session-info.js";
import type { AttachMessage, Attachment, AttachOptions } from "../session-manager.js";
import { checkProtocol, connectionError, type DaemonConnection, isNoDaemon } from "./daemon-connection.js";
import {
  type AttachClientMessage,
  type AttachServerMessage,
  CLOSED_BY_DAEMON,
  DAEMON_PROTOCOL,
  MAX_INPUT,
  PROTOCOL_HEADER,
  VERSION_HEADER,
} from "./daemon-protocol.js";
import { errorOfBody } from "./error-body.js";
import { MessageQueue } from "./message-queue.js";

/** What an attachment is made with. */
export interface AttachmentOptions {
  readonly connection: DaemonConnection;
  /** How long a lost daemon is waited for, milliseconds. */
  readonly reconnectMs: number;
  /** Of the session that is over, or lives on: what is known of it. */
  readonly getSession: (id: string) => Promise<SessionInfo>;
  /** Called once nothing follows any more. */
  readonly onEnd: () => void;
}

/** The longest message that is taken: a dump of a large screen. Bytes. */
const MAX_MESSAGE = 64 * 1024 * 1024;
/** What is typed while the daemon is away is kept up to so many bytes. */
const MAX_KEPT_INPUT = 64 * 1024;
/** Between two tries to reach the daemon, milliseconds. */
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 500;
/** A daemon that took leave is there again soon where it was restarted: for so long nobody starts another, milliseconds. */
const LEAVE_MS = 3000;
/** For a socket to close in order, milliseconds. */
const CLOSE_MS = 2000;

/** How a connection ended. */
type Loss = "crash" | "leave";

/** @see Attachment */
export class DaemonAttachment implements Attachment {
  readonly #options: AttachmentOptions;
  readonly #wishes: AttachOptions;
  readonly #queue: MessageQueue;
  #reference: string;
  #clientId = "";
  #size: { readonly cols: number; readonly rows: number };
  #socket: WebSocket | undefined;
  /** Not attached yet. */
  #connecting: WebSocket | undefined;
  #screen: { readonly cols: number; readonly rows: number } | undefined;
  /** Typed while the daemon is away. */
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #isDetaching = false;
  #closed: Promise<void> = Promise.resolve();
  readonly #leaving = new AbortController();

  private constructor(reference: string, wishes: AttachOptions, options: AttachmentOptions) {
    this.#reference = reference;
    this.#wishes = wishes;
    this.#size = { cols: wishes.cols, rows: wishes.rows };
    this.#options = options;
    this.#queue = new MessageQueue(
      (isFull) => (isFull ? this.#socket?.pause() : this.#socket?.resume()),
      () => void this.detach(),
    );
  }

  /** Attaches. @throws as `SessionTerminals.attach`. */
  static async open(reference: string, wishes: AttachOptions, options: AttachmentOptions): Promise<DaemonAttachment> {
    const attachment = new DaemonAttachment(reference, wishes, options);
    for (let tries = 1; ; tries++) {
      try {
        await attachment.#connect();
        return attachment;
      } catch (error) {
        const { start } = options.connection;
        if (start === undefined || tries > 2 || !isNoDaemon(systemCode((error as Error).cause))) throw error;
        await start();
      }
    }
  }

  get clientId(): string {
    return this.#clientId;
  }

  get messages(): AsyncIterable<AttachMessage> {
    return this.#queue;
  }

  send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (this.#isDetaching || this.#queue.hasEnded) return;
    if (socket === undefined) {
      if (this.#keptBytes + bytes.length > MAX_KEPT_INPUT) return;
      this.#kept.push(Uint8Array.from(bytes));
      this.#keptBytes += bytes.length;
      return;
    }
    for (let at = 0; at < bytes.length; at += MAX_INPUT) socket.send(bytes.subarray(at, at + MAX_INPUT));
  }

  resize({ cols, rows }: { readonly cols: number; readonly rows: number }): void {
    this.#size = { cols, rows };
    this.#tell({ type: "resize", cols, rows });
  }

  async detach(): Promise<void> {
    if (!this.#isDetaching) {
      this.#isDetaching = true;
      this.#leaving.abort();
      this.#tell({ type: "detach" });
    }
    const late = new AbortController();
    await Promise.race([this.#closed, sleep(CLOSE_MS, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    this.#socket?.terminate();
    this.#end();
  }

  /** Lets go at once: who made this has no daemon any more. */
  close(): void {
    this.#isDetaching = true;
    this.#leaving.abort();
    this.#connecting?.terminate();
    this.#socket?.terminate();
    this.#end();
  }

  #tell(message: AttachClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Comes back once attached. */
  async #connect(): Promise<void> {
    const { WebSocket: Socket } = await import("ws");
    const { connection } = this.#options;
    const { socketPath } = connection;
    const query = new URLSearchParams({
      cols: String(this.#size.cols),
      rows: String(this.#size.rows),
      ...(this.#wishes.isReadOnly ? { isReadOnly: "true" } : {}),
      ...(this.#wishes.label === undefined ? {} : { label: this.#wishes.label }),
    });
    const socket = new Socket(`ws://t2a/v1/sessions/${encodeURIComponent(this.#reference)}/attach?${query}`, {
      // Its types want what a connection over TCP takes.
      createConnection: (() => connect(socketPath)) as unknown as typeof connect,
      headers: { [PROTOCOL_HEADER]: String(DAEMON_PROTOCOL) },
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE,
      skipUTF8Validation: true,
    });
    this.#connecting = socket;
    await new Promise<void>((resolve, reject) => {
      const fail = (error: unknown) => {
        socket.terminate();
        reject(connectionError(socketPath, error));
      };
      const close = (code: number, reason: Buffer) =>
        fail(new SessionError("T2A_DAEMON", `the daemon closed the connection: ${code} ${reason.toString("utf8")}`));
      const begin = (data: RawData, isBinary: boolean) => {
        try {
          const message = isBinary ? undefined : parse(data);
          if (message?.type === "error") throw errorOfBody(message) ?? rubbish();
          if (message?.type !== "attached") throw rubbish();
          this.#clientId = message.clientId;
          this.#reference = message.session.id;
        } catch (error) {
          return fail(error);
        }
        socket.off("close", close);
        socket.off("message", begin);
        socket.off("error", fail);
        this.#use(socket);
        resolve();
      };
      socket.on("error", fail);
      socket.on("close", close);
      socket.on("message", begin);
      socket.on("upgrade", ({ headers }) => {
        try {
          checkProtocol(headers[PROTOCOL_HEADER], headers[VERSION_HEADER], socketPath);
        } catch (error) {
          fail(error);
        }
      });
      socket.on("unexpected-response", (_request, answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => {
          if (chunks.length < 64) chunks.push(chunk);
        });
        answer.on("error", fail);
        answer.on("end", () => fail(refusal(answer.headers, answer.statusCode, chunks, socketPath)));
      });
    });
  }

  /** Takes what a socket says from here on. */
  #use(socket: WebSocket): void {
    this.#connecting = undefined;
    this.#socket = socket;
    this.#screen = undefined;
    socket.on("error", () => {}); // `close` follows
    socket.on("message", (data, isBinary) => this.#take(socket, data, isBinary));
    this.#closed = new Promise((resolve) => {
      socket.on("close", (code) => {
        resolve();
        if (this.#socket === socket) this.#socket = undefined;
        if (this.#isDetaching || this.#queue.hasEnded) this.#end();
        else void this.#comeBack(code === CLOSED_BY_DAEMON ? "leave" : "crash");
      });
    });
    for (const bytes of this.#kept.splice(0)) socket.send(bytes);
    this.#keptBytes = 0;
    if (this.#isDetaching) this.#tell({ type: "detach" });
  }

  #take(socket: WebSocket, data: RawData, isBinary: boolean): void {
    try {
      if (!isBinary) {
        this.#told(parse(data));
        return;
      }
      const bytes = data as Buffer; // as `binaryType` says
      const screen = this.#screen;
      this.#screen = undefined;
      if (screen !== undefined) this.#queue.clearScreen();
      this.#queue.push(
        screen === undefined ? { type: "output", data: bytes } : { type: "screen", ...screen, dump: bytes },
      );
    } catch {
      socket.terminate(); // what follows cannot be understood: it begins anew
    }
  }

  #told(message: AttachServerMessage): void {
    switch (message.type) {
      case "screen":
        this.#screen = { cols: message.cols, rows: message.rows };
        return;
      case "resize":
      case "session":
        this.#queue.push(message);
        return;
      case "exit":
      case "detached":
        this.#queue.push(message);
        this.#queue.end();
        return;
      case "error": {
        const error = errorOfBody(message) ?? rubbish();
        this.#queue.push({ type: "detached", reason: error.message });
        this.#queue.end();
        return;
      }
      default: // of a newer daemon, for newer clients
    }
  }

  /** Attaches again, or tells why not. */
  async #comeBack(loss: Loss): Promise<void> {
    const since = performance.now();
    const { signal } = this.#leaving;
    let pause = FIRST_PAUSE_MS;
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst) await sleep(pause + randomInt(pause), undefined, { signal }).catch(() => {});
      if (this.#isDetaching) return this.#end();
      pause = Math.min(pause * 2, MAX_PAUSE_MS);
      const waited = performance.now() - since;
      try {
        return await this.#connect();
      } catch (error) {
        if (!isAway(error) || waited > this.#options.reconnectMs) return await this.#giveUp(error);
      }
      const { start } = this.#options.connection;
      if (start === undefined || (loss === "leave" && waited < LEAVE_MS)) continue;
      await start().catch(() => {}); // tried again, until the bound
    }
  }

  /** The session ended while nobody could tell, or cannot be reached. */
  async #giveUp(error: unknown): Promise<void> {
    const code = error instanceof T2aError ? error.code : undefined;
    const session =
      code === "T2A_SESSION_OVER" || code === "T2A_SESSION_LIVE"
        ? await this.#options.getSession(this.#reference).catch(() => undefined)
        : undefined;
    const reason = error instanceof Error ? error.message : String(error);
    this.#queue.push(
      session?.exitStatus === undefined
        ? { type: "detached", reason }
        : { type: "exit", exitStatus: session.exitStatus },
    );
    this.#end();
  }

  #end(): void {
    if (!this.#queue.hasEnded && this.#isDetaching) this.#queue.push({ type: "detached", reason: "asked for" });
    this.#queue.end();
    this.#options.onEnd();
  }
}

function refusal(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  status: number | undefined,
  chunks: readonly Buffer[],
  socketPath: string,
): T2aError {
  try {
    checkProtocol(headers[PROTOCOL_HEADER], headers[VERSION_HEADER], socketPath);
    const error = errorOfBody(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    if (error !== undefined) return error;
  } catch (error) {
    if (error instanceof T2aError) return error;
  }
  return new SessionError("T2A_DAEMON", `the daemon answers with status ${status}`);
}

/** @throws SyntaxError, T2aError. */
function parse(data: RawData): AttachServerMessage {
  const message: unknown = JSON.parse((data as Buffer).toString("utf8"));
  if (typeof message !== "object" || message === null || !("type" in message)) throw rubbish();
  return message as AttachServerMessage; // the daemon is the user's own
}

function rubbish(): SessionError {
  return new SessionError("T2A_DAEMON", "what the daemon says makes no sense: t2a daemon restart starts it anew");
}

/** Whether the daemon is away for now, rather than saying no. */
function isAway(error: unknown): boolean {
  return error instanceof SessionError && (error.code === "T2A_DAEMON" || error.code === "T2A_HOLDER");
}
