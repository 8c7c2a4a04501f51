// What an attached client was told and has not taken yet. Says when there is too much of it and when there is room again.
import type { AttachMessage } from "../session-manager.js";

/** Bytes that may wait before the socket is not read any more, and below which it is again. */
const FULL = 256 * 1024;
const ROOM = 64 * 1024;
/** What a message costs beside its bytes. */
const MESSAGE_COST = 128;

/** Messages in order, gone through once. */
export class MessageQueue implements AsyncIterable<AttachMessage> {
  readonly #waiting: AttachMessage[] = [];
  readonly #onFull: (isFull: boolean) => void;
  #bytes = 0;
  #isFull = false;
  #hasEnded = false;
  #isTaken = false;
  #wake: (() => void) | undefined;
  readonly #onLeft: () => void;

  /** `onFull` is told when nothing more should come, and when it may again; `onLeft` when nobody takes messages any more. */
  constructor(onFull: (isFull: boolean) => void, onLeft: () => void) {
    this.#onFull = onFull;
    this.#onLeft = onLeft;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  push(message: AttachMessage): void {
    if (this.#hasEnded) return;
    this.#waiting.push(message);
    this.#bytes += costOf(message);
    this.#wake?.();
    if (this.#isFull || this.#bytes < FULL) return;
    this.#isFull = true;
    this.#onFull(true);
  }

  /** What waits of the screen is void: all of it comes anew. */
  clearScreen(): void {
    const kept = this.#waiting.filter(({ type }) => type === "session");
    this.#waiting.splice(0, this.#waiting.length, ...kept);
    this.#bytes = kept.length * MESSAGE_COST;
    this.#makeRoom();
  }

  /** Nothing follows. */
  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<AttachMessage> {
    if (this.#isTaken) throw new TypeError("the messages of an attachment are gone through once");
    this.#isTaken = true;
    try {
      for (;;) {
        const message = this.#waiting.shift();
        if (message !== undefined) {
          this.#bytes -= costOf(message);
          this.#makeRoom();
          yield message;
        } else if (this.#hasEnded) return;
        else await this.#next();
      }
    } finally {
      this.#onLeft();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #makeRoom(): void {
    if (!this.#isFull || this.#bytes > ROOM) return;
    this.#isFull = false;
    this.#onFull(false);
  }
}

function costOf(message: AttachMessage): number {
  if (message.type === "output") return message.data.length + MESSAGE_COST;
  return message.type === "screen" ? message.dump.length + MESSAGE_COST : MESSAGE_COST;
}
