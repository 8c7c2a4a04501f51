// The timeline ties recorded time to a clock: at a speed, and with pauses shortened. What is shown is summed up in whole
// nanoseconds from one event to the next, and due times come from that sum and one origin, so errors do not add up.
import type { Clock } from "./clock.js";
import { type IdleMode, shownPause } from "./idle.js";

/** Where playback stands in recorded time, and when what comes next is due. Stands still at 0 until it is started. */
export class Timeline {
  readonly #clock: Clock;
  #speed: number;
  #idle: IdleMode;
  /** Recorded time of the event that was passed last, or of the place where playback was begun. */
  #passed = 0;
  /** What was shown up to there since then, nanoseconds at speed 1. */
  #shownAtPassed = 0;
  /** What was shown when the timeline stood last; it runs on from there. */
  #shown = 0;
  /** The clock's time when it was started; undefined while it stands. */
  #started: number | undefined;

  constructor(clock: Clock, speed: number, idle: IdleMode) {
    this.#clock = clock;
    this.#speed = speed;
    this.#idle = idle;
  }

  get speed(): number {
    return this.#speed;
  }

  get idle(): IdleMode {
    return this.#idle;
  }

  /** Begins anew at a recorded time, nanoseconds; running or standing as before. */
  moveTo(time: number): void {
    this.#passed = time;
    this.#shownAtPassed = 0;
    this.#shown = 0;
    if (this.#started !== undefined) this.#started = this.#clock.now();
  }

  /** An event was shown. */
  pass(time: number): void {
    this.#shownAtPassed += shownPause(this.#idle, time - this.#passed);
    this.#passed = time;
  }

  /** The clock's time at which an event that comes next is to be shown. Infinity while the timeline stands. */
  due(next: number): number {
    if (this.#started === undefined) return Number.POSITIVE_INFINITY;
    const shown = this.#shownAtPassed + shownPause(this.#idle, next - this.#passed);
    return this.#started + (shown - this.#shown) / this.#speed;
  }

  /** The recorded time, nanoseconds, that the clock stands at; `next` is the time of the event that comes next, if any does. */
  position(next?: number): number {
    const sincePassed = Math.max(0, this.#shownNow() - this.#shownAtPassed);
    if (next === undefined) return this.#passed;
    const pause = next - this.#passed;
    const shown = shownPause(this.#idle, pause);
    return sincePassed >= shown ? next : Math.round(this.#passed + (sincePassed / shown) * pause);
  }

  /** Runs on from where it stands. */
  start(): void {
    this.#started ??= this.#clock.now();
  }

  /** Stands still; playback that lags behind stands before what comes next. */
  stop(next?: number): void {
    const limit = next === undefined ? 0 : shownPause(this.#idle, next - this.#passed);
    this.#shown = Math.min(this.#shownNow(), this.#shownAtPassed + limit);
    this.#started = undefined;
  }

  /** `speed` is recorded seconds per second of the clock. */
  setSpeed(speed: number, next?: number): void {
    const isRunning = this.#started !== undefined;
    if (isRunning) this.stop(next);
    this.#speed = speed;
    if (isRunning) this.start();
  }

  /** `position` is the recorded time, nanoseconds, from which on it holds: a pause that is skipped has no places within. */
  setIdle(idle: IdleMode, position: number): void {
    this.moveTo(position);
    this.#idle = idle;
  }

  #shownNow(): number {
    if (this.#started === undefined) return this.#shown;
    return this.#shown + (this.#clock.now() - this.#started) * this.#speed;
  }
}
