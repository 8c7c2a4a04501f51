// How fast a player plays.
import { UsageError } from "../core/index.js";

/** The slowest: seconds of the recording in one second. */
export const MIN_SPEED = 0.01;
/** The fastest: seconds of the recording in one second. */
export const MAX_SPEED = 1000;

/** @throws UsageError for a speed out of range. */
export function checkSpeed(speed: number): void {
  if (!(speed >= MIN_SPEED && speed <= MAX_SPEED))
    throw new UsageError(`speed ${speed} is out of range: use ${MIN_SPEED} to ${MAX_SPEED}`);
}
