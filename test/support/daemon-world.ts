// A runtime folder of its own for each test, with a daemon whose sessions have no terminals; whatever it started ends with the test.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "rolldown";
import { onTestFinished } from "vitest";
import {
  DaemonClient,
  type DaemonClientOptions,
  ensureDaemon,
  findDaemonPid,
  prepareRuntimeFolder,
  runtimeFolder,
} from "../../src/session/client/index.js";
import { pollUntil } from "./poll-until.js";
import { type CliOptions, runCli } from "./run-cli.js";

/** Bundles the daemon of tests; gives its folder. Whoever calls this removes it: it is where packages are found from. */
export async function buildTestDaemon(): Promise<string> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const folder = mkdtempSync(join(root, "node_modules/.t2a-test-daemon-"));
  await build({
    cwd: root,
    input: { daemon: "test/support/test-daemon.ts" },
    platform: "node",
    external: /^[^./]/,
    output: { dir: folder, format: "esm" },
    logLevel: "warn",
  });
  return folder;
}

/** Whether a process lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** Processes that were given this folder. */
function processesOf(base: string): number[] {
  const pids = existsSync("/proc") ? readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)) : [];
  return pids.map(Number).filter((pid) => {
    try {
      return isAlive(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`XDG_RUNTIME_DIR=${base}\0`);
    } catch {
      return false; // another user's, or gone
    }
  });
}

/** A world of its own. `programs`: the folder of the daemon's program; `parent`: where its folder is made. */
export function daemonWorld(programs: string, more: Readonly<Record<string, string>> = {}, parent = tmpdir()) {
  // A socket's path has 107 bytes at most.
  const base = mkdtempSync(join(parent, "t2d-"));
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: base,
    XDG_RUNTIME_DIR: base,
    XDG_DATA_HOME: join(base, "data"),
    XDG_CONFIG_HOME: join(base, "config"),
    XDG_CACHE_HOME: join(base, "cache"),
    ...more,
  };
  const runtime = runtimeFolder(env);
  const options = { runtime, program: join(programs, "daemon.js"), env };
  onTestFinished(async () => {
    const pid = findDaemonPid(runtime);
    if (pid !== undefined) {
      process.kill(pid, "SIGKILL");
      await pollUntil("the daemon's end", () => !isAlive(pid));
    }
    // Collectors outlive it.
    for (const other of processesOf(base)) process.kill(other, "SIGKILL");
    await pollUntil("the end of all", () => processesOf(base).length === 0);
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  });
  return {
    base,
    env,
    runtime,
    options,
    prepare: () => prepareRuntimeFolder(runtime),
    start: () => ensureDaemon(options),
    pid: () => findDaemonPid(runtime),
    connect: (wishes: Partial<DaemonClientOptions> = {}) => {
      const start = async () => void (await ensureDaemon(options));
      const client = new DaemonClient({ socketPath: runtime.daemonSocket, start, ...wishes });
      onTestFinished(() => client.close());
      return client;
    },
    cli: (args: readonly string[], cliOptions: CliOptions = {}) =>
      runCli(args, { ...cliOptions, env: { ...env, ...cliOptions.env }, programs: pathToFileURL(`${programs}/`) }),
  };
}
