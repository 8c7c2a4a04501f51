// When frames are told of: at most sixty in a second, the first after a pause at once; and the position in between.
import { NANOS_PER_SECOND } from "../core/index.js";
import { FRAME_NANOS } from "./step.js";

/** The position is told of at least so often, nanoseconds. */
const TICK_NANOS = NANOS_PER_SECOND / 10;

/** Knows when the next frame may come. Times are a clock's, nanoseconds. */
export class FramePacer {
  #isWaiting = false;
  #frameDue = 0;
  #tickDue = 0;

  /** The screen has changed since the last frame. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** The next time at which there is something to tell, whatever comes meanwhile. */
  get next(): number {
    return this.#isWaiting ? Math.min(this.#tickDue, this.#frameDue) : this.#tickDue;
  }

  /** The screen changes. */
  want(): void {
    this.#isWaiting = true;
  }

  /** A frame is to be told of now. */
  isDue(now: number): boolean {
    return this.#isWaiting && now >= this.#frameDue;
  }

  /** Whether the position is to be told of now, because nothing else was for long. */
  tick(now: number): boolean {
    if (now < this.#tickDue) return false;
    this.#tickDue = now + TICK_NANOS;
    return true;
  }

  /** A frame was told of. */
  shown(now: number): void {
    this.#isWaiting = false;
    this.#frameDue = now + FRAME_NANOS;
    this.#tickDue = now + TICK_NANOS;
  }
}
