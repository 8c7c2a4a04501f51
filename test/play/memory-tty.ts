// A user's terminal in memory: takes what is written, types what the test says, goes away when told to.
import type { TtySize, UserTty } from "../../src/pty/index.js";

export class MemoryTty implements UserTty {
  readonly pendingBytes = 0;
  raw = false;
  closed = false;
  /** Called while it is suspended; continued when that is done. */
  onSuspend: () => Promise<void> = async () => {};
  text = "";
  /** Called with what is written; what it gives is awaited before the next bytes are taken. */
  onWrite: (bytes: Uint8Array) => Promise<void> | undefined = () => undefined;
  #size: TtySize;
  #type: (bytes: Uint8Array) => void = () => {};
  #resize: (size: TtySize) => void = () => {};
  #hangup: () => void = () => {};

  constructor(size: TtySize = { cols: 20, rows: 5 }) {
    this.#size = size;
  }

  size(): TtySize {
    return this.#size;
  }

  start(): void {
    this.raw = true;
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#type = listener;
  }

  onResize(listener: (size: TtySize) => void): void {
    this.#resize = listener;
  }

  onHangup(listener: () => void): void {
    this.#hangup = listener;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.text += Buffer.from(bytes).toString();
    await this.onWrite(bytes);
  }

  async suspend(): Promise<void> {
    this.raw = false;
    await this.onSuspend();
    this.raw = true;
  }

  async close(): Promise<void> {
    this.raw = false;
    this.closed = true;
  }

  type(text: string): void {
    this.#type(Buffer.from(text));
  }

  resize(size: TtySize): void {
    this.#size = size;
    this.#resize(size);
  }

  hangUp(): void {
    this.#hangup();
  }
}
