// When to draw: at most sixty frames a second, the first after a pause at once, and never while the terminal has not taken what
// was drawn before. What is skipped meanwhile is skipped for good: the newest is drawn.
import type { Clock } from "../clock.js";
import { FRAME_NANOS } from "../step.js";

/** What was drawn. */
export interface Drawing {
  /** What makes the terminal show how things are now; empty where it does. */
  readonly bytes: Uint8Array;
  /** There is a frame of the recording in it: the next one comes a sixtieth of a second later. */
  readonly isFrame: boolean;
}

/** What draws, and where it goes. */
export interface FrameLoopOptions {
  readonly clock: Clock;
  draw(): Drawing;
  /** Resolves when it can take more. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Draws when asked. */
export class FrameLoop {
  readonly #options: FrameLoopOptions;
  readonly #closing = new AbortController();
  #lastFrame = Number.NEGATIVE_INFINITY;
  #isWanted = false;
  #isRunning = false;

  constructor(options: FrameLoopOptions) {
    this.#options = options;
  }

  /** Something has changed. */
  request(): void {
    this.#isWanted = true;
    if (!this.#isRunning) void this.#run();
  }

  /** Draws nothing more. */
  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isWanted && !this.#closing.signal.aborted) await this.#next();
    this.#isRunning = false;
  }

  async #next(): Promise<void> {
    const { clock, draw, write } = this.#options;
    const due = this.#lastFrame + FRAME_NANOS;
    if (clock.now() < due) await clock.waitUntil(due, this.#closing.signal);
    if (this.#closing.signal.aborted) return;
    this.#isWanted = false;
    const { bytes, isFrame } = draw();
    if (isFrame) this.#lastFrame = clock.now();
    if (bytes.length > 0) await write(bytes);
  }
}
