// A user's terminal in memory: takes what is written, types what the test says, goes away when told to.
import type { UserTty } from "../../src/pty/index.js";

export class MemoryTty implements UserTty {
  readonly pendingBytes = 0;
  raw = false;
  closed = false;
  text = "";
  #type: (bytes: Uint8Array) => void = () => {};
  #hangup: () => void = () => {};

  size(): { cols: number; rows: number } {
    return { cols: 20, rows: 5 };
  }

  start(): void {
    this.raw = true;
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#type = listener;
  }

  onResize(): void {}

  onHangup(listener: () => void): void {
    this.#hangup = listener;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.text += Buffer.from(bytes).toString();
  }

  async close(): Promise<void> {
    this.raw = false;
    this.closed = true;
  }

  type(text: string): void {
    this.#type(Buffer.from(text));
  }

  hangUp(): void {
    this.#hangup();
  }
}
