// The API over a unix socket: any manager of sessions, for any client that may open the socket.
import { chmodSync } from "node:fs";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import websocket from "@fastify/websocket";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { SessionError, T2aError, UsageError } from "../core/index.js";
import {
  DAEMON_PROTOCOL,
  DAEMON_PROTOCOL_OLDEST,
  errorBody,
  MAX_BODY,
  MAX_CLIENT_MESSAGE,
  MAX_REFERENCE,
  PROTOCOL_HEADER,
  type StopMode,
  VERSION_HEADER,
} from "../session/client/index.js";
import type { SessionManager } from "../session/index.js";
import { AttachedClients } from "./attached-clients.js";
import { check } from "./check.js";
import { httpStatus } from "./http-status.js";
import { jsonPieces } from "./json-pieces.js";
import type { DaemonLog } from "./log.js";
import { openApiDocument } from "./open-api.js";
import type { Route, RouteServices } from "./route.js";
import { ROUTES } from "./routes.js";
import { attachQuery, sessionParams } from "./schemas.js";

/** What the API is served with. */
export interface ServeOptions {
  readonly manager: SessionManager;
  /** Where to listen; nothing is there. */
  readonly socketPath: string;
  /** Of t2a. */
  readonly version: string;
  readonly log: DaemonLog;
  /** The store, as may be shown. */
  readonly store?: string | undefined;
  /** Called where a client asks for the daemon's end, before it is answered. @throws SessionError `T2A_SESSION_LIVE`. */
  readonly onStop: (sessions: StopMode) => Promise<void>;
  /** How often attached clients are asked for a sign of life, and how long they may be silent; milliseconds. */
  readonly pingMs?: number | undefined;
  readonly silenceMs?: number | undefined;
}

/** A server that listens. Whoever started it closes it. */
export interface ApiServer {
  /** Milliseconds since something was asked last; 0 while a request is under way or a client is attached. */
  readonly idleMs: number;
  /** Refuses what is asked from here on. */
  refuse(): void;
  /** Takes nothing more, tells attached clients that the daemon ends, lets go of all. Idempotent. */
  close(): Promise<void>;
}

/** A name in a path may be a session's, percent-encoded: nine bytes for a UTF-16 unit. */
const MAX_PARAMETER = MAX_REFERENCE * 9;
const MAX_HEADERS = 128 * 1024;
/** To say all of a request, milliseconds. */
const REQUEST_MS = 60_000;
const MAX_CONNECTIONS = 4096;
/** For answers under way when the server closes, milliseconds. */
const ANSWER_MS = 250;
const POLL_MS = 5;

/** Listens. @throws whatever listening throws. */
export async function serve(options: ServeOptions): Promise<ApiServer> {
  const { manager, socketPath, version, log, store, onStop } = options;
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY,
    routerOptions: { maxParamLength: MAX_PARAMETER },
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    http: { maxHeaderSize: MAX_HEADERS },
    frameworkErrors: (error, request, reply) => {
      speak(reply, version);
      return sendError(error, request as FastifyRequest, reply as FastifyReply, log);
    },
    clientErrorHandler: (error, socket) => {
      log.debug({ reason: error.message }, "a client said what is no HTTP");
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      else socket.destroy();
    },
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  const clients = new AttachedClients(log, options);
  let [asked, lastAskedMs, isRefusing] = [0, performance.now(), false];

  await app.register(websocket, {
    options: { maxPayload: MAX_CLIENT_MESSAGE, perMessageDeflate: false },
    preClose: async () => clients.close(),
    errorHandler: () => {}, // the socket's end follows
  });
  app.websocketServer.on("headers", (headers: string[]) => {
    headers.push(`${PROTOCOL_HEADER}: ${DAEMON_PROTOCOL}`, `${VERSION_HEADER}: ${version}`);
  });
  app.addHook("onRequest", async (request, reply) => {
    lastAskedMs = performance.now();
    if (request.ws !== true) {
      asked++;
      reply.raw.once("close", () => {
        asked--;
        lastAskedMs = performance.now();
      });
    }
    speak(reply, version);
    checkVersion(request, version);
    if (isRefusing) throw new SessionError("T2A_DAEMON", "the daemon is ending: try again");
  });
  app.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) => sendError(pathError(request), request, reply.code(404), log, 404));

  const services: RouteServices = { manager, store, stop: onStop };
  for (const route of ROUTES) addRoute(app, route, services);
  app.get("/v1/openapi.json", async () => openApiDocument(version));
  app.route({
    method: "GET",
    url: "/v1/sessions/:reference/attach",
    handler: async () => {
      throw new UsageError("a terminal is attached by a WebSocket: ask with Upgrade: websocket");
    },
    // What is wrong with the request is said before there is a WebSocket.
    preValidation: async (request) => {
      check(sessionParams, request.params, "path");
      check(attachQuery, request.query, "query");
    },
    wsHandler: (socket, request) => {
      const { reference } = check(sessionParams, request.params, "path");
      void clients.serve(socket, manager, reference, check(attachQuery, request.query, "query"));
    },
  });

  await app.listen({ path: socketPath, exclusive: true, backlog: 511 });
  chmodSync(socketPath, 0o600);
  let closing: Promise<void> | undefined;
  return {
    get idleMs() {
      return asked + clients.count > 0 ? 0 : performance.now() - lastAskedMs;
    },
    refuse: () => {
      isRefusing = true;
    },
    close: async () => {
      const close = async () => {
        // What is being answered is said; who waits for something that may take any time learns that there is nobody left.
        for (let waited = 0; asked > 0 && waited < ANSWER_MS; waited += POLL_MS) await sleep(POLL_MS);
        await app.close();
      };
      closing ??= close();
      await closing;
    },
  };
}

/** Says who answers. */
function speak(reply: Pick<FastifyReply, "header">, version: string): void {
  reply.header(PROTOCOL_HEADER, String(DAEMON_PROTOCOL));
  reply.header(VERSION_HEADER, version);
}

/** @throws SessionError `T2A_DAEMON_VERSION` where the client says that it speaks what is not understood here. */
function checkVersion({ headers }: FastifyRequest, version: string): void {
  const told = headers[PROTOCOL_HEADER];
  if (told === undefined) return;
  const protocol = typeof told === "string" && /^[0-9]{1,6}$/.test(told) ? Number(told) : Number.NaN;
  if (protocol >= DAEMON_PROTOCOL_OLDEST && protocol <= DAEMON_PROTOCOL) return;
  const details = { protocol: DAEMON_PROTOCOL, oldest: DAEMON_PROTOCOL_OLDEST, version };
  throw new SessionError(
    "T2A_DAEMON_VERSION",
    `the daemon (t2a ${version}) speaks versions ${DAEMON_PROTOCOL_OLDEST} to ${DAEMON_PROTOCOL} of the protocol, this client ${protocol}: t2a daemon restart replaces it by that of the t2a which is asked, sessions live on`,
    { details },
  );
}

function addRoute(
  app: FastifyInstance,
  { method, path, params, query, body, status, isLarge, run }: Route,
  services: RouteServices,
): void {
  app.route({
    method,
    url: `/v1${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    handler: async (request, reply) => {
      const gone = new AbortController();
      reply.raw.once("close", () => {
        if (!reply.raw.writableFinished) gone.abort(new T2aError("T2A_ABORTED", "the client went away"));
      });
      const input = {
        params: params && check(params, request.params, "path"),
        query: query && check(query, request.query, "query"),
        body: body && check(body, request.body ?? {}, "body"),
        signal: gone.signal,
      };
      const answer = await run(services, input as never); // as its schemas gave it
      reply.code(status);
      if (isLarge) return reply.type("application/json; charset=utf-8").send(Readable.from(jsonPieces(answer)));
      return status === 204 || answer === undefined ? reply.send() : answer;
    },
  });
}

function pathError({ method }: FastifyRequest): UsageError {
  return new UsageError(`the API has no such path for ${method}: GET /v1/openapi.json lists what it has`);
}

function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: DaemonLog,
  status = statusOf(error),
): FastifyReply {
  const told = error instanceof T2aError || status >= 500 ? error : new UsageError(messageOf(error));
  // The path as it is written in the API: what stands in its places is the user's.
  const about = { method: request.method, path: request.routeOptions?.url, status };
  if (status >= 500 && !(error instanceof T2aError && status === 503))
    log.error({ ...about, err: error }, "a request failed");
  else log.debug(about, "a request was refused");
  return reply.code(status).send(errorBody(told));
}

/** Its own status has what fastify refuses: too large a body, rubbish in place of JSON. */
function statusOf(error: unknown): number {
  if (error instanceof T2aError) return httpStatus(error);
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : 500;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
