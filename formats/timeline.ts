// Turns the times a file states into recorded time: never decreasing, leaps of more than 30 days taken out.
import { type DecodeOptions, MAX_LEAP_NANOS } from "../src/core/index.js";
import { warn } from "./damage.js";

/** The clock of one decoder. */
export class Timeline {
  #last = 0;
  #lastRaw = 0;
  #skew = 0;
  #beforeLeap: { readonly raw: number; readonly skew: number } | undefined;
  #warnedBackwards = false;
  readonly #options: DecodeOptions;

  constructor(options: DecodeOptions) {
    this.#options = options;
  }

  /** Nanoseconds of the last event. */
  get last(): number {
    return this.#last;
  }

  /** Recorded time of an event that the file places at `raw` nanoseconds after the start. */
  absolute(raw: number, offset: number): number {
    const time = raw - this.#skew;
    if (time >= this.#last && time - this.#last <= MAX_LEAP_NANOS && time <= Number.MAX_SAFE_INTEGER) {
      this.#lastRaw = raw;
      this.#last = time;
      return time;
    }
    return time < this.#last ? this.#backwards(raw, offset) : this.#leap(raw, offset);
  }

  /** Recorded time of an event `delta` nanoseconds after the one before. */
  relative(delta: number, offset: number): number {
    return this.absolute(this.#last + this.#skew + delta, offset);
  }

  #backwards(raw: number, offset: number): number {
    const before = this.#beforeLeap;
    if (before !== undefined && raw >= before.raw) {
      if (raw - before.skew - this.#last <= MAX_LEAP_NANOS && raw - before.skew <= Number.MAX_SAFE_INTEGER) {
        // One stamp was nonsense, the next is right again: count on from before it.
        this.#beforeLeap = undefined;
        this.#skew = before.skew;
        this.#lastRaw = raw;
        this.#last = Math.max(this.#last, raw - before.skew);
        return this.#last;
      }
      // One nonsense stamp after another.
      if (this.#last - (raw - this.#skew) > MAX_LEAP_NANOS) return this.#leap(raw, offset, before);
    }
    if (!this.#warnedBackwards) {
      this.#warnedBackwards = true;
      warn(this.#options, {
        code: "time-backwards",
        message: `time runs backwards at byte ${offset}: held where it was`,
        offset,
      });
    }
    return this.#last;
  }

  #leap(raw: number, offset: number, before = { raw: this.#lastRaw, skew: this.#skew }): number {
    warn(this.#options, {
      code: "time-leap",
      message: `time leaps by more than 30 days at byte ${offset}: the leap is left out`,
      offset,
    });
    this.#beforeLeap = before;
    this.#skew = raw - this.#last;
    this.#lastRaw = raw;
    return this.#last;
  }
}
