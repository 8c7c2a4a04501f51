// When things happened by the reader's clock: days, weekdays and hours in the local time zone.

/** A moment by the local clock. */
export interface LocalTime {
  /** `2026-03-01`. */
  readonly day: string;
  /** 0 is Monday. */
  readonly weekday: number;
  readonly hour: number;
}

const NANOS_PER_MS = 1_000_000n;
/** Time zones differ by whole quarters of an hour, and change at them. */
const QUARTER_MS = 900_000;

/** Milliseconds since 1970 of a moment in a session; undefined where its beginning is not known or of no year from 1 to 9999. */
export function wallMs(startTime: bigint | undefined, time: number): number | undefined {
  if (startTime === undefined) return undefined;
  const ms = Number(startTime / NANOS_PER_MS) + Math.floor(time / 1e6);
  return ms >= FIRST_MS && ms < END_MS ? ms : undefined;
}

/** Years of four digits, in whatever time zone: the first and the last day of them are left out. */
const FIRST_MS = -62_135_510_400_000;
const END_MS = 253_402_214_400_000;

/** The name of the local time zone. */
export function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Tells local times; quick where they come in order. */
export class LocalClock {
  #quarter = Number.NaN;
  #time: LocalTime = { day: "", weekday: 0, hour: 0 };

  at(ms: number): LocalTime {
    const quarter = Math.floor(ms / QUARTER_MS);
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#time = localTime(new Date(ms));
    }
    return this.#time;
  }
}

function localTime(date: Date): LocalTime {
  const two = (number: number) => String(number).padStart(2, "0");
  return {
    day: `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    weekday: (date.getDay() + 6) % 7,
    hour: date.getHours(),
  };
}
