// A user whose daemon and holder run in the process of the test, put together as the daemon's program does it: real shells, a library of
// files. All of it is gone with the test.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import { createContext } from "../../src/cli/context.js";
import { openLocalSessions } from "../../src/cli/local-sessions.js";
import { type DaemonOptions, runDaemon } from "../../src/server/index.js";
import { DaemonClient, findDaemonPid, prepareRuntimeFolder, runtimeFolder } from "../../src/session/client/index.js";
import type { Holder } from "../../src/session/holding.js";
import type { SessionManager } from "../../src/session/index.js";
import { openHolderHere } from "./holders.js";
import { pollUntil } from "./poll-until.js";
import { type CliOptions, PROGRAMS, runCli } from "./run-cli.js";

/** Of the daemon here. */
const VERSION = "0.1.0";

/** The user, whose daemon does not run yet. `more`: of the environment. */
export function userHere(more: Readonly<Record<string, string>> = {}) {
  const base = mkdtempSync(join(tmpdir(), "t2h-")); // a socket's path has 107 bytes at most
  const path = (name: string) => join(base, name);
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: base,
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    HISTFILE: "",
    XDG_RUNTIME_DIR: base,
    XDG_DATA_HOME: path("d"),
    XDG_CONFIG_HOME: path("c"),
    XDG_CONFIG_DIRS: path("none"),
    XDG_CACHE_HOME: path("k"),
    ...more,
  };
  writeFileSync(path(".bashrc"), "PS1='$ '\n");
  mkdirSync(path("c/t2a"), { recursive: true });
  const runtime = runtimeFolder(env);
  const daemons: Promise<number>[] = [];
  const holders: Holder[] = [];
  const connect = () => {
    const client = new DaemonClient({ socketPath: runtime.daemonSocket });
    onTestFinished(() => client.close());
    return client;
  };
  const hold = async () => {
    prepareRuntimeFolder(runtime);
    if (holders.length === 0) holders.push(await openHolderHere(runtime, { version: VERSION }));
  };
  const context = createContext(
    {
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      env,
      version: VERSION,
      programs: PROGRAMS,
    },
    () => {},
  );
  const cli = (args: readonly string[], options: CliOptions = {}) =>
    runCli(args, { ...options, env: { ...env, ...options.env } });
  const ok = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await cli(args);
    if (status !== 0) throw new Error(`t2a ${args.join(" ")} ended with ${status}: ${stderr}`);
    return stdout;
  };
  onTestFinished(async () => {
    if (findDaemonPid(runtime) !== undefined) await connect().stopDaemon("end");
    await Promise.allSettled(daemons);
    for (const holder of holders) await holder.end("SIGKILL");
    // Collectors outlive the daemon.
    for (const pid of processesOf(base)) kill(pid);
    await pollUntil("the end of all processes", () => processesOf(base).length === 0);
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  });
  return {
    base,
    path,
    env,
    runtime,
    context,
    connect,
    cli,
    /** Its sessions as the daemon has them, without the daemon. */
    async sessions(): Promise<SessionManager> {
      await hold();
      const silent = () => {};
      const log = { debug: silent, info: silent, warn: silent, error: silent, fatal: silent };
      const { manager } = await openLocalSessions(context, log);
      onTestFinished(async () => {
        for (const { id } of await manager.listActive()) await manager.killSession(id);
        await manager.close();
      });
      return manager;
    },
    /** Starts a holder and the daemon here; comes back when that says that it is ready. Its end is to be waited for: `over`. */
    async start(options: Partial<DaemonOptions> = {}) {
      await hold();
      const said = path(`said-${daemons.length}`);
      const over = runDaemon({
        runtime,
        version: VERSION,
        openManager: (log) => openLocalSessions(context, log),
        readyFd: openSync(said, "w"),
        ...options,
      });
      over.catch(() => {}); // whoever wants to know looks at it
      daemons.push(over);
      await pollUntil("what came of its start", () => readFileSync(said, "utf8").endsWith("\n"));
      return { over, said: JSON.parse(readFileSync(said, "utf8")), client: connect() };
    },
    /** As `t2a` does it with these arguments: what it printed, where it ended well. */
    ok,
    json: async (...args: readonly string[]) => JSON.parse(await ok(...args, "--json")),
  };
}

/** Processes that were given this folder. */
function processesOf(base: string): number[] {
  const pids = existsSync("/proc") ? readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)) : [];
  return pids.map(Number).filter((pid) => {
    try {
      const isZombie = /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
      return !isZombie && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`XDG_RUNTIME_DIR=${base}\0`);
    } catch {
      return false; // another user's, or gone
    }
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended
  }
}
