// Clients that are attached to terminals, each over a WebSocket. A message is taken of an attachment only once the socket has taken the one
// before it: a client that does not read makes nobody wait but itself, and costs what its attachment may keep.
import type { RawData, WebSocket } from "ws";
import { UsageError } from "../core/index.js";
import { type AttachServerMessage, CLOSED_BY_DAEMON, errorBody } from "../session/client/index.js";
import type { AttachMessage, Attachment, AttachOptions, SessionManager } from "../session/index.js";
import { check } from "./check.js";
import type { DaemonLog } from "./log.js";
import { attachClientMessageSchema } from "./schemas.js";

/** How often a client is asked for a sign of life, and how long it may be silent, milliseconds: one that is stopped may go on. */
const PING_MS = 30_000;
const SILENCE_MS = 10 * 60_000;
/** To close in order, milliseconds. */
const CLOSE_MS = 1000;
/** RFC 6455: all is done; what was said is not allowed. */
const DONE = 1000;
const NOT_ALLOWED = 1008;

interface Client {
  readonly socket: WebSocket;
  heardMs: number;
}

/** All that are attached. */
export class AttachedClients {
  readonly #clients = new Set<Client>();
  readonly #log: DaemonLog;
  readonly #pings: NodeJS.Timeout;

  constructor(
    log: DaemonLog,
    {
      pingMs = PING_MS,
      silenceMs = SILENCE_MS,
    }: { readonly pingMs?: number | undefined; readonly silenceMs?: number | undefined },
  ) {
    this.#log = log;
    this.#pings = setInterval(() => this.#ping(silenceMs), pingMs);
    this.#pings.unref();
  }

  get count(): number {
    return this.#clients.size;
  }

  /** Attaches a socket, until either ends it. Never throws. */
  async serve(socket: WebSocket, manager: SessionManager, reference: string, options: AttachOptions): Promise<void> {
    const client: Client = { socket, heardMs: performance.now() };
    const heard = () => {
      client.heardMs = performance.now();
    };
    this.#clients.add(client);
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    void closed.then(() => this.#clients.delete(client));
    socket.on("pong", heard);
    try {
      const early: [RawData, boolean][] = [];
      const keep = (data: RawData, isBinary: boolean) => void early.push([data, isBinary]);
      socket.on("message", keep);
      socket.pause(); // what it says before it is attached waits with the system
      const session = await manager.getSession(reference);
      const attachment = await manager.attach(session.id, options);
      try {
        socket.off("message", keep);
        const take = (data: RawData, isBinary: boolean) => {
          heard();
          this.#take(socket, attachment, data, isBinary);
        };
        socket.on("message", take);
        await send(socket, { v: 1, type: "attached", clientId: attachment.clientId, session });
        for (const [data, isBinary] of early) take(data, isBinary);
        socket.resume();
        await Promise.race([closed, this.#tell(socket, attachment)]);
      } finally {
        await attachment.detach();
      }
      socket.close(DONE);
    } catch (error) {
      this.#log.debug({ err: error }, "an attachment ended");
      await send(socket, { type: "error", ...errorBody(error) });
      socket.close(NOT_ALLOWED);
    } finally {
      socket.resume(); // for its last word to be heard
      const late = setTimeout(() => socket.terminate(), CLOSE_MS);
      await closed;
      clearTimeout(late);
    }
  }

  /** Tells all that the daemon ends. Comes back when they are gone. */
  async close(): Promise<void> {
    clearInterval(this.#pings);
    const sockets = [...this.#clients].map(({ socket }) => socket);
    const gone = sockets.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
    for (const socket of sockets) {
      socket.resume();
      socket.close(CLOSED_BY_DAEMON, "the daemon ends");
    }
    const late = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, CLOSE_MS);
    await Promise.all(gone);
    clearTimeout(late);
  }

  async #tell(socket: WebSocket, attachment: Attachment): Promise<void> {
    for await (const message of attachment.messages) {
      await sendMessage(socket, message);
      if (message.type === "exit" || message.type === "detached") return;
    }
  }

  #take(socket: WebSocket, attachment: Attachment, data: RawData, isBinary: boolean): void {
    const bytes = data as Buffer; // as `binaryType` says
    try {
      if (isBinary) {
        attachment.send(bytes);
        return;
      }
      const message = check(attachClientMessageSchema, parse(bytes), "message");
      if (message.type === "resize") attachment.resize({ cols: message.cols, rows: message.rows });
      else void attachment.detach();
    } catch (error) {
      this.#log.debug({ err: error }, "a client said what makes no sense");
      void send(socket, { type: "error", ...errorBody(error) });
      socket.close(NOT_ALLOWED);
    }
  }

  #ping(silenceMs: number): void {
    const now = performance.now();
    for (const { socket, heardMs } of this.#clients) {
      if (now - heardMs > silenceMs) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}

/** Comes back when the socket has taken it. */
async function sendMessage(socket: WebSocket, message: AttachMessage): Promise<void> {
  if (message.type === "output") return await sendBytes(socket, message.data);
  if (message.type !== "screen") return await send(socket, message);
  const { type, cols, rows, dump } = message;
  const told = send(socket, { type, cols, rows });
  await sendBytes(socket, dump); // right behind it
  await told;
}

function send(socket: WebSocket, message: AttachServerMessage): Promise<void> {
  return written((done) => socket.send(JSON.stringify(message), done));
}

function sendBytes(socket: WebSocket, bytes: Uint8Array): Promise<void> {
  return written((done) => socket.send(bytes, { binary: true }, done));
}

/** One that is gone has taken all that it ever will: its end is told elsewhere. */
function written(write: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => write(() => resolve()));
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new UsageError("message: it is no JSON");
  }
}
