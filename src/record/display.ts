// Shows output on the user's terminal once it is recorded, and holds the child back while the terminal cannot keep up.
import type { UserTty } from "../pty/index.js";

/** What the terminal may lag behind, bytes. */
export const MAX_PENDING_BYTES = 1024 * 1024;

/** One terminal's output side. */
export class Display {
  readonly #tty: UserTty;
  readonly #onFull: (full: boolean) => void;
  #queue: Uint8Array[] = [];
  /** What waits for the terminal holds the child back; else it is not shown at all. */
  #patient = true;

  constructor(tty: UserTty, onFull: (full: boolean) => void) {
    this.#tty = tty;
    this.#onFull = onFull;
  }

  /** Takes output to be shown by the next {@link flush}. The bytes must not change. */
  add(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  /** Shows what was added: all of it is recorded. */
  flush(): void {
    if (this.#queue.length === 0) return;
    const queue = this.#queue;
    this.#queue = [];
    if (!this.#patient && this.#tty.pendingBytes > MAX_PENDING_BYTES) return;
    const [first] = queue;
    const shown = this.#tty.write(queue.length === 1 && first !== undefined ? first : Buffer.concat(queue));
    if (!this.#patient || this.#tty.pendingBytes <= MAX_PENDING_BYTES) return;
    this.#onFull(true);
    void shown.then(() => this.#onFull(false));
  }

  /** From now on a terminal that is gone, or takes nothing, holds nobody back: what it cannot take is not shown. */
  stopWaiting(): void {
    this.#patient = false;
    this.#onFull(false);
  }
}
