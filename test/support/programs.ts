// Programs of the system that tests compare with or need. A test without its program skips and says why.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { onTestFinished } from "vitest";

/** Why a test that needs the program must be skipped; undefined where it can run. For `it.skipIf` and the test's name. */
export function missing(program: string): string | undefined {
  return spawnSync("which", [program]).status === 0 ? undefined : `${program} is not installed`;
}

/** `name`, with the reason where the test is skipped: reports show names alone. */
export function titled(name: string, reason: string | undefined): string {
  return reason === undefined ? name : `${name} [skipped: ${reason}]`;
}

/** What a program prints, given its input. Throws what it said where it fails. */
export function run(program: string, args: readonly string[], input: Uint8Array | string = ""): Buffer {
  const { stdout, stderr, status, error } = spawnSync(program, args, { input, maxBuffer: 256 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${error?.message ?? stderr.toString()}`);
  return stdout;
}

/** A program that runs beside the test, and ends with it at the latest. */
export interface Running {
  readonly child: ChildProcess;
  /** What it printed so far. */
  readonly output: string;
  /** What it said on standard error so far. */
  readonly errors: string;
  readonly ended: boolean;
}

/** Starts a program whose output is kept. */
export function start(program: string, args: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  let ended = false;
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
  });
  child.on("close", () => {
    ended = true;
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    child,
    get output() {
      return output;
    },
    get errors() {
      return errors;
    },
    get ended() {
      return ended;
    },
  };
}
