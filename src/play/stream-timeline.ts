// The timeline ties recorded time to a clock: recorded time = (clock - origin) x speed while it runs, fixed while it
// stands. Due times are computed from the origin, never from the event before, so errors do not add up.
import type { Clock } from "./clock.js";

/** Where playback stands in recorded time. Stands still at 0 until it is started. */
export class StreamTimeline {
  readonly #clock: Clock;
  readonly #speed: number;
  #position = 0;
  #origin: number | undefined;

  /** `speed` is recorded seconds per second of the clock. */
  constructor(clock: Clock, speed: number) {
    this.#clock = clock;
    this.#speed = speed;
  }

  /** The recorded time, nanoseconds, that the clock stands at. */
  position(): number {
    return this.#origin === undefined ? this.#position : (this.#clock.now() - this.#origin) * this.#speed;
  }

  /** The clock's time at which a recorded time is to be shown. Infinity while the timeline stands. */
  due(time: number): number {
    return this.#origin === undefined ? Number.POSITIVE_INFINITY : Math.round(this.#origin + time / this.#speed);
  }

  /** Runs on from where it stands. */
  start(): void {
    this.#origin ??= this.#clock.now() - this.#position / this.#speed;
  }

  /** Stands still at a recorded time. */
  stopAt(time: number): void {
    this.#origin = undefined;
    this.#position = time;
  }
}
