// Keeps the reading end of a pty open until every byte was delivered. Three things close it too early, each with bytes
// still in the stream or in the kernel: node-pty destroys its socket 200 ms after the child's exit; libuv reports the end
// of the stream at the first short read after a hang-up, and reads of a pty are always short (uv__stream_io, POLLHUP);
// Node destroys a socket at its first read error. The true end is EIO with nothing left to read, of a child that is gone.
import { readSync } from "node:fs";
import type { Socket } from "node:net";
import type { UnixTerminal } from "node-pty";
import { systemCode } from "../core/index.js";

/** When a hung-up pty is looked at again while its child lives (it may open its terminal anew): soon, then ever later. */
const FIRST_RETRY_MS = 1;
const MAX_RETRY_MS = 50;
/** A pty whose child is gone but whose other side somebody holds open is drained when nothing came for so long. */
const QUIET_MS = 50;
/** As much as the line discipline gives at once. */
const READ_BYTES = 4096;

/** What of a socket's handle is used here; not in Node's typings. */
interface ReadableHandle {
  reading: boolean;
  readStart(): number;
}

/** Holds back the destruction of one socket. Owned by one pty. */
export class DrainGuard {
  readonly #socket: Socket & { readonly _handle?: ReadableHandle | null };
  readonly #fd: number;
  readonly #pid: number;
  readonly #destroy: (error?: Error) => void;
  #lastRead = 0;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor({ _socket: socket, fd, pid }: UnixTerminal) {
    this.#socket = socket;
    this.#fd = fd;
    this.#pid = pid;
    this.#destroy = socket.destroy.bind(socket);
    const push = socket.push.bind(socket);
    socket.push = (chunk: unknown) => (chunk === null ? this.#readOn() : push(chunk));
    socket.destroy = (error?: Error) => {
      if (error === undefined) this.#onChildExit();
      // Writing to a child that is gone fails too; that says nothing about what is still to be read.
      else if (!("syscall" in error && error.syscall === "write")) this.#onReadError(error);
      return socket;
    };
    socket.on("data", () => {
      this.#lastRead = performance.now();
      this.#retryMs = FIRST_RETRY_MS;
    });
  }

  /** Closes at once, whatever is still to be read. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#destroy();
  }

  /** node-pty's timer: the child is gone, but no end of the stream came, since another process holds the terminal. */
  #onChildExit(): void {
    if (this.#closed) return;
    const before = this.#lastRead;
    // One whole turn of the event loop lies between the look at the clock and the verdict, so that a consumer that
    // blocks the loop does not make a busy stream look quiet.
    setTimeout(() => {
      setImmediate(() => {
        const quiet = this.#lastRead === before && !this.#socket.isPaused() && this.#socket.readableLength === 0;
        if (quiet) this.close();
        else this.#onChildExit();
      });
    }, QUIET_MS);
  }

  #onReadError(error: Error): void {
    if (systemCode(error) === "EIO" && isAlive(this.#pid)) this.#pollUntilExit();
    else this.#closeWhenDrained();
  }

  /**
   * All of the child's descriptors are closed, but it lives: closing now would send it SIGHUP, and it may open its
   * terminal anew. libuv reads no more from a stream that failed once, so the descriptor is looked at now and then.
   */
  #pollUntilExit(): void {
    if (this.#closed) return;
    if (this.#socket.isPaused()) {
      this.#socket.once("resume", () => this.#pollUntilExit());
      return;
    }
    const alive = isAlive(this.#pid); // asked before reading: what it wrote last is then found
    const found = this.#readAvailable();
    if (!found && !alive) {
      this.#closeWhenDrained();
      return;
    }
    setTimeout(() => this.#pollUntilExit(), found ? 0 : this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  /** Reads once; whether something was there. */
  #readAvailable(): boolean {
    try {
      const bytes = Buffer.alloc(READ_BYTES);
      const length = readSync(this.#fd, bytes);
      this.#socket.push(bytes.subarray(0, length));
      return length > 0;
    } catch {
      return false; // EIO: closed; EAGAIN: open, and nothing was written
    }
  }

  /** False, as push() answers where nothing more is wanted for now. */
  #readOn(): boolean {
    const handle = this.#socket._handle;
    if (!this.#closed && handle) {
      handle.reading = true;
      handle.readStart();
    }
    return false;
  }

  #closeWhenDrained(): void {
    if (this.#socket.readableLength === 0) {
      this.close();
      return;
    }
    this.#socket.once("data", () => setImmediate(() => this.#closeWhenDrained()));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM"; // setuid programs cannot be signalled, but live
  }
}
