// A user with a daemon of their own and terminals to sit at: the built command, in folders that are gone with the test, as are all
// processes that were started there.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { Screen } from "../../src/terminal/index.js";
import { pollUntil } from "../support/poll-until.js";
import { PtyDriver } from "../support/pty-driver.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));

/** What a command printed and how it ended. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A terminal that the user sits at. */
export class Seat {
  readonly driver: PtyDriver;
  readonly #screen: Screen;
  #fed = 0;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>, cols: number, rows: number) {
    this.driver = new PtyDriver(args[0] ?? "", args.slice(1), { cols, rows, env });
    this.#screen = new Screen({ cols, rows });
  }

  get screen(): Screen {
    const { bytes } = this.driver;
    this.#screen.feed(bytes.subarray(this.#fed));
    this.#fed = bytes.length;
    return this.#screen;
  }

  get rows(): readonly string[] {
    return this.screen.text();
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.driver.pty.resize(cols, rows);
  }

  /** Waits until a row of the screen is so. */
  async shows(pattern: string | RegExp): Promise<void> {
    const isSo = (row: string) => (typeof pattern === "string" ? row === pattern : pattern.test(row));
    await pollUntil(`${pattern} on the screen`, () => this.rows.some(isSo)).catch((error: Error) => {
      throw new Error(`${error.message}; it shows ${JSON.stringify(this.rows)}`);
    });
  }
}

/** Makes the user. */
export function sessionHouse() {
  // A socket's path has 107 bytes at most.
  const base = mkdtempSync(join(tmpdir(), "t2s-"));
  mkdirSync(join(base, "r"), { mode: 0o700 });
  writeFileSync(join(base, ".bashrc"), "PS1='$ '\n");
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: base,
    SHELL: "/bin/bash",
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    HISTFILE: "",
    XDG_RUNTIME_DIR: join(base, "r"),
    XDG_DATA_HOME: join(base, "d"),
    XDG_CONFIG_HOME: join(base, "c"),
    XDG_CACHE_HOME: join(base, "k"),
  };
  const seats: Seat[] = [];
  onTestFinished(async () => {
    for (const { driver } of seats) driver.close();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      for (const pid of processesOf(base)) {
        try {
          process.kill(pid, signal);
        } catch {
          // gone already
        }
      }
      await pollUntil("the end of all processes", () => processesOf(base).length === 0, 3000).catch(() => {});
    }
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  });
  const t2a = (...args: readonly string[]): Promise<Ran> => run([process.execPath, T2A, ...args], env);
  return {
    base,
    env,
    t2a,
    session: (...args: readonly string[]) => t2a("session", ...args),
    /** The arguments of `t2a session ...` as a shell's line. */
    line: (text: string) => `${process.execPath} ${T2A} session ${text}`,
    /** Sits down before `t2a session ...`. */
    sit: (args: readonly string[], { cols = 80, rows = 24 } = {}) => {
      const seat = new Seat([process.execPath, T2A, "session", ...args], env, cols, rows);
      seats.push(seat);
      return seat;
    },
    /** Sits down before a shell. */
    sitAtShell: (script: string, { cols = 80, rows = 24 } = {}) => {
      const seat = new Seat(["bash", "--norc", "--noprofile", "-c", script], env, cols, rows);
      seats.push(seat);
      return seat;
    },
  };
}

function run([file = "", ...args]: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** Processes whose environment names the folder: daemons, holders, what runs in them. */
function processesOf(base: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const isZombie = /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
        return !isZombie && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${base}/r`);
      } catch {
        return false;
      }
    });
}
