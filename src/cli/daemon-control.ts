// Looking at the daemon, starting, ending and replacing it.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { SessionError, T2aError } from "../core/index.js";
import { type DaemonAbout, ensureDaemon, findDaemonPid, type RuntimeFolder } from "../session/client/index.js";
import type { CommandContext } from "./context.js";
import { daemonOptions, openSessions } from "./open-sessions.js";

/** For a daemon to end in order, milliseconds; sessions that are ended with it have 5 s themselves. */
const END_MS = 60_000;
const POLL_MS = 20;
/** For one that is asked to end to answer at all, milliseconds. */
const ANSWER_MS = 5000;

/** What the daemon says of itself; undefined where none runs. @throws where it does not answer. */
export async function findDaemon(context: CommandContext): Promise<DaemonAbout | undefined> {
  const sessions = await openSessions(context, { mustRun: true });
  try {
    return await sessions.stats();
  } catch (error) {
    const { runtime } = await daemonOptions(context);
    if (isNone(error) && findDaemonPid(runtime) === undefined) return undefined;
    throw error;
  } finally {
    await sessions.close();
  }
}

/** Starts it where there is none; gives whether that was so. */
export async function startDaemon(context: CommandContext): Promise<boolean> {
  return await ensureDaemon(await daemonOptions(context));
}

/** Runs it as this command's child, on its terminal; gives its exit status. */
export async function runInForeground(context: CommandContext): Promise<number> {
  const { program, env } = await daemonOptions(context);
  const child = spawn(process.execPath, [program], { stdio: "inherit", env });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (status, signal) =>
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    for (const signal of signals) process.off(signal, pass);
  }
}

/**
 * Ends it; comes back when it is gone. Gives its process id, undefined where none ran.
 * @throws SessionError `T2A_SESSION_LIVE` while sessions live, unless by force.
 */
export async function stopDaemon(isForced: boolean, context: CommandContext): Promise<number | undefined> {
  const { runtime } = await daemonOptions(context);
  const pid = findDaemonPid(runtime);
  if (pid === undefined) return undefined;
  const sessions = await openSessions(context, { mustRun: true });
  try {
    await sessions.stopDaemon(isForced ? "end" : "refuse");
  } catch (error) {
    if (!isNone(error)) throw error; // it was ending by itself
  } finally {
    await sessions.close();
  }
  if (await isGone(runtime, pid)) return pid;
  throw new SessionError("T2A_DAEMON", `the daemon does not end: kill -9 ${pid} ends it, sessions live on`);
}

/** Ends it, by all means, and starts another. Sessions live on whatever is done to it. */
export async function replaceDaemon(context: CommandContext): Promise<void> {
  const { runtime, ...options } = await daemonOptions(context);
  const pid = findDaemonPid(runtime);
  if (pid !== undefined) {
    const ways = [() => leave(context), () => kill(pid, "SIGTERM"), () => kill(pid, "SIGKILL")];
    for (const way of ways) {
      const wasDone = await way();
      if (wasDone && (await isGone(runtime, pid))) break;
    }
  }
  await ensureDaemon({ runtime, ...options });
}

/** Asks it to end without its sessions; false where it does not understand or does not answer. */
async function leave(context: CommandContext): Promise<boolean> {
  const sessions = await openSessions(context, { mustRun: true, timeoutMs: ANSWER_MS });
  try {
    await sessions.stopDaemon("keep");
    return true;
  } catch (error) {
    if (error instanceof T2aError) return false;
    throw error;
  } finally {
    await sessions.close();
  }
}

async function kill(pid: number, signal: NodeJS.Signals): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch {
    // it has gone by itself
  }
  return true;
}

/** Comes back when the daemon of that process is no more; false where that takes too long. */
async function isGone(runtime: RuntimeFolder, pid: number): Promise<boolean> {
  for (let waited = 0; waited < END_MS; waited += POLL_MS) {
    if (findDaemonPid(runtime) !== pid) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** Whether an error says that nobody listens. */
function isNone(error: unknown): boolean {
  return error instanceof SessionError && error.code === "T2A_DAEMON" && error.details.isNone === true;
}

/** Shows what a daemon says of itself. */
export async function printDaemon(about: DaemonAbout, asJson: boolean, context: CommandContext): Promise<void> {
  if (asJson) return context.printJson({ isRunning: true, ...about });
  const { visibleText } = await import("../terminal/index.js");
  const { runtime } = await daemonOptions(context);
  const { pid, version, startedAt, sessions, clients, holders, store, problems = [] } = about;
  const held = holders.map((holder) => `process ${holder.pid} with ${holder.sessions}`).join(", ");
  const lines = [
    ["daemon", `process ${pid}, t2a ${version}, since ${startedAt}`],
    ["sessions", `${sessions} alive, ${clients} ${clients === 1 ? "client" : "clients"} attached`],
    ["holders", held === "" ? "none" : held],
    ...(store === undefined ? [] : [["library", store]]),
    ["socket", runtime.daemonSocket],
    ["log", runtime.daemonLog],
    ...problems.map((problem) => ["problem", problem] as const),
  ] as const;
  for (const [name, value] of lines) context.print(`${name?.padEnd(10)}${visibleText(value ?? "")}`);
  if (version !== context.io.version)
    context.info(`this is t2a ${context.io.version}: t2a daemon restart replaces the daemon, sessions live on`);
}
