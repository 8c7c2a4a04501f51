// The clock of a recording: monotonic nanoseconds since its start, which stand still while it is paused.

/** A monotonic clock. */
export interface RecordClock {
  /** Nanoseconds since a fixed moment of its own. */
  now(): number;
}

/** The system's monotonic clock, counted from when this was made: exact for 104 days. */
export class MonotonicClock implements RecordClock {
  readonly #start = process.hrtime();

  now(): number {
    const [seconds, nanos] = process.hrtime(this.#start);
    return seconds * 1e9 + nanos;
  }
}

/** Gives events their times. Law: no time is ever less than one given before. */
export class TimingRecorder {
  readonly #clock: RecordClock;
  /** What is taken off the clock: its value at the start, and all pauses so far. */
  #offset = 0;
  #pausedAt: number | undefined;
  #last: number;

  /** `startTime`: nanoseconds at which an existing recording is continued. */
  constructor(clock: RecordClock = new MonotonicClock(), startTime = 0) {
    this.#clock = clock;
    this.#last = startTime;
    this.restart();
  }

  /** Sets the clock back to the last time given: between making a recorder and the child's start no time passes. */
  restart(): void {
    this.#offset = this.#clock.now() - this.#last;
  }

  get paused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** Recording time, nanoseconds. */
  now(): number {
    this.#last = Math.max(this.#last, (this.#pausedAt ?? this.#clock.now()) - this.#offset);
    return this.#last;
  }

  /** Stops the clock. */
  pause(): void {
    this.#pausedAt ??= this.#clock.now();
  }

  /** Goes on where it was stopped. Gives the nanoseconds in between. */
  resume(): number {
    if (this.#pausedAt === undefined) return 0;
    const gap = this.#clock.now() - this.#pausedAt;
    this.#offset += gap;
    this.#pausedAt = undefined;
    return gap;
  }
}
