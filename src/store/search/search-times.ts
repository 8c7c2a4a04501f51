// Times as they are written in a search: days, months and moments, in the user's own time.
import { UsageError } from "../../core/index.js";

/** A stretch of time, milliseconds since 1970: from the first on, before the second. */
export interface Times {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const FORMS = "write 2026-11-01, 2026-11, 2026-11-01T14:00, today or yesterday";
const AGO_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const DATE = /^([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?)?$/;

/** The beginning of a day, month or moment, or so long ago (`7d`); milliseconds since 1970. @throws UsageError */
export function parseTime(text: string, nowMs: number): number {
  const [, count, unit = ""] = /^([0-9]{1,6})([mhdw])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (AGO_MS[unit] ?? 0);
  return stretchOf(text, nowMs).sinceMs;
}

/** `2026-11`, `2026-11-01..07`, `2026-11-01..2026-11-07`, `today`: the last day, month or minute is part of it. @throws UsageError */
export function parseTimes(text: string, nowMs: number): Times {
  const [from = "", to, ...more] = text.split("..");
  if (more.length > 0) throw new UsageError(`during:${text} has more than a beginning and an end`);
  const first = stretchOf(from, nowMs);
  if (to === undefined) return first;
  const last = stretchOf(endOf(from, to), nowMs);
  if (last.untilMs <= first.sinceMs) throw new UsageError(`during:${text} ends before it begins`);
  return { sinceMs: first.sinceMs, untilMs: last.untilMs };
}

/** An end says only what differs from the beginning: `07`, `12-07`. */
function endOf(from: string, to: string): string {
  if (!/^[0-9]{2}(?:-[0-9]{2})?$/.test(to)) return to;
  return from.slice(0, 10 - to.length - (from.length === 7 ? 3 : 0)) + to;
}

function stretchOf(text: string, nowMs: number): Times {
  if (text === "today" || text === "yesterday") {
    const now = new Date(nowMs);
    const day = now.getDate() - (text === "today" ? 0 : 1);
    return between((more) => new Date(now.getFullYear(), now.getMonth(), day + more));
  }
  const [, year, month, day, hour, minute, second] = (DATE.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined) throw new UsageError(`"${text}" is no time: ${FORMS}`);
  const has = (part: number | undefined): part is number => part !== undefined && !Number.isNaN(part);
  const first = new Date(
    year,
    month - 1,
    has(day) ? day : 1,
    has(hour) ? hour : 0,
    has(minute) ? minute : 0,
    second || 0,
  );
  const isReal =
    first.getMonth() === month - 1 &&
    (!has(day) || first.getDate() === day) &&
    !((hour ?? 0) > 23 || (minute ?? 0) > 59);
  if (!isReal) throw new UsageError(`there is no time "${text}": ${FORMS}`);
  if (!has(day)) return between((more) => new Date(year, month - 1 + more, 1));
  if (!has(hour)) return between((more) => new Date(year, month - 1, day + more));
  const ms = has(second) ? 1000 : 60_000;
  return { sinceMs: first.getTime(), untilMs: first.getTime() + ms };
}

/** Days and months have not all the same length, nor have days where clocks are changed. */
function between(at: (more: number) => Date): Times {
  return { sinceMs: at(0).getTime(), untilMs: at(1).getTime() };
}
