// The terminal the user sits at, in raw mode: what is typed comes in, what is to be seen goes out, and neither ever
// blocks the event loop. Headless is a type of its own (NullTty), not a flag; a pinned size is another (FixedSizeTty).
import { closeSync, constants, openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { DEFAULT_COLS, DEFAULT_ROWS, PtyError } from "../core/index.js";
import { getTermios, setTermios, type Termios, toRaw, windowSize } from "./termios.js";

/** A terminal's size in cells. */
export interface TtySize {
  readonly cols: number;
  readonly rows: number;
}

/** The terminal a recording or a playback is shown on. */
export interface UserTty {
  size(): TtySize;
  /** Enters raw mode and begins to read. What was typed before comes first, so set the listeners before. */
  start(): void;
  /** Calls back with what was typed, and by whom where several may type. The bytes belong to the callee. */
  onInput(listener: (bytes: Uint8Array, who?: string) => void): void;
  /** Calls back when the user has changed the terminal's size. */
  onResize(listener: (size: TtySize) => void): void;
  /** Calls back once when the terminal is gone: its window closed, its connection lost. */
  onHangup(listener: () => void): void;
  /**
   * Shows bytes, in order. Resolves when the terminal has taken them, or is gone: a terminal that is gone is told of by
   * `onHangup`. The bytes must not change until then.
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Gives the terminal back in the mode it was found in and stops this process and those of its job, as ^Z does; when a shell
   * continues them, takes it again. Undefined where there is no terminal of a shell's.
   */
  suspend?(): Promise<void>;
  /** Bytes written that the terminal has not taken yet. Whoever writes much pauses its source while this is large. */
  readonly pendingBytes: number;
  /**
   * Waits until what was written is shown, but no longer than `stallMs` without any progress (2,000 by default), and
   * gives the terminal back in the mode it was found in. Idempotent.
   */
  close(stallMs?: number): Promise<void>;
}

const DEFAULT_STALL_MS = 2000;
/** Signals whose default is to end the process, which would leave the terminal raw. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Opens the controlling terminal of this process, or another by its path; undefined where there is none. */
export function findUserTty(path = "/dev/tty"): UserTty | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  } catch {
    return undefined; // no controlling terminal: a daemon, a CI job, a pipe-only container
  }
  return new OpenedTty(fd);
}

/** What is used of a stream's handle; not in Node's typings. */
interface StreamHandle {
  readonly fd?: number;
  readonly writeQueueSize?: number;
}

class OpenedTty implements UserTty {
  readonly #fd: number;
  /**
   * One stream both ways. Node's WriteStream would set the terminal to blocking writes, so that a stalled one (a stuck
   * connection, a multiplexer in copy mode) stops the whole process; a ReadStream writes as any socket does. libuv
   * opens the terminal anew for it, so the shell's own descriptor does not become non-blocking.
   */
  readonly #stream: ReadStream & { readonly _handle?: StreamHandle | null };
  readonly #inputListeners: ((bytes: Uint8Array) => void)[] = [];
  readonly #resizeListeners: ((size: TtySize) => void)[] = [];
  readonly #hangupListeners: (() => void)[] = [];
  #saved: Termios | undefined;
  #closed = false;

  constructor(fd: number) {
    this.#fd = fd;
    this.#stream = new ReadStream(fd);
    // A terminal that is gone ends the stream (EOF) or fails it (EIO), depending on what was going on.
    this.#stream.on("error", () => {}).on("close", () => this.#hangUp());
  }

  get pendingBytes(): number {
    return this.#stream.destroyed ? 0 : this.#stream.writableLength;
  }

  size(): TtySize {
    return windowSize(this.#fd) ?? { cols: DEFAULT_COLS, rows: DEFAULT_ROWS };
  }

  start(): void {
    this.#saved = getTermios(this.#fd);
    if (this.#saved === undefined || !setTermios(this.#fd, toRaw(this.#saved))) {
      throw new PtyError("T2A_TTY", "the terminal cannot be set to raw mode: use --headless to go without it");
    }
    process.on("exit", this.#restore).on("SIGCONT", this.#resume).on("SIGWINCH", this.#tellSize);
    for (const signal of ENDING_SIGNALS) process.on(signal, this.#end);
    this.#stream.on("data", (bytes: Uint8Array) => {
      for (const listener of this.#inputListeners) listener(bytes);
    });
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#inputListeners.push(listener);
  }

  onResize(listener: (size: TtySize) => void): void {
    this.#resizeListeners.push(listener);
  }

  onHangup(listener: () => void): void {
    this.#hangupListeners.push(listener);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed || this.#stream.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#stream.write(bytes, () => resolve());
    });
  }

  async suspend(): Promise<void> {
    await this.#drain(DEFAULT_STALL_MS);
    if (this.#closed) return;
    this.#restore();
    process.kill(0, "SIGTSTP"); // comes back when continued; at once where there is no shell that could
    this.#resume();
  }

  async close(stallMs: number = DEFAULT_STALL_MS): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#drain(stallMs);
    this.#restore();
    process.off("exit", this.#restore).off("SIGCONT", this.#resume).off("SIGWINCH", this.#tellSize);
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#end);
    const ownHandle = this.#stream._handle?.fd !== this.#fd;
    this.#stream.destroy();
    if (ownHandle) closeSync(this.#fd);
  }

  readonly #restore = (): void => {
    if (this.#saved !== undefined) setTermios(this.#fd, this.#saved);
  };

  /** Whoever stopped and continued us (a shell's job control) has set modes of its own meanwhile. */
  readonly #resume = (): void => {
    if (this.#saved !== undefined) setTermios(this.#fd, toRaw(this.#saved));
    this.#tellSize();
  };

  readonly #tellSize = (): void => {
    const size = this.size();
    for (const listener of this.#resizeListeners) listener(size);
  };

  /** Where nobody else deals with the signal, it takes its default effect, on a terminal that was given back. */
  readonly #end = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return;
    this.#restore();
    process.off(signal, this.#end);
    process.kill(process.pid, signal);
  };

  #hangUp(): void {
    if (this.#closed) return;
    process.once("exit", closeStandardStreams);
    for (const listener of this.#hangupListeners) listener();
  }

  async #drain(stallMs: number): Promise<void> {
    let [left, since] = [this.#unshown(), performance.now()];
    while (left > 0 && performance.now() - since < stallMs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const now = this.#unshown();
      if (now !== left) [left, since] = [now, performance.now()];
    }
  }

  /** Counts what the system has not taken of the write under way, which pendingBytes does not tell. */
  #unshown(): number {
    return this.pendingBytes === 0 ? 0 : this.pendingBytes + (this.#stream._handle?.writeQueueSize ?? 0);
  }
}

/** At its end Node resets the terminals among its streams, and aborts where one is gone; what is closed it leaves alone. */
function closeStandardStreams(): void {
  for (const fd of [0, 1, 2]) {
    try {
      closeSync(fd);
    } catch {
      // closed already
    }
  }
}

/** No terminal at all: nothing is typed, nothing is seen. */
export class NullTty implements UserTty {
  readonly pendingBytes = 0;
  readonly #size: TtySize;

  constructor(size: TtySize = { cols: DEFAULT_COLS, rows: DEFAULT_ROWS }) {
    this.#size = size;
  }

  size(): TtySize {
    return this.#size;
  }

  start(): void {}
  onInput(): void {}
  onResize(): void {}
  onHangup(): void {}
  async write(): Promise<void> {}
  async close(): Promise<void> {}
}

/** Another terminal with its cols, its rows or both pinned. */
export class FixedSizeTty implements UserTty {
  readonly #tty: UserTty;
  readonly #pinned: Partial<TtySize>;

  /** Takes over the terminal: closing this closes it. */
  constructor(tty: UserTty, pinned: Partial<TtySize>) {
    this.#tty = tty;
    this.#pinned = pinned;
  }

  get pendingBytes(): number {
    return this.#tty.pendingBytes;
  }

  size(): TtySize {
    return { ...this.#tty.size(), ...this.#pinned };
  }

  start(): void {
    this.#tty.start();
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#tty.onInput(listener);
  }

  onResize(listener: (size: TtySize) => void): void {
    this.#tty.onResize(() => listener(this.size()));
  }

  onHangup(listener: () => void): void {
    this.#tty.onHangup(listener);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#tty.write(bytes);
  }

  close(stallMs?: number): Promise<void> {
    return this.#tty.close(stallMs);
  }
}
