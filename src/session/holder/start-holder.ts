// Starting a holder: a process of its own in a session of its own, which outlives whoever starts it.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { SessionError } from "../../core/index.js";
import { type HolderPaths, holderPaths, removeHolder } from "./holder-paths.js";

/** How to start the holder's program. */
export interface HolderProgram {
  readonly file: string;
  /** Before what a holder is told: its folder, id, version and how long it waits without sessions. */
  readonly args: readonly string[];
}

/**
 * The holder's program as its bundle has it, in this Node: with little memory to throw away and no threads of its own to sweep it, since
 * there are many holders, and each does little.
 */
export function holderProgram(path: string): HolderProgram {
  return { file: process.execPath, args: ["--max-semi-space-size=1", "--v8-pool-size=0", path] };
}

/** What it is told. */
export interface StartHolderOptions {
  readonly program: HolderProgram;
  readonly folder: string;
  readonly version: string;
  /** Milliseconds. */
  readonly idleMs: number;
  /** The environment of the program itself; sessions bring their own. */
  readonly env: Readonly<Record<string, string>>;
}

/** On which descriptor it says that it listens. */
export const READY_FD = 3;
/** What it says. */
export const READY = "ready";
/** Threads for what blocks: syncing files. */
const POOL_THREADS = "2";
/** What is told of a holder that did not start, bytes. */
const MAX_REASON_BYTES = 2000;

/** Starts one. Comes back when it listens. @throws SessionError `T2A_HOLDER`. */
export async function startHolder({ program, folder, version, idleMs, env }: StartHolderOptions): Promise<HolderPaths> {
  const paths = holderPaths(folder, randomBytes(6).toString("hex"));
  const log = openSync(paths.log, "a", 0o600);
  try {
    const args = [...program.args, folder, paths.id, version, String(idleMs)];
    const child = spawn(program.file, args, {
      detached: true,
      cwd: "/", // no folder is kept from being unmounted
      env: { UV_THREADPOOL_SIZE: POOL_THREADS, ...env },
      stdio: ["ignore", log, log, "pipe"],
    });
    const pipe = child.stdio[READY_FD] as Readable;
    const said = new Promise<string>((resolve) => {
      let text = "";
      pipe.on("data", (chunk: Buffer) => {
        if (text.length < MAX_REASON_BYTES) text += chunk.toString("utf8");
      });
      pipe.on("error", () => resolve(text)).on("close", () => resolve(text));
      child.once("error", (error) => {
        pipe.destroy();
        resolve(error.message);
      });
    });
    const answer = await said;
    child.unref();
    if (answer === READY) return paths;
    const reason = answer === "" ? logOf(paths) : answer;
    removeHolder(folder, paths.id); // without a lock nobody would find what it left
    throw notStarted(reason);
  } finally {
    closeSync(log);
  }
}

function logOf({ log }: HolderPaths): string {
  try {
    return readFileSync(log, "utf8").slice(-MAX_REASON_BYTES).trim();
  } catch {
    return "";
  }
}

function notStarted(reason: string): SessionError {
  const words = reason === "" ? "it ended at once" : reason.split("\n", 1)[0];
  return new SessionError("T2A_HOLDER", `the process that holds terminals cannot be started: ${words}`, {
    details: { reason },
  });
}
