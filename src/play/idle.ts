// Idle handling: how long a pause of the recording is shown.
import { type Header, NANOS_PER_SECOND } from "../core/index.js";

/**
 * What becomes of pauses. `off`: they take as long as they took. `limit`: at most `limit` nanoseconds. `skip`: what is longer
 * than a second takes no time at all. `log`: long pauses stay visible as such without being waited for: a minute takes 2 seconds,
 * an hour 5, a day 8.
 */
export type IdleMode =
  | { readonly mode: "off" }
  | { readonly mode: "limit"; readonly limit: number }
  | { readonly mode: "skip" }
  | { readonly mode: "log" };

/** A pause beyond this is skipped, and one up to this is shown as it was in log time. Nanoseconds. */
export const IDLE_NANOS = NANOS_PER_SECOND;

/** Log time: seconds of the recording, and what is shown of them. In between the logarithm decides, and beyond it goes on so. */
const LOG_POINTS = [
  [1, 1],
  [60, 2],
  [3600, 5],
  [86_400, 8],
] as const;

/** Nanoseconds for which a pause of so many nanoseconds is shown, at speed 1. A whole number; never longer than the pause. */
export function shownPause(idle: IdleMode, pause: number): number {
  switch (idle.mode) {
    case "off":
      return pause;
    case "limit":
      return Math.min(pause, idle.limit);
    case "skip":
      return pause > IDLE_NANOS ? 0 : pause;
    case "log":
      return pause <= IDLE_NANOS ? pause : logTime(pause);
  }
}

/** What a recording itself says of its pauses. */
export function headerIdle({ idleTimeLimit }: Header): IdleMode {
  return idleTimeLimit === undefined ? { mode: "off" } : { mode: "limit", limit: idleTimeLimit };
}

function logTime(pause: number): number {
  const seconds = pause / NANOS_PER_SECOND;
  let at = 0;
  while (at < LOG_POINTS.length - 2 && seconds > (LOG_POINTS[at + 1]?.[0] ?? 0)) at++;
  const [from, shownFrom] = LOG_POINTS[at] ?? [1, 1];
  const [to, shownTo] = LOG_POINTS[at + 1] ?? [1, 1];
  const share = Math.log(seconds / from) / Math.log(to / from);
  return Math.round((shownFrom + share * (shownTo - shownFrom)) * NANOS_PER_SECOND);
}
