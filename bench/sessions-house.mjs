// A daemon with its holders for a benchmark: started anew, asked through a connected client, measured, ended.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DaemonClient, runtimeFolder } from "../dist/src/session/client/index.js";
import { T2A } from "./measure.mjs";

export const PROMPT = "bench> ";
const TICK_MS = 1000 / 100; // of the system's clock that CPU time is counted in
/** Started at once. */
const AT_ONCE = 10;
const SETTLE_MS = 2000;
const MAX_SETTLES = 20;

/** Whoever opens it closes it. */
export class SessionsHouse {
  /** CPU time of processes that were looked at, milliseconds, by process id: holders end when their sessions do. */
  #cpu = new Map();

  /** In a folder with a short path: a socket's has 107 bytes at most. */
  constructor(folder) {
    this.base = mkdtempSync(join(folder, "s-"));
    const variables = { RUNTIME_DIR: "r", DATA_HOME: "d", CONFIG_HOME: "c", CACHE_HOME: "k" };
    this.env = {
      PATH: process.env.PATH,
      HOME: this.base,
      SHELL: "/bin/bash",
      LANG: "C.UTF-8",
      HISTFILE: "",
      ...Object.fromEntries(Object.entries(variables).map(([name, to]) => [`XDG_${name}`, join(this.base, to)])),
    };
    mkdirSync(this.env.XDG_RUNTIME_DIR, { mode: 0o700 });
    writeFileSync(join(this.base, ".bashrc"), `PS1='${PROMPT}'\n`);
    this.client = new DaemonClient({ socketPath: runtimeFolder(this.env).daemonSocket });
    const started = performance.now();
    this.t2a("daemon", "start");
    this.startMs = performance.now() - started;
  }

  /** Bytes that `t2a ...` prints. */
  t2a(...args) {
    const options = { env: this.env, maxBuffer: 1 << 30 };
    const { status, stdout, stderr } = spawnSync(process.execPath, [T2A, ...args], options);
    if (status !== 0) throw new Error(`t2a ${args.join(" ")}: status ${status}: ${stderr}`);
    return stdout;
  }

  /** Starts a session; its shell where nothing else is wished. */
  async start(config = {}) {
    return await this.client.createSession({ cwd: this.base, env: this.env, ...config });
  }

  /** Starts many, some at once; `then` is awaited for each. */
  async startMany(count, config, then = async () => {}) {
    const sessions = [];
    while (sessions.length < count) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - sessions.length) }, () => this.start(config));
      for (const session of await Promise.all(some)) {
        await then(session);
        sessions.push(session);
      }
    }
    return sessions;
  }

  /** The daemon and its holders, as process ids. */
  async pids() {
    const { pid, holders } = await this.client.stats();
    return [pid, ...holders.map((holder) => holder.pid)];
  }

  /** Milliseconds of CPU time of these so far; of one that has ended what was seen last. */
  cpuMs(pids) {
    for (const pid of pids) {
      const fields = readProc(pid, "stat")?.split(") ")[1]?.split(" ");
      if (fields !== undefined) this.#cpu.set(pid, (Number(fields[11]) + Number(fields[12])) * TICK_MS);
    }
    return pids.reduce((sum, pid) => sum + (this.#cpu.get(pid) ?? 0), 0);
  }

  /** MB that are theirs alone, and their part of what they share. */
  pssMb(pids) {
    const kb = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readProc(pid, "smaps_rollup") ?? "")?.[1] ?? 0));
    return kb.reduce((sum, one) => sum + one, 0) / 1024;
  }

  /** What just began has come to rest, as far as it does. */
  async settle() {
    const pids = await this.pids();
    let before = this.cpuMs(pids);
    for (let turns = 0; turns < MAX_SETTLES; turns++) {
      await sleep(SETTLE_MS);
      const now = this.cpuMs(pids);
      if (now - before <= SETTLE_MS * 0.05) return;
      before = now;
    }
  }

  async close() {
    await this.client.close();
    spawnSync(process.execPath, [T2A, "daemon", "stop", "--force"], { env: this.env });
    // What moves recordings into the library outlives the daemon.
    while (this.#left().length > 0) {
      for (const pid of this.#left()) end(pid);
      await sleep(50);
    }
    rmSync(this.base, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** Processes that were started with the folder. */
  #left() {
    const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
    return pids.map(Number).filter((pid) => readProc(pid, "environ")?.includes(this.env.XDG_RUNTIME_DIR) === true);
  }
}

/** The value that this share of them is below of. */
export function quantile(values, share) {
  return [...values].sort((one, other) => one - other)[Math.floor(share * (values.length - 1))];
}

/** `p50, p99`. */
export function p50p99(values) {
  return `${quantile(values, 0.5).toFixed(2)}, ${quantile(values, 0.99).toFixed(2)} ms`;
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function end(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already
  }
}

function readProc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return undefined; // it has ended
  }
}
