// A child process in a pseudo-terminal of its own, over node-pty: bytes in, bytes out, and no exit before the last byte.

import { statSync } from "node:fs";
import { constants } from "node:os";
import { ReadStream } from "node:tty";
import * as nodePty from "node-pty";
import { PtyError, systemCode } from "../core/index.js";
import { DrainGuard } from "./drain-guard.js";
import { findProgram } from "./find-program.js";
import { closeOnExec, foregroundGroup, type TtyFlags, ttyFlags } from "./termios.js";

/** What to run, and in what kind of terminal. */
export interface PtyOptions {
  /** The program: a path, or a name to be found in `env.PATH`. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cols: number;
  readonly rows: number;
  /** Becomes PWD as well, so a path through symbolic links stays as the user sees it. */
  readonly cwd: string;
  /** The whole environment of the child, beside TERM and PWD. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** TERM of the child. */
  readonly name: string;
}

/** How a child ended. */
export interface PtyExit {
  /** Its exit status, or 128 + signal number. */
  readonly status: number;
  /** The signal that ended it. */
  readonly signal?: NodeJS.Signals;
}

/** A running child and its terminal. */
export interface Pty {
  readonly pid: number;
  /** Calls back with each read, in order, until the child has ended. The bytes belong to the callee. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Calls back once, when the child has ended and all its output was delivered (a paused pty therefore waits). */
  onExit(listener: (exit: PtyExit) => void): void;
  /** Types bytes. They are queued where the child does not read them, and dropped when it has ended. */
  write(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Stops reading, so that the child's writes block when the kernel's buffer (about 64 KB) is full. */
  pause(): void;
  resume(): void;
  /** Sends a signal to the child, its process group and the terminal's foreground group. A child already gone is fine. */
  kill(signal: NodeJS.Signals): void;
  /** What the terminal does with typed bytes right now; undefined where that cannot be found out. */
  flags(): TtyFlags | undefined;
  /** Hangs up at once: what was not read is lost, and the kernel sends SIGHUP to the child. Idempotent. */
  close(): void;
}

/**
 * Starts a program in a new pseudo-terminal.
 * @throws PtyError `T2A_PTY` where the program or the folder does not exist, or no pty can be had.
 */
export function spawnPty(options: PtyOptions): Pty {
  const { file, args, cols, rows, cwd, env, name } = options;
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new PtyError("T2A_PTY", `cannot start "${file}": the folder ${cwd} does not exist`, { details: { cwd } });
  }
  findProgram(file, env.PATH, cwd);
  try {
    // The name as it was given, not the path found: it becomes the child's argv[0].
    const settings = { cols, rows, cwd, env: { ...env }, name, encoding: "utf8" } as const;
    return new NodePty(spawnUndecoded(() => nodePty.spawn(file, [...args], settings)));
  } catch (error) {
    throw new PtyError("T2A_PTY", `cannot start "${file}": no pseudo-terminal could be opened`, { cause: error });
  }
}

/**
 * node-pty makes a terminal that knows its input is UTF-8 (so that erasing a character removes all its bytes) only where
 * it decodes the output too. Setting that flag afterwards would be reading and writing the modes while the child may do
 * the same: what `stty raw` had just set was lost now and then. So decoding is what is switched off, while it starts.
 */
function spawnUndecoded(start: () => nodePty.UnixTerminal): nodePty.UnixTerminal {
  Object.defineProperty(ReadStream.prototype, "setEncoding", {
    configurable: true,
    value(this: ReadStream) {
      return this;
    },
  });
  try {
    return start();
  } finally {
    Reflect.deleteProperty(ReadStream.prototype, "setEncoding"); // what it inherits is there again
  }
}

class NodePty implements Pty {
  readonly pid: number;
  readonly #pty: nodePty.UnixTerminal;
  readonly #fd: number;
  readonly #guard: DrainGuard;
  #open = true;
  #exited = false;

  constructor(pty: nodePty.UnixTerminal) {
    const { fd, _socket: socket } = pty;
    this.#pty = pty;
    this.#fd = fd;
    this.pid = pty.pid;
    // Another child that had it could read and type here, and would keep the terminal open when this process dies.
    closeOnExec(fd);
    this.#guard = new DrainGuard(pty);
    socket.once("close", () => {
      this.#open = false; // the number may name another file from now on
    });
    pty.onExit(() => {
      this.#exited = true; // the id may name another process from now on
    });
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#pty.onData(listener);
  }

  onExit(listener: (exit: PtyExit) => void): void {
    this.#pty.onExit(({ exitCode, signal }) => {
      listener(signal > 0 ? { status: 128 + signal, ...signalName(signal) } : { status: exitCode });
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#open) this.#pty.write(bytes);
  }

  resize(cols: number, rows: number): void {
    if (!this.#open) return;
    try {
      this.#pty.resize(cols, rows);
    } catch (error) {
      // node-pty has closed the descriptor, but the socket does not say so yet: the child is gone.
      if (!(error instanceof Error && error.message.includes("EBADF"))) throw error;
    }
  }

  pause(): void {
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  kill(signal: NodeJS.Signals): void {
    const foreground = this.#open ? foregroundGroup(this.#fd) : undefined;
    // The child leads a session and a group of its own, but not yet in the first moment of its life.
    if (!send(-this.pid, signal) && !this.#exited) send(this.pid, signal);
    if (foreground !== undefined && foreground !== this.pid) send(-foreground, signal);
  }

  flags(): TtyFlags | undefined {
    return this.#open ? ttyFlags(this.#fd) : undefined;
  }

  close(): void {
    this.#guard.close();
  }
}

function signalName(number: number): { signal?: NodeJS.Signals } {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  // `as`: the table's keys are the names of signals.
  return found === undefined ? {} : { signal: found[0] as NodeJS.Signals };
}

/** Whether there was anybody to send it to. */
function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // Gone, or a setuid program's: there is nobody left that we may signal.
    if (systemCode(error) !== "ESRCH" && systemCode(error) !== "EPERM") throw error;
    return false;
  }
}
