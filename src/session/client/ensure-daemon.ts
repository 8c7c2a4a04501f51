// Starting the daemon where there is none. Any number of clients may want it at once: one of them starts it, the others wait.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SessionError, StoreError, systemCode } from "../../core/index.js";
import { type FileLock, ioError, tryHoldFile } from "../../files/index.js";
import { prepareRuntimeFolder, type RuntimeFolder } from "../runtime-folder.js";
import { connectionError, isNoDaemon } from "./daemon-connection.js";
import { errorOfBody } from "./error-body.js";

/** How the daemon is started. */
export interface EnsureDaemonOptions {
  readonly runtime: RuntimeFolder;
  /** Path of the daemon's program. */
  readonly program: string;
  /** The daemon's environment: also that of sessions which are given none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** 30 s by default. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Variable of a daemon that was started in background: the descriptor on which it says, in one line of JSON, what came of it. */
export const READY_FD_VARIABLE = "T2A_DAEMON_READY_FD";
/** What it says there. */
export type DaemonReadiness = { readonly state: "ready" } | { readonly state: "failed"; readonly body: unknown };

const TIMEOUT_MS = 30_000;
const POLL_MS = 20;
const READY_FD = 3;
/** More is no line of a daemon, UTF-16 units. */
const MAX_LINE = 128 * 1024;
/** What a session's shell has of its own is not the daemon's. */
const NOT_THE_DAEMONS = ["T2A_SESSION", "T2A_CONTEXT", READY_FD_VARIABLE] as const;

/**
 * Comes back when a daemon takes connections; gives whether this call started it. Sockets that a killed daemon left are in nobody's way.
 * @throws SessionError `T2A_DAEMON` where it does not start in time; whatever the daemon failed with; AccessError `T2A_ACCESS` where the
 * runtime folder is not the user's own.
 */
export async function ensureDaemon(options: EnsureDaemonOptions): Promise<boolean> {
  const { runtime, timeoutMs = TIMEOUT_MS, signal } = options;
  prepareRuntimeFolder(runtime);
  const deadline = performance.now() + timeoutMs;
  while (!(await takesConnections(runtime.daemonSocket))) {
    // Who holds this one starts the daemon; who holds the daemon's lock is it, on its way up or down.
    const starting = holdOwn(join(runtime.folder, "daemon.start"));
    try {
      if (starting !== undefined && isFree(runtime.daemonLock) && !(await takesConnections(runtime.daemonSocket))) {
        await startDaemon(options, deadline - performance.now());
        return true;
      }
    } finally {
      starting?.release();
    }
    if (performance.now() > deadline) throw silent(runtime, timeoutMs);
    await sleep(POLL_MS, undefined, { ...(signal === undefined ? {} : { signal }) });
  }
  return false;
}

/** Process id of the daemon that holds the lock, listening or not; undefined where there is none. */
export function findDaemonPid(runtime: RuntimeFolder): number | undefined {
  try {
    const lock = tryHoldFile(runtime.daemonLock);
    if (lock !== undefined) {
      lock.release();
      if (lock.isLocked) return undefined;
    }
    const pid = Number(/^[0-9]{1,10}$/m.exec(readFileSync(runtime.daemonLock, "latin1"))?.[0]);
    return Number.isInteger(pid) ? pid : undefined;
  } catch (error) {
    if (error instanceof StoreError && error.code === "T2A_FILE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Whether somebody listens there. @throws AccessError `T2A_ACCESS`, SessionError `T2A_DAEMON`. */
async function takesConnections(socketPath: string): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => {
      const code = systemCode(error);
      if (isNoDaemon(code)) resolve(false);
      else if (code === "EAGAIN")
        resolve(true); // more are waiting than it takes
      else reject(connectionError(socketPath, error));
    });
  });
}

function holdOwn(path: string): FileLock | undefined {
  return tryHoldFile(path, { create: true });
}

function isFree(path: string): boolean {
  const lock = holdOwn(path);
  lock?.release();
  return lock !== undefined;
}

/** Starts one in background: a session of processes of its own, nothing of the user's terminal. Comes back when it listens. */
async function startDaemon({ runtime, program, env }: EnsureDaemonOptions, timeoutMs: number): Promise<void> {
  const log = openLog(runtime.daemonLog);
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [program], {
      detached: true,
      cwd: "/",
      stdio: ["ignore", log, log, "pipe"],
      env: { ...without(env, NOT_THE_DAEMONS), [READY_FD_VARIABLE]: String(READY_FD) },
    });
  } finally {
    closeSync(log);
  }
  try {
    await becomesReady(child, runtime, timeoutMs);
  } finally {
    child.stdio[READY_FD]?.destroy();
    child.unref();
  }
}

function openLog(path: string): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  try {
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  } catch (error) {
    throw ioError("write", path, error);
  }
}

async function becomesReady(child: ChildProcess, runtime: RuntimeFolder, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const line = await new Promise<string>((resolve, reject) => {
      let text = "";
      const pipe = child.stdio[READY_FD];
      pipe?.on("data", (chunk: Buffer) => {
        if (text.length < MAX_LINE) text += chunk.toString("utf8");
        if (text.endsWith("\n")) resolve(text);
      });
      pipe?.on("error", reject);
      child.once("error", reject);
      child.once("exit", (status, killed) => reject(endedAtOnce(killed ?? `status ${status}`)));
      timer = setTimeout(() => {
        // One that is the daemon may still come; one that is not never will.
        if (findDaemonPid(runtime) !== child.pid) child.kill("SIGKILL");
        reject(silent(runtime, timeoutMs));
      }, timeoutMs);
    });
    const told = JSON.parse(line) as DaemonReadiness;
    if (told.state === "failed") throw errorOfBody(told.body) ?? endedAtOnce("an unknown failure");
  } catch (error) {
    throw error instanceof Error && systemCode(error) !== undefined && "syscall" in error
      ? connectionError(runtime.daemonSocket, error)
      : error;
  } finally {
    clearTimeout(timer);
  }
}

function endedAtOnce(how: string): SessionError {
  return new SessionError("T2A_DAEMON", `the daemon ended at its start (${how}): t2a daemon logs shows why`);
}

function silent(runtime: RuntimeFolder, timeoutMs: number): SessionError {
  const pid = findDaemonPid(runtime);
  const who = pid === undefined ? "the daemon" : `the daemon (process ${pid})`;
  const next = pid === undefined ? "t2a daemon logs shows why" : `kill -9 ${pid} ends it, sessions live on`;
  return new SessionError("T2A_DAEMON", `${who} does not answer after ${Math.round(timeoutMs / 1000)} s: ${next}`, {
    details: pid === undefined ? {} : { pid },
  });
}

function without(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
