// The daemon's life: one a user, by a lock that it holds while it lives; serves, until it is told to end or nobody needs it.
import { closeSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SessionError, systemCode } from "../core/index.js";
import { type FileLock, tryHoldFile } from "../files/index.js";
import {
  type DaemonReadiness,
  errorBody,
  prepareRuntimeFolder,
  type RuntimeFolder,
  type StopMode,
} from "../session/client/index.js";
import type { SessionManager } from "../session/index.js";
import { type DaemonLog, openLog } from "./log.js";
import { type ApiServer, serve } from "./serve.js";

/** What the daemon is made of. */
export interface DaemonOptions {
  readonly runtime: RuntimeFolder;
  /** Of t2a. */
  readonly version: string;
  /** Opens the sessions, once this is the one daemon. It is closed when the daemon ends. */
  readonly openManager: (log: DaemonLog) => Promise<{
    readonly manager: SessionManager;
    /** The store, as may be shown. */
    readonly store?: string | undefined;
    /** Milliseconds without sessions, clients and requests after which the daemon ends by itself; never where absent. */
    readonly idleExitMs?: number | undefined;
    /** Called when nothing is asked any more, before the manager is closed. */
    readonly onEnd?: (() => void) | undefined;
  }>;
  readonly logLevel?: "debug" | "info" | undefined;
  /** Descriptor on which it says what came of its start, closed then. */
  readonly readyFd?: number | undefined;
}

/** What was thrown where nobody caught it, so often within so long, ends the daemon: those who need it start another. Milliseconds. */
const MAX_STRAYS = 20;
const STRAY_MS = 60_000;
/** Sessions that are ended at a time, where all are to end. */
const ENDED_AT_ONCE = 32;
/** Somebody may be asking for the lock just now. */
const LOCK_TRIES = 20;
const LOCK_MS = 10;
/** How often it is looked whether nobody needs it, at least and at most, milliseconds. */
const MIN_IDLE_CHECK_MS = 50;
const MAX_IDLE_CHECK_MS = 30_000;

/**
 * Runs the daemon in this process, until SIGTERM, SIGINT or a client ends it; gives the exit status. Sessions live on.
 * @throws SessionError `T2A_DAEMON` where one runs already; whatever opening the sessions or listening throws.
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const { runtime } = options;
  let { readyFd } = options;
  const ready = (told: DaemonReadiness) => {
    if (readyFd === undefined) return;
    try {
      writeSync(readyFd, `${JSON.stringify(told)}\n`);
    } catch {
      // whoever started it has gone
    }
    closeSync(readyFd);
    readyFd = undefined;
  };
  try {
    prepareRuntimeFolder(runtime);
    const lock = await holdDaemonLock(runtime);
    try {
      return await live(options, () => ready({ state: "ready" }));
    } finally {
      lock.release();
    }
  } catch (error) {
    ready({ state: "failed", body: errorBody(error) });
    throw error;
  }
}

async function live(options: DaemonOptions, onReady: () => void): Promise<number> {
  const { runtime, version, openManager, logLevel } = options;
  tellWho(runtime, version);
  const { log, close: closeLog } = openLog(runtime.daemonLog, { level: logLevel ?? "info" });
  const ending = new AbortController();
  const end = (reason: string) => ending.abort(reason);
  const release = [onSignals(end), watchStrays(log, end)];
  let opened: Awaited<ReturnType<typeof openManager>> | undefined;
  let server: ApiServer | undefined;
  try {
    log.info({ version, node: process.version }, "the daemon starts");
    opened = await openManager(log);
    const { manager, store, idleExitMs } = opened;
    if (ending.signal.aborted) return 0;
    rmSync(runtime.daemonSocket, { force: true }); // of one that was killed: this one has the lock
    server = await serve({
      manager,
      socketPath: runtime.daemonSocket,
      version,
      log,
      store,
      onStop: async (sessions) => {
        await letGoOf(manager, sessions, log, () => server?.refuse());
        end("a client asked for it");
      },
    });
    if (idleExitMs !== undefined) release.push(watchIdle(idleExitMs, server, manager, end));
    log.info({ sessions: (await manager.stats()).sessions }, "the daemon listens");
    onReady();
    await aborted(ending.signal);
    log.info({ reason: String(ending.signal.reason) }, "the daemon ends");
    return ending.signal.reason === TOO_MANY_STRAYS ? 1 : 0;
  } catch (error) {
    log.fatal({ err: error }, "the daemon cannot go on");
    throw error;
  } finally {
    if (server !== undefined) {
      rmSync(runtime.daemonSocket, { force: true });
      await server.close();
    }
    opened?.onEnd?.();
    await opened?.manager.close();
    for (const each of release) each();
    closeLog();
  }
}

/** For who looks for it while it does not answer; the lock alone says that it lives. */
function tellWho({ daemonLock }: RuntimeFolder, version: string): void {
  try {
    writeFileSync(daemonLock, `${process.pid}\n${version}\n`);
  } catch (error) {
    if (systemCode(error) !== "ENOSPC" && systemCode(error) !== "EDQUOT") throw error; // a full disk keeps no daemon from its start
  }
}

/** @throws SessionError `T2A_DAEMON` where another daemon lives. */
async function holdDaemonLock({ daemonLock, daemonSocket }: RuntimeFolder): Promise<FileLock> {
  for (let tries = 1; ; tries++) {
    const lock = tryHoldFile(daemonLock, { create: true });
    // Where a machine has no locks, who listens is asked.
    if (lock?.isLocked || (lock !== undefined && !(await isListening(daemonSocket)))) return lock;
    lock?.release();
    if (lock !== undefined || tries === LOCK_TRIES)
      throw new SessionError("T2A_DAEMON", "a daemon runs already: t2a daemon status tells of it");
    await sleep(LOCK_MS);
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/**
 * What is to become of the sessions becomes of them.
 * @throws SessionError `T2A_SESSION_LIVE`.
 */
async function letGoOf(manager: SessionManager, mode: StopMode, log: DaemonLog, refuse: () => void): Promise<void> {
  const live = await manager.listActive();
  if (mode === "refuse" && live.length > 0) {
    const what = live.length === 1 ? "a session lives" : `${live.length} sessions live`;
    throw new SessionError("T2A_SESSION_LIVE", `${what}: --force ends it all, t2a daemon restart keeps what lives`, {
      details: { sessions: live.length },
    });
  }
  refuse();
  if (mode !== "end") return;
  const waiting = [...live];
  const endSome = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await manager
        .killSession(next.id)
        .catch((error: unknown) => log.warn({ err: error }, "a session could not be ended"));
    }
  };
  // All at once would keep each other from being told of in time.
  await Promise.all(Array.from({ length: ENDED_AT_ONCE }, endSome));
}

/** A terminal that closes is not the daemon's. Gives what takes the watch away. */
function onSignals(end: (reason: string) => void): () => void {
  const ignore = () => {};
  const ends = (["SIGTERM", "SIGINT"] as const).map((name) => [name, () => end(name)] as const);
  process.on("SIGHUP", ignore);
  for (const [name, listener] of ends) process.on(name, listener);
  return () => {
    process.off("SIGHUP", ignore);
    for (const [name, listener] of ends) process.off(name, listener);
  };
}

const TOO_MANY_STRAYS = "too much went wrong";

/** One session's trouble is not the others': what nobody caught is told in the log. Gives what takes the watch away. */
function watchStrays(log: DaemonLog, end: (reason: string) => void): () => void {
  let times: number[] = [];
  const stray = (error: unknown) => {
    log.error({ err: error }, "thrown, and caught by nobody");
    const now = performance.now();
    times = [...times.filter((time) => now - time < STRAY_MS), now];
    if (times.length > MAX_STRAYS) end(TOO_MANY_STRAYS);
  };
  process.on("uncaughtException", stray);
  process.on("unhandledRejection", stray);
  return () => {
    process.off("uncaughtException", stray);
    process.off("unhandledRejection", stray);
  };
}

/** Ends a daemon that nobody needs. Gives what takes the watch away. */
function watchIdle(
  idleExitMs: number,
  server: ApiServer,
  manager: SessionManager,
  end: (reason: string) => void,
): () => void {
  const look = async () => {
    if (server.idleMs < idleExitMs) return;
    const { sessions, clients } = await manager.stats();
    if (sessions + clients === 0 && server.idleMs >= idleExitMs) end("nobody needs it");
  };
  const every = Math.min(Math.max(idleExitMs / 4, MIN_IDLE_CHECK_MS), MAX_IDLE_CHECK_MS);
  const timer = setInterval(() => void look().catch(() => {}), every);
  return () => clearInterval(timer);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
