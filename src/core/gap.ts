// Gaps: what a recording says where it misses something, so that nothing is lost in silence.
import { type CustomEvent, customEvent } from "./event.js";

/** Code of the custom event that stands where a recording misses something. */
export const GAP_CODE = "t2a.gap";

/** What is missing, as far as it is known. */
export interface MissingSpan {
  /** Nanoseconds: nothing before this is missing. */
  readonly startTime?: number | undefined;
  /** Nanoseconds: nothing after this is missing. */
  readonly endTime?: number | undefined;
  readonly events?: number | undefined;
  /** Bytes of output. */
  readonly outputBytes?: number | undefined;
}

/** The event that says so. `reason` is one of few words: `damage`, `disk-full`. */
export function gapEvent(time: number, reason: string, span: MissingSpan = {}): CustomEvent {
  const { startTime: startNs, endTime: endNs, events, outputBytes } = span;
  return customEvent(time, GAP_CODE, { reason, startNs, endNs, events, outputBytes });
}
