// Time: integer nanoseconds as plain numbers inside t2a; seconds only at its edges (formats, command line).
import { UsageError } from "./errors.js";

/** Nanoseconds in a second. */
export const NANOS_PER_SECOND = 1_000_000_000;
/** Nanoseconds in a millisecond. */
export const NANOS_PER_MS = 1_000_000;
/** A leap longer than this (30 days) between two events is damage, not idleness: decoders clamp it with a warning. */
export const MAX_LEAP_NANOS = 30 * 86_400 * NANOS_PER_SECOND;

/** Ties a moment of a recording to the wall clock: the monotonic clock stops in suspend and restarts on boot. */
export interface Anchor {
  /** Nanoseconds since the recording's start. */
  readonly time: number;
  /** Wall clock: nanoseconds since 1970-01-01 UTC. */
  readonly wall: bigint;
  /** The kernel's boot id, where it is known: anchors of different boots are not comparable by monotonic time. */
  readonly bootId?: string;
}

const DECIMAL = /^\s*([0-9]+)(?:\.([0-9]*))?\s*$/;

/** Nanoseconds of a decimal number of seconds, exactly rounded; undefined where it is no finite, non-negative number. */
export function parseSeconds(text: string): number | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) {
    if (!/^\s*[0-9.]+(e[+-]?[0-9]+)?\s*$/i.test(text)) return undefined;
    return secondsToNanos(Number(text));
  }
  const fraction = `${match[2] ?? ""}0000000000`;
  const nanos =
    Number(match[1]) * NANOS_PER_SECOND + Number(fraction.slice(0, 9)) + (fraction.charCodeAt(9) >= 53 ? 1 : 0);
  return Number.isSafeInteger(nanos) ? nanos : undefined;
}

/** Nanoseconds of a number of seconds; undefined where that is no non-negative safe integer. */
export function secondsToNanos(seconds: number): number | undefined {
  const nanos = Math.round(seconds * NANOS_PER_SECOND);
  return Number.isSafeInteger(nanos) && nanos >= 0 ? nanos : undefined;
}

/** A duration for people: `1:02:03.5`, `2:03.5`, `3.5s`. */
export function formatDuration(time: number): string {
  const tenths = Math.round(time / 100_000_000);
  const seconds = tenths / 10;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  const rest = (seconds % 60).toFixed(1).padStart(4, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** Seconds of a time, to the nanosecond, with so many decimals at least: `12.5`. */
export function decimalSeconds(time: number, minDecimals = 0): string {
  const decimals = String(time % NANOS_PER_SECOND)
    .padStart(9, "0")
    .replace(/0+$/, "")
    .padEnd(minDecimals, "0");
  const seconds = String(Math.floor(time / NANOS_PER_SECOND));
  return decimals === "" ? seconds : `${seconds}.${decimals}`;
}

/** A position as {@link parsePosition} reads it back, to the nanosecond: `12.5`, `1:02.0`, `1:02:03.25`. */
export function formatPosition(time: number): string {
  const minutes = Math.floor(time / (60 * NANOS_PER_SECOND));
  if (minutes === 0) return decimalSeconds(time, 1);
  const rest = decimalSeconds(time % (60 * NANOS_PER_SECOND), 1).replace(/^[0-9](?=\.)/, "0$&");
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** A position in recorded time: absolute nanoseconds, or a share of the duration (0-1). */
export type Position = { readonly nanos: number } | { readonly fraction: number };

/**
 * Reads a position or a duration as users write it: `12.5`, `90s`, `500ms`, `2m`, `1h`, `1:02:03`, `40%`.
 * @throws UsageError naming the text.
 */
export function parsePosition(text: string): Position {
  const percent = /^([0-9]+(?:\.[0-9]+)?)%$/.exec(text.trim());
  if (percent !== null && Number(percent[1]) <= 100) return { fraction: Number(percent[1]) / 100 };
  const nanos = parseTime(text);
  if (nanos === undefined) throw new UsageError(`not a position in time: "${text}" (use 12.5, 90s, 1:02:03 or 40%)`);
  return { nanos };
}

/**
 * Reads a duration: as a position, but no percentage.
 * @throws UsageError naming the text.
 */
export function parseDuration(text: string): number {
  const nanos = parseTime(text);
  if (nanos === undefined)
    throw new UsageError(`not a duration: "${text}" (use seconds, 2 or 0.5, or 500ms, 2m, 1:30)`);
  return nanos;
}

function parseTime(text: string): number | undefined {
  const trimmed = text.trim();
  return parseClock(trimmed) ?? parseWithUnit(trimmed);
}

function parseClock(text: string): number | undefined {
  const match = /^(?:([0-9]{1,6}):)?([0-9]{1,4}):([0-9]{1,2}(?:\.[0-9]+)?)$/.exec(text);
  if (match === null) return undefined;
  const seconds = parseSeconds(match[3] ?? "");
  if (seconds === undefined || seconds >= 60 * NANOS_PER_SECOND || (match[1] !== undefined && Number(match[2]) > 59))
    return undefined;
  const nanos = (Number(match[1] ?? 0) * 3600 + Number(match[2]) * 60) * NANOS_PER_SECOND + seconds;
  return Number.isSafeInteger(nanos) ? nanos : undefined;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { "": 1, ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

function parseWithUnit(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)?$/.exec(text);
  if (match === null) return undefined;
  const unit = UNIT_SECONDS[match[2] ?? ""] ?? 1;
  return unit === 1 ? parseSeconds(match[1] ?? "") : secondsToNanos(Number(match[1]) * unit);
}
