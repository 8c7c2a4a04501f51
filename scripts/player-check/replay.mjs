// What a player has to show: positions in a recording, and the screen at each by replay from the beginning.
import { randomFrom } from "../corpus/points.mjs";

/**
 * So many positions, in an order that goes back and forth: half at an event's time, half anywhere, as text that a position is typed in
 * and in nanoseconds. The same for the same seed.
 */
export async function choosePositions(lib, recording, { points, seed }) {
  const times = [];
  for await (const batch of recording.batches) for (const { time } of batch) times.push(time);
  const random = randomFrom(seed);
  const last = times.at(-1) ?? 0;
  return Array.from({ length: points }, (_, n) => {
    const nanos = n % 2 === 0 ? (times[Math.floor(random() * times.length)] ?? 0) : Math.floor(random() * last);
    return { nanos, text: lib.formatPosition(nanos) };
  });
}

/** The screens at these times, by time: rows, cursor, size. Reads the recording once. */
export async function replay(lib, recording, times) {
  const { cols, rows } = recording.header;
  const screen = new lib.Screen({ cols, rows });
  const waiting = [...new Set(times)].sort((a, b) => a - b);
  const shown = new Map();
  const showUpTo = (time) => {
    while (waiting.length > 0 && waiting[0] < time) shown.set(waiting.shift(), screen.snapshot());
  };
  for await (const batch of recording.batches) {
    for (const event of batch) {
      showUpTo(event.time); // an event at a position's time is included
      if (event.kind === "output") screen.feed(event.data);
      else if (event.kind === "resize") screen.resize(event.cols, event.rows);
    }
  }
  showUpTo(Number.POSITIVE_INFINITY);
  screen.dispose();
  return shown;
}
