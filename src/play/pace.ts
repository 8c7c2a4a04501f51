// Long work by slices, so that the event loop is never held for long.
import { setImmediate as nextTurn } from "node:timers/promises";

/** Half of what is allowed: a garbage collection may come on top. */
const SLICE_MS = 4;
/** Work after which the clock is looked at, in bytes of output: about 0.1 ms. */
const UNTIMED_BYTES = 4096;

/** Lets others have their turn now and then. */
export class Pace {
  readonly #sliceMs: number;
  readonly #onRest: () => void;
  #started = performance.now();
  #untimed = 0;

  constructor(sliceMs = SLICE_MS, onRest = () => {}) {
    this.#sliceMs = sliceMs;
    this.#onRest = onRest;
  }

  /** Whether so many more bytes of work may have ended the slice. */
  isOver(cost: number): boolean {
    this.#untimed += cost;
    return this.#untimed >= UNTIMED_BYTES;
  }

  /** Where the slice is over, waits for the next turn. Gives whether it was. */
  async rest(): Promise<boolean> {
    this.#untimed = 0;
    if (performance.now() - this.#started < this.#sliceMs) return false;
    this.#onRest();
    await nextTurn();
    this.#started = performance.now();
    return true;
  }
}
