// Gaps: what a recording says where it misses something, so that nothing is lost in silence.
import { type CustomEvent, customEvent, type Event } from "./event.js";

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

/** What such an event says; undefined where it is none, or not one of t2a's. */
export function parseGap(event: Event): (MissingSpan & { readonly reason: string }) | undefined {
  if (event.kind !== "custom" || event.code !== GAP_CODE) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(event.data));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("reason" in value) || typeof value.reason !== "string") {
    return undefined;
  }
  const { startNs, endNs, events, outputBytes } = value as Readonly<Record<string, unknown>>;
  return {
    reason: value.reason,
    startTime: count(startNs),
    endTime: count(endNs),
    events: count(events),
    outputBytes: count(outputBytes),
  };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
