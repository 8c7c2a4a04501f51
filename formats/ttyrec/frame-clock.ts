// Recorded time of frames: since the first one, whose stamp is mostly the wall clock, sometimes 0.
import { type DecodeOptions, MAX_LEAP_NANOS } from "../../src/core/index.js";
import { warn } from "../damage.js";
import { Timeline } from "../timeline.js";

/** Stamps before 1980 are no wall clock but count from some start of their own. */
const EARLIEST_WALL_MICROS = 315_532_800 * 1e6;

/** The clock of one decoder. */
export class FrameClock {
  readonly #options: DecodeOptions;
  readonly #timeline: Timeline;
  /** Microseconds: the stamp that is time 0. */
  #base: number | undefined;
  /** Microseconds since the base. */
  #last = 0;
  #start: bigint | undefined;

  constructor(options: DecodeOptions) {
    this.#options = options;
    this.#timeline = new Timeline(options);
  }

  /** Wall clock of the first stamp in nanoseconds, where it can be one. */
  get startTime(): bigint | undefined {
    return this.#start;
  }

  /** Takes the first stamp as time 0; later ones change nothing. */
  begin(micros: number): void {
    if (this.#base !== undefined) return;
    this.#base = micros;
    if (micros >= EARLIEST_WALL_MICROS) this.#start = BigInt(micros) * 1000n;
  }

  /** Recorded time in nanoseconds of a frame with this stamp. */
  time(micros: number, offset: number): number {
    if (this.#base === undefined) this.begin(micros);
    let since = micros - (this.#base ?? 0);
    if (since * 1000 < -MAX_LEAP_NANOS || since * 1000 > Number.MAX_SAFE_INTEGER) {
      // A recording glued on that counts from another start: it goes on where the one before ended.
      warn(this.#options, {
        code: "time-leap",
        message: `time leaps by more than 30 days at byte ${offset}: the leap is left out`,
        offset,
      });
      since = this.#last;
      this.#base = micros - since;
    }
    this.#last = since;
    return this.#timeline.absolute(since * 1000, offset);
  }
}
