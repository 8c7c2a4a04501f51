// Commands counted by hour, weekday and day of the local clock.
import { LocalClock, localTimeZone } from "./calendar.js";
import type { CommandTimes, DayFigures } from "./command-report.js";

/** Its content, as data. */
export interface TimesPart {
  readonly undated: number;
  /** 7 times 24. */
  readonly hours: readonly number[];
  readonly days: readonly DayFigures[];
}

/** Days that are kept when there are twice as many. */
const MAX_DAYS = 1000;
const HOURS = 24;
const WEEKDAYS = 7;

type OpenDay = { -readonly [Key in keyof DayFigures]: DayFigures[Key] };

/** Counts commands by when they began. */
export class TimesCounter {
  readonly #clock = new LocalClock();
  #undated = 0;
  readonly #hours: number[] = new Array(WEEKDAYS * HOURS).fill(0);
  #days = new Map<string, OpenDay>();

  /** `ms`: milliseconds since 1970; undefined: not known. */
  take(ms: number | undefined, failed: boolean, runningNs: number): void {
    if (ms === undefined) {
      this.#undated++;
      return;
    }
    const { day, weekday, hour } = this.#clock.at(ms);
    this.#hours[weekday * HOURS + hour] = (this.#hours[weekday * HOURS + hour] ?? 0) + 1;
    this.#addDay({ day, commands: 1, failed: failed ? 1 : 0, runningNs });
  }

  part(): TimesPart {
    return { undated: this.#undated, hours: this.#hours, days: [...this.#days.values()] };
  }

  add({ undated, hours, days }: TimesPart): void {
    this.#undated += undated;
    hours.forEach((count, at) => {
      this.#hours[at] = (this.#hours[at] ?? 0) + count;
    });
    for (const day of days) this.#addDay(day);
  }

  get times(): CommandTimes {
    const byWeekdayAndHour = Array.from({ length: WEEKDAYS }, (_, weekday) =>
      this.#hours.slice(weekday * HOURS, (weekday + 1) * HOURS),
    );
    const byHour = Array.from({ length: HOURS }, (_, hour) => sum(byWeekdayAndHour.map((hours) => hours[hour] ?? 0)));
    return {
      timeZone: localTimeZone(),
      undated: this.#undated,
      byHour,
      byWeekday: byWeekdayAndHour.map(sum),
      byWeekdayAndHour,
      byDay: [...this.#days.values()].sort(byDay).slice(-MAX_DAYS),
    };
  }

  #addDay({ day, commands, failed, runningNs }: DayFigures): void {
    const known = this.#days.get(day);
    if (known !== undefined) {
      known.commands += commands;
      known.failed += failed;
      known.runningNs += runningNs;
      return;
    }
    if (this.#days.size >= 2 * MAX_DAYS) this.#forgetDays();
    this.#days.set(day, { day, commands, failed, runningNs });
  }

  #forgetDays(): void {
    this.#days = new Map([...this.#days].sort(([a], [b]) => compare(a, b)).slice(-MAX_DAYS));
  }
}

function byDay(a: DayFigures, b: DayFigures): number {
  return compare(a.day, b.day);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
