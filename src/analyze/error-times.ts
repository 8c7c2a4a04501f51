// The error rate in time: days, or weeks and months where there are many.
import type { CommandTimes, DayFigures } from "./command-report.js";
import type { ErrorsOverTime } from "./error-report.js";

const MAX_DAYS = 62;
const MAX_DAYS_OF_WEEKS = 400;
const DAY_MS = 86_400_000;

/** Buckets of the days. */
export function errorsOverTime({ byDay, timeZone, undated }: CommandTimes): ErrorsOverTime {
  const unit = unitFor(byDay);
  const buckets = new Map<string, { commands: number; failed: number }>();
  for (const { day, commands, failed } of byDay) {
    const start = startOf(day, unit);
    const known = buckets.get(start) ?? { commands: 0, failed: 0 };
    buckets.set(start, { commands: known.commands + commands, failed: known.failed + failed });
  }
  const rated = [...buckets].map(([start, counts]) => ({ start, ...counts, rate: counts.failed / counts.commands }));
  return { timeZone, unit, buckets: rated, undated };
}

function unitFor(days: readonly DayFigures[]): ErrorsOverTime["unit"] {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return "day";
  const span = (Date.parse(last.day) - Date.parse(first.day)) / DAY_MS + 1;
  if (span <= MAX_DAYS) return "day";
  return span <= MAX_DAYS_OF_WEEKS ? "week" : "month";
}

/** The first day of the bucket. Days have no time zone here: they were named by the local clock. */
function startOf(day: string, unit: ErrorsOverTime["unit"]): string {
  if (unit === "day") return day;
  if (unit === "month") return `${day.slice(0, -2)}01`;
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}
