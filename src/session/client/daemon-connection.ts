// Requests to the daemon over its socket: one connection is used again and again. Knows HTTP and what may be tried a second time, no sessions.
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { AccessError, SessionError, systemCode, T2aError } from "../../core/index.js";
import { DAEMON_PROTOCOL, DAEMON_PROTOCOL_OLDEST, PROTOCOL_HEADER, VERSION_HEADER } from "./daemon-protocol.js";
import { errorOfBody } from "./error-body.js";

/** Starts the daemon, and comes back when it answers. */
export type StartDaemon = () => Promise<void>;

/** How the daemon is reached. */
export interface ConnectionOptions {
  /** Where the daemon listens. */
  readonly socketPath: string;
  /** Called where there is no daemon; absent: that is an error. */
  readonly start?: StartDaemon | undefined;
  /** Milliseconds after which a daemon that says nothing is given up, but where a request may take long; 60 s by default. */
  readonly timeoutMs?: number | undefined;
}

/** One request. */
export interface DaemonRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** It waits for something that may take any time. */
  readonly isLong?: boolean;
  /** Asking twice is as asking once, so a lost connection is made anew. */
  readonly isRepeatable?: boolean;
}

const TIMEOUT_MS = 60_000;
/** An answer of more is none, bytes. */
const MAX_ANSWER = 256 * 1024 * 1024;
/** How often a daemon is tried that has more connections waiting than it takes, and after how long, milliseconds. */
const BUSY_TRIES = 100;
const BUSY_MS = 20;

/** A connection to the daemon that is made when it is needed. Whoever makes it closes it. */
export class DaemonConnection {
  readonly socketPath: string;
  readonly start: StartDaemon | undefined;
  readonly #timeoutMs: number;
  readonly #agent = new Agent({ keepAlive: true });
  #isClosed = false;

  constructor({ socketPath, start, timeoutMs = TIMEOUT_MS }: ConnectionOptions) {
    this.socketPath = socketPath;
    this.start = start;
    this.#timeoutMs = timeoutMs;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * The body of the answer; undefined where it has none.
   * @throws what the daemon threw; SessionError `T2A_DAEMON`, `T2A_DAEMON_VERSION`; AccessError `T2A_ACCESS`; T2aError `T2A_ABORTED`.
   */
  async ask(asked: DaemonRequest): Promise<unknown> {
    const body = asked.body === undefined ? undefined : Buffer.from(JSON.stringify(asked.body));
    for (let tries = 1; ; tries++) {
      if (this.#isClosed) throw new SessionError("T2A_DAEMON", "this client is closed");
      try {
        return await this.#once(asked, body);
      } catch (error) {
        if (error instanceof T2aError) throw error;
        await this.#mend(error, asked, tries);
      }
    }
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  /** Comes back where the request can be made again. */
  async #mend(error: unknown, { isRepeatable = false }: DaemonRequest, tries: number): Promise<void> {
    const code = systemCode(error);
    if (isNoDaemon(code)) {
      if (this.start === undefined || tries > 2) throw noDaemon(this.socketPath, error);
      await this.start();
      return;
    }
    if (code === "EAGAIN" && tries < BUSY_TRIES) return await sleep(BUSY_MS);
    if (isRepeatable && tries <= 2 && isLost(code)) return;
    throw connectionError(this.socketPath, error);
  }

  #once({ method, path, signal, isLong = false }: DaemonRequest, body: Buffer | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(aborted(signal));
      const { socketPath } = this;
      const sent = request({
        socketPath,
        agent: this.#agent,
        method,
        path,
        headers: {
          host: "t2a",
          [PROTOCOL_HEADER]: String(DAEMON_PROTOCOL),
          ...(body === undefined ? {} : { "content-type": "application/json", "content-length": body.length }),
        },
        ...(signal === undefined ? {} : { signal }),
      });
      const fail = (error: unknown) => reject(signal?.aborted ? aborted(signal) : error);
      sent.on("error", fail);
      if (!isLong) {
        sent.setTimeout(this.#timeoutMs, () => {
          const message = `the daemon says nothing for ${this.#timeoutMs / 1000} s: t2a daemon restart starts it anew, sessions live on`;
          sent.destroy(new SessionError("T2A_DAEMON", message));
        });
      }
      sent.on("response", (answer) => {
        readAnswer(answer)
          .then((text) => resolve(bodyOf(answer, text, socketPath)), fail)
          .catch(fail);
      });
      sent.end(body);
    });
  }
}

async function readAnswer(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ANSWER)
      throw new SessionError("T2A_DAEMON", `the daemon's answer is larger than ${MAX_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @throws what the daemon threw, and where this is no daemon that can be understood. */
function bodyOf({ headers, statusCode = 0 }: IncomingMessage, text: string, socketPath: string): unknown {
  checkProtocol(headers[PROTOCOL_HEADER], headers[VERSION_HEADER], socketPath);
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new SessionError("T2A_DAEMON", "the daemon's answer is no JSON: t2a daemon restart starts it anew", {
      cause,
    });
  }
  if (statusCode < 400) return body;
  throw errorOfBody(body) ?? new SessionError("T2A_DAEMON", `the daemon answers with status ${statusCode}`);
}

/** @throws SessionError `T2A_DAEMON` where who answered is no daemon, `T2A_DAEMON_VERSION` where it is too old. */
export function checkProtocol(
  protocol: string | readonly string[] | undefined,
  version: string | readonly string[] | undefined,
  socketPath: string,
): void {
  if (typeof protocol !== "string" || !/^[0-9]{1,6}$/.test(protocol)) {
    throw new SessionError(
      "T2A_DAEMON",
      `what listens at ${socketPath} is no daemon of t2a: end it, or remove the socket`,
      {
        details: { socketPath },
      },
    );
  }
  // A newer one says itself whether it still understands this client.
  if (Number(protocol) >= DAEMON_PROTOCOL_OLDEST) return;
  throw new SessionError(
    "T2A_DAEMON_VERSION",
    `the daemon (t2a ${String(version)}) speaks version ${protocol} of the protocol, this t2a ${DAEMON_PROTOCOL_OLDEST} at least: t2a daemon restart replaces it, sessions live on`,
    { details: { protocol: Number(protocol), oldest: DAEMON_PROTOCOL_OLDEST } },
  );
}

/** Whether nobody listens there. */
export function isNoDaemon(code: string | undefined): boolean {
  return code === "ECONNREFUSED" || code === "ENOENT" || code === "ENOTDIR";
}

function isLost(code: string | undefined): boolean {
  return code === "ECONNRESET" || code === "EPIPE";
}

/** What the user is told where nobody listens. */
export function noDaemon(socketPath: string, cause?: unknown): SessionError {
  return new SessionError("T2A_DAEMON", "no daemon runs: t2a daemon start starts it", {
    cause,
    details: { socketPath, isNone: true },
  });
}

/** A failed connection as an error of t2a. */
export function connectionError(socketPath: string, error: unknown): T2aError {
  if (error instanceof T2aError) return error;
  const code = systemCode(error);
  const details = { socketPath, systemCode: code };
  if (isNoDaemon(code)) return noDaemon(socketPath, error);
  if (code === "EACCES" || code === "EPERM") {
    return new AccessError(
      "T2A_ACCESS",
      `${socketPath} is not a socket of yours: set XDG_RUNTIME_DIR to a folder that is`,
      {
        details,
        cause: error,
      },
    );
  }
  const message = isLost(code)
    ? "the daemon went away while it was asked: whether it was done is not known, t2a session ls shows what there is"
    : `the daemon cannot be reached: ${code ?? String(error)}`;
  return new SessionError("T2A_DAEMON", message, { details, cause: error });
}

function aborted(signal: AbortSignal): T2aError {
  return signal.reason instanceof T2aError
    ? signal.reason
    : new T2aError("T2A_ABORTED", "the work was cancelled", { cause: signal.reason });
}
