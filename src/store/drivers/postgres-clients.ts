// A few connections to a PostgreSQL server: opened when they are needed, bounded in time, dropped when something is wrong
// with them, and what was asked on them asked again. No error that leaves here holds a password.
import { Socket } from "node:net";
import { userInfo } from "node:os";
import type { Client, ClientConfig, QueryResultRow } from "pg";
import { StoreError, systemCode, UsageError } from "../../core/index.js";
import { visibleText } from "../../terminal/index.js";
import { aborted, throwIfAborted } from "../aborted.js";
import { type PostgresLocation, visibleStoreUrl } from "../location.js";
import { retry } from "../retry.js";
import type { StorageOptions } from "../storage.js";
import { findPassword } from "./pgpass.js";

/** How long and how often. Times in milliseconds. */
export interface PostgresTimes {
  /** Until a connection stands, with TLS and password; 10 s by default. */
  readonly connectMs?: number | undefined;
  /** Until a statement is answered; 30 s by default. */
  readonly statementMs?: number | undefined;
  /** Tries altogether; 8 by default. */
  readonly tries?: number | undefined;
  /** No try begins later than this; 60 s by default. */
  readonly totalMs?: number | undefined;
  /** The longest wait before the second try, doubled with each further one; 100 by default. */
  readonly firstWaitMs?: number | undefined;
}

/** What a statement gave. */
export interface Answer<Row> {
  readonly rows: Row[];
  readonly count: number;
}

/** Where statements are run. */
export interface Statements {
  /** Runs one, with `$1`, `$2` ... for the values. */
  query<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Answer<Row>>;
}

/** How something is asked. */
export interface AskOptions extends StorageOptions {
  /** Not tried again. */
  readonly isOnce?: boolean | undefined;
  /** For what takes long: so many times the usual time. */
  readonly patience?: number | undefined;
}

const MAX_CLIENTS = 4;
const MAX_WAIT_MS = 2000;

/** A failure of the server or of the way to it; `isTransient` where it may be over in a moment. */
class PostgresFailure extends StoreError {
  readonly isTransient: boolean;
  /** Nothing more can be asked on the connection. */
  readonly isLost: boolean;

  constructor(
    message: string,
    { isTransient, isLost, reason }: { isTransient: boolean; isLost: boolean; reason: string },
  ) {
    super("T2A_STORE_UNAVAILABLE", message, { details: { reason } });
    this.name = "StoreError";
    this.isTransient = isTransient;
    this.isLost = isLost;
  }
}

interface Connection {
  readonly client: Client;
  readonly socket: Socket;
  isLost: boolean;
}

/**
 * Connections to one server. Errors: StoreError `T2A_STORE_UNAVAILABLE` (`details.reason`: the system's code or the
 * server's SQLSTATE), `T2A_STORE_DAMAGED`; T2aError `T2A_ABORTED`. Whoever makes it closes it.
 */
export class PostgresClients {
  /** Without a password. */
  readonly location: string;
  readonly #config: ClientConfig;
  readonly #secrets: readonly string[];
  readonly #isTlsOptional: boolean;
  readonly #times: Required<{ [Key in keyof PostgresTimes]: number }>;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #waiting: (() => void)[] = [];
  #used = 0;
  #isClosed = false;

  /** Connects to nothing yet. @throws UsageError `T2A_STORE_URL`. */
  constructor(location: PostgresLocation, times: PostgresTimes = {}) {
    this.location = visibleStoreUrl(location);
    const { connectionString, secrets, isTlsOptional } = configOf(location);
    this.#secrets = secrets;
    this.#isTlsOptional = isTlsOptional;
    this.#times = {
      connectMs: times.connectMs ?? 10_000,
      statementMs: times.statementMs ?? 30_000,
      tries: times.tries ?? 8,
      totalMs: times.totalMs ?? 60_000,
      firstWaitMs: times.firstWaitMs ?? 100,
    };
    this.#config = {
      connectionString,
      fallback_application_name: "t2a",
      connectionTimeoutMillis: this.#times.connectMs,
      keepAlive: true,
    };
    // Whoever prints this object prints no password.
    Object.defineProperty(this.#config, "connectionString", { enumerable: false });
  }

  /** Runs one statement, and again where that failed: it must do no harm done twice. */
  async query<Row extends QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
    options?: AskOptions,
  ): Promise<Answer<Row>> {
    return await this.run((statements) => statements.query<Row>(sql, values), options);
  }

  /**
   * Does the task over a connection, and again where that failed: what became of it is unknown then, and the task finds out
   * (`tryNumber` counts from 1).
   */
  async run<Result>(
    task: (statements: Statements, tryNumber: number) => Promise<Result>,
    { signal, isOnce, patience = 1 }: AskOptions = {},
  ): Promise<Result> {
    const { tries, totalMs, firstWaitMs } = this.#times;
    return await retry((tryNumber) => this.#try(task, tryNumber, patience, signal), {
      isTransient: (error) => error instanceof PostgresFailure && error.isTransient,
      tries: isOnce ? 1 : tries,
      firstWaitMs,
      maxWaitMs: MAX_WAIT_MS,
      maxTotalMs: totalMs,
      signal,
    });
  }

  /** As `run`, in one transaction. */
  async transaction<Result>(
    task: (statements: Statements, tryNumber: number) => Promise<Result>,
    options?: AskOptions,
  ): Promise<Result> {
    return await this.run(async (statements, tryNumber) => {
      await statements.query("BEGIN");
      let result: Result;
      try {
        result = await task(statements, tryNumber);
      } catch (error) {
        // Where the connection is lost, so is the transaction.
        if (!(error instanceof PostgresFailure && error.isLost)) await statements.query("ROLLBACK");
        throw error;
      }
      await statements.query("COMMIT");
      return result;
    }, options);
  }

  /** Ends the connections. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const idle = this.#idle.splice(0);
    await Promise.all(
      idle.map(async (connection) => {
        // Told, but not waited for longer than it takes to say so: the server may have stalled.
        const timer = setTimeout(() => connection.socket.destroy(), 1000);
        await connection.client.end().catch(() => {});
        clearTimeout(timer);
      }),
    );
    for (const { socket } of this.#open) socket.destroy();
  }

  async #try<Result>(
    task: (statements: Statements, tryNumber: number) => Promise<Result>,
    tryNumber: number,
    patience: number,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    await this.#turn(signal);
    try {
      const connection = this.#idle.pop() ?? (await this.#connect(signal));
      const statements: Statements = {
        query: (sql, values) => this.#ask(connection, sql, values, patience, signal),
      };
      try {
        if (patience > 1) await statements.query(`SET statement_timeout = ${this.#times.statementMs * patience}`);
        return await task(statements, tryNumber);
      } finally {
        if (connection.isLost || this.#isClosed) connection.socket.destroy();
        else this.#idle.push(connection);
      }
    } finally {
      this.#used--;
      this.#waiting.shift()?.();
    }
  }

  /** Waits until there is a connection to be had. */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    while (this.#used >= MAX_CLIENTS) {
      throwIfAborted(signal);
      await new Promise<void>((resolve) => {
        const go = (): void => {
          signal?.removeEventListener("abort", go);
          const at = this.#waiting.indexOf(go);
          if (at >= 0) this.#waiting.splice(at, 1);
          resolve();
        };
        signal?.addEventListener("abort", go);
        this.#waiting.push(go);
      });
    }
    if (signal?.aborted) {
      // The turn that this one was given is the next one's.
      this.#waiting.shift()?.();
      throw aborted(signal);
    }
    this.#used++;
  }

  async #connect(signal: AbortSignal | undefined): Promise<Connection> {
    if (this.#isClosed) throw new TypeError("the store is closed");
    try {
      return await this.#connectOnce(this.#config, signal);
    } catch (error) {
      const isRefused = error instanceof PostgresFailure && /does not support SSL/.test(error.message);
      if (!this.#isTlsOptional || !isRefused) throw error;
      const plain = new URL(this.#config.connectionString ?? "");
      plain.searchParams.set("sslmode", "disable");
      return await this.#connectOnce({ ...this.#config, connectionString: plain.href }, signal);
    }
  }

  async #connectOnce(config: ClientConfig, signal: AbortSignal | undefined): Promise<Connection> {
    const { Client } = (await import("pg")).default;
    const socket = new Socket();
    const { connectionString } = config;
    let client: Client;
    try {
      client = new Client({ ...config, connectionString, stream: () => socket });
    } catch (error) {
      throw this.#failure("cannot be opened", error);
    }
    const connection: Connection = { client, socket, isLost: false };
    const lose = (): void => {
      connection.isLost = true;
      const at = this.#idle.indexOf(connection);
      if (at >= 0) this.#idle.splice(at, 1);
    };
    client.on("error", lose);
    client.on("end", lose);
    this.#open.add(connection);
    socket.once("close", () => this.#open.delete(connection));
    const { connectMs, statementMs } = this.#times;
    try {
      await this.#bounded(socket, connectMs, signal, async () => {
        await client.connect();
        // What a client that died holds is let go, and what nobody waits for any more is ended.
        // What is long in a row is stored elsewhere, which the planner does not reckon with: no table is gone through whole
        // where an index leads to what is wanted, and no query is worth compiling.
        await client.query(
          `SET statement_timeout = ${statementMs}; SET idle_in_transaction_session_timeout = ${2 * statementMs};
          SET enable_seqscan = off; SET jit = off; SET work_mem = '16MB'`,
        );
      });
    } catch (error) {
      socket.destroy();
      throw this.#failure("cannot be reached", error);
    }
    return connection;
  }

  async #ask<Row extends QueryResultRow>(
    connection: Connection,
    sql: string,
    values: readonly unknown[] | undefined,
    patience: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer<Row>> {
    const { client, socket } = connection;
    try {
      const limitMs = this.#times.statementMs * patience;
      const { rows, rowCount } = await this.#bounded(socket, limitMs, signal, () =>
        client.query<Row>(sql, values === undefined ? [] : [...values]),
      );
      return { rows, count: rowCount ?? 0 };
    } catch (error) {
      const failure = this.#failure("failed", error);
      if (!(failure instanceof PostgresFailure) || failure.isLost) connection.isLost = true;
      throw failure;
    }
  }

  /** Does something on a socket, which is destroyed where that takes too long or the signal says so. */
  async #bounded<Result>(
    socket: Socket,
    limitMs: number,
    signal: AbortSignal | undefined,
    task: () => Promise<Result>,
  ): Promise<Result> {
    throwIfAborted(signal);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      socket.destroy();
    }, limitMs);
    const end = (): void => {
      socket.destroy();
    };
    signal?.addEventListener("abort", end);
    try {
      return await task();
    } catch (error) {
      throwIfAborted(signal);
      if (isLate) throw new Late(limitMs);
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }

  /** The error that may be shown. Nothing of the one that it is made of goes along but its code and its words. */
  #failure(what: string, error: unknown): Error {
    if (error instanceof StoreError || (error instanceof Error && "code" in error && error.code === "T2A_ABORTED")) {
      return error;
    }
    const code = systemCode(error) ?? "";
    const said = this.#scrub(error instanceof Error ? error.message : "");
    // A Unix socket that is not there; not a certificate.
    const isSocket = code === "ENOENT" && error instanceof Error && "syscall" in error && error.syscall === "connect";
    const isTransient =
      isSocket || TRANSIENT_CODE.test(code) || error instanceof Late || (code === "" && LOST.test(said));
    // The server answered in order: the connection goes on.
    const isLost = !SQLSTATE.test(code) || LOST_SQLSTATE.test(code);
    const words = wordsOf(code, said);
    const reason = code || (error instanceof Late ? "timeout" : said);
    if (code.startsWith("XX")) {
      return new StoreError("T2A_STORE_DAMAGED", `the store ${this.location} is damaged: ${words}`, {
        details: { reason },
      });
    }
    return new PostgresFailure(`the store ${this.location} ${what}: ${words}`, { isTransient, isLost, reason });
  }

  #scrub(text: string): string {
    let scrubbed = text;
    for (const secret of this.#secrets) {
      // What is so short stands in every text.
      if (secret.length < 4 && text.includes(secret)) return "it does not work";
      scrubbed = scrubbed.replaceAll(secret, "***");
    }
    return visibleText(scrubbed, { maxLength: 300 });
  }
}

/** That nobody answered in time. */
class Late extends Error {
  constructor(limitMs: number) {
    super(`no answer within ${limitMs / 1000} s`);
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** The connection is over, or was never there. */
const LOST_SQLSTATE = /^(08|57P|25P03)/;
const TRANSIENT_CODE =
  /^(08...|57P..|25P03|40001|40P01|53300|53400|55P03|57014|ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EAI_AGAIN)$/;
/** What pg says of connections that have ended. */
const LOST =
  /^(Connection terminated|timeout expired|Client has encountered a connection error|There was an error est)/;

function wordsOf(code: string, said: string): string {
  const next = NEXT_STEPS[code];
  if (next !== undefined) return next;
  if (/password must be a/.test(said)) return NEXT_STEPS["28P01"] ?? said;
  if (code === "" || said.includes(code)) return said || "it does not answer";
  return said === "" ? code : `${said} (${code})`;
}

const NEXT_STEPS: Readonly<Record<string, string>> = {
  "28P01": "the server refuses the user or the password: put it into PGPASSWORD or ~/.pgpass",
  "28000": "the server refuses the user, or wants TLS: see sslmode in the URL",
  "3D000": "there is no such database: create it first",
  "42501": "the user lacks a privilege: it has to own the tables, and to create them in the schema",
  "53100": "the server's disk is full",
  "53300": "the server has too many clients",
  "57P03": "the server is starting or shutting down",
  "25006": "the server takes no changes: it is a standby",
  ECONNREFUSED: "nobody listens there (ECONNREFUSED): is the server running?",
  ENOTFOUND: "there is no host of that name (ENOTFOUND)",
};

const SSL_MODES = new Set(["disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify"]);

/** What pg is given, with the meanings that PostgreSQL's own clients have for it. */
function configOf({ url }: PostgresLocation): {
  readonly connectionString: string;
  readonly secrets: readonly string[];
  readonly isTlsOptional: boolean;
} {
  const parsed = new URL(url);
  const { searchParams } = parsed;
  const mode = searchParams.get("sslmode");
  if (mode !== null && !SSL_MODES.has(mode)) {
    throw new UsageError(`sslmode in a postgres URL is one of ${[...SSL_MODES].join(", ")}`, { code: "T2A_STORE_URL" });
  }
  const isTlsOptional = mode === "prefer" || mode === "allow";
  if (isTlsOptional) searchParams.set("sslmode", "prefer");
  // As libpq has it: `require` encrypts and `verify-*` hold the certificate against something.
  if (mode !== null && mode !== "no-verify") searchParams.set("uselibpqcompat", "true");
  const given = searchParams.get("password") ?? decoded(parsed.password);
  const password = given || process.env.PGPASSWORD || findPassword(keyOf(parsed));
  if (password) searchParams.set("password", password);
  parsed.password = "";
  const secrets = [password ?? "", encodeURIComponent(password ?? ""), new URL(url).password].filter(Boolean);
  return { connectionString: parsed.href, secrets: [...new Set(secrets)], isTlsOptional };
}

function keyOf(url: URL): { host: string; port: string; database: string; user: string } {
  const { searchParams } = url;
  const host = searchParams.get("host") || decoded(url.hostname) || process.env.PGHOST || "localhost";
  return {
    host: host.startsWith("/") ? "localhost" : host,
    port: searchParams.get("port") || url.port || process.env.PGPORT || "5432",
    database: decoded(url.pathname.slice(1)),
    user: searchParams.get("user") || decoded(url.username) || process.env.PGUSER || userInfo().username,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
