// A user of their own for each show: folders, the built command, a client of the daemon, and the end of all that was started there.
import { spawn, spawnSync } from "node:child_process";
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DaemonClient, ensureDaemon, runtimeFolder } from "../../dist/src/session/client/index.js";

/** The command as it is installed. */
export const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const DAEMON = fileURLToPath(new URL("../../dist/cli/daemon.js", import.meta.url));
/** `nobody`, where the shows are run by root. */
const ORDINARY_UID = 65534;
const SETPRIV = ["--reuid", ORDINARY_UID, "--regid", ORDINARY_UID, "--clear-groups", "--inh-caps=-all", "--"].map(
  String,
);
const LOOK_MS = 20;
const PATIENCE_MS = 60_000;

/** Why a show is not given. */
export class Skip extends Error {}

/** Why no ordinary user can be had; undefined where one can. */
function whyNoOrdinaryUser() {
  if (process.getuid() !== 0) return undefined;
  const [file, args] = ["setpriv", [...SETPRIV, process.execPath, "-e", `fs.accessSync(${JSON.stringify(T2A)})`]];
  return spawnSync(file, args).status === 0 ? undefined : "setpriv(1) gives no ordinary user who may read this folder";
}

/** @throws Error with the words, where it is not so. */
export function expect(isSo, words) {
  if (!isSo) throw new Error(words);
}

/** Asks until the answer is truthy, and gives it. @throws Error with what was waited for. */
export async function until(what, ask, limitMs = PATIENCE_MS) {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
    await sleep(LOOK_MS);
  }
}

/** Whether a process lives; one that is dead and not yet waited for does not. */
export function isAlive(pid) {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** One user. Close it. */
export class House {
  #clients = [];
  #others = [];
  #isOrdinary;

  /** `isOrdinary`: not root. `settings`: config.toml. @throws Skip where there is no ordinary user. */
  constructor({ isOrdinary = false, settings = "" } = {}) {
    this.#isOrdinary = isOrdinary && process.getuid() === 0;
    const why = this.#isOrdinary ? whyNoOrdinaryUser() : undefined;
    if (why !== undefined) throw new Skip(why);
    this.base = mkdtempSync("/tmp/t2v-"); // a socket's path has 107 bytes at most
    this.env = {
      PATH: process.env.PATH,
      HOME: this.base,
      SHELL: "/bin/bash",
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      HISTFILE: "",
      XDG_RUNTIME_DIR: join(this.base, "r"),
      XDG_DATA_HOME: join(this.base, "d"),
      XDG_CONFIG_HOME: join(this.base, "c"),
      XDG_CACHE_HOME: join(this.base, "k"),
    };
    this.runtime = runtimeFolder(this.env);
    const folders = [this.env.XDG_RUNTIME_DIR, this.env.XDG_CONFIG_HOME, join(this.env.XDG_CONFIG_HOME, "t2a")];
    for (const folder of folders) mkdirSync(folder, { mode: 0o700 });
    const files = [join(this.base, ".bashrc"), join(folders[2], "config.toml")];
    writeFileSync(files[0], "PS1='$ '\n");
    writeFileSync(files[1], settings);
    if (this.#isOrdinary)
      for (const path of [this.base, ...folders, ...files]) chownSync(path, ORDINARY_UID, ORDINARY_UID);
  }

  /** A path in the user's home. */
  path(...names) {
    return join(this.base, ...names);
  }

  /** Runs `t2a ...`; gives `{ status, stdout, stderr }`, bytes where `encoding` is null. */
  async t2a(args, { encoding = "utf8" } = {}) {
    const words = [process.execPath, T2A, ...args];
    const [file, ...rest] = this.#isOrdinary ? ["setpriv", ...SETPRIV, ...words] : words;
    return await new Promise((resolve) => {
      const child = spawn(file, rest, { env: this.env, cwd: this.base, stdio: ["ignore", "pipe", "pipe"] });
      const [out, err] = [[], []];
      child.stdout.on("data", (chunk) => out.push(chunk));
      child.stderr.on("data", (chunk) => err.push(chunk));
      child.on("close", (status) => {
        const stdout = Buffer.concat(out);
        const stderr = Buffer.concat(err).toString();
        resolve({ status, stdout: encoding === null ? stdout : stdout.toString(encoding), stderr });
      });
    });
  }

  /** What `t2a ...` prints, of which it is expected that it works. */
  async prints(args, options) {
    const { status, stdout, stderr } = await this.t2a(args, options);
    expect(status === 0, `t2a ${args.join(" ")} ended with status ${status}: ${stderr.trim()}`);
    return stdout;
  }

  async json(...args) {
    return JSON.parse(await this.prints([...args, "--json"]));
  }

  /** All output that a session's recordings hold, as bytes. */
  async recorded(id) {
    return await this.prints(["convert", "-q", "-f", "raw", id, "-"], { encoding: null });
  }

  /** A client of the daemon, which starts it where there is none. */
  client() {
    const start = () => ensureDaemon({ runtime: this.runtime, program: DAEMON, env: this.env });
    const client = new DaemonClient({ socketPath: this.runtime.daemonSocket, start });
    this.#clients.push(client);
    return client;
  }

  /** Something else to be closed before this. */
  closesWith(other) {
    this.#others.push(other);
    return other;
  }

  /** Processes that were started by this user; those that have `word` in their command line or environment. */
  processes(word = "") {
    const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
    return pids.map(Number).filter((pid) => {
      try {
        if (!isAlive(pid)) return false;
        const [environment, line] = ["environ", "cmdline"].map((name) =>
          readFileSync(`/proc/${pid}/${name}`, "latin1"),
        );
        return environment.includes(`${this.base}/r`) && `${environment}${line}`.includes(word);
      } catch {
        return false;
      }
    });
  }

  /** Ends everything, whatever state it is in. */
  async close() {
    for (const other of this.#others) await other.close();
    await Promise.all(this.#clients.map((client) => client.close()));
    for (const signal of ["SIGTERM", "SIGKILL"]) {
      for (const pid of this.processes()) kill(pid, signal);
      await until("the end of all processes", () => this.processes().length === 0, 5000).catch(() => {});
    }
    rmSync(this.base, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

/** Sends a signal to a process that may be gone. */
export function kill(pid, signal = "SIGKILL") {
  try {
    process.kill(pid, signal);
  } catch {
    // gone already
  }
}

/** Where a process is; undefined of one that is gone. */
export function findCwd(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
