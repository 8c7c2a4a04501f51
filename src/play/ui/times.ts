// Positions as people read them.

const NANOS_PER_TENTH = 100_000_000;

/** `1:02:03.4`, `2:03.4`: tenths are cut, not rounded, so that nothing is told before it is. */
export function formatClock(nanos: number): string {
  const tenths = Math.floor(nanos / NANOS_PER_TENTH);
  const seconds = Math.floor(tenths / 10);
  const rest = `${pad(seconds % 60)}.${tenths % 10}`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${rest}`;
}

/** The wall clock in local time, `2026-11-21 13:18:04`; `start` is that of the recording's start, nanoseconds since 1970. */
export function formatWallClock(start: bigint, nanos: number): string {
  const date = new Date(Number(start / 1_000_000n) + nanos / 1_000_000);
  if (Number.isNaN(date.getTime())) return formatClock(nanos);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(pad).join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(":")}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
