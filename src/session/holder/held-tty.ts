// The terminal of a session that is held: nobody sits at it. What is typed, and its size, come from the daemon; what is shown is told
// of by the recording's sink, so that nothing is shown that is not recorded.
import type { TtySize, UserTty } from "../../pty/index.js";

const SHOWN = Promise.resolve();

/** Stands in for the user's terminal. */
export class HeldTty implements UserTty {
  /** Nobody who watches holds the program back. */
  readonly pendingBytes = 0;
  #size: TtySize;
  #onInput: (bytes: Uint8Array, who?: string) => void = () => {};
  #onResize: (size: TtySize) => void = () => {};

  constructor(size: TtySize) {
    this.#size = size;
  }

  size(): TtySize {
    return this.#size;
  }

  /** Somebody types. */
  type(bytes: Uint8Array, who: string): void {
    this.#onInput(bytes, who);
  }

  /** Somebody wants another size. */
  resize(size: TtySize): void {
    this.#size = size;
    this.#onResize(size);
  }

  onInput(listener: (bytes: Uint8Array, who?: string) => void): void {
    this.#onInput = listener;
  }

  onResize(listener: (size: TtySize) => void): void {
    this.#onResize = listener;
  }

  start(): void {}
  onHangup(): void {}
  write(): Promise<void> {
    return SHOWN;
  }
  async close(): Promise<void> {}
}
