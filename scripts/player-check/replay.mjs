// What a player has to show: the events of a recording, and the screens behind them by replay from the beginning.

/** When each event was, and whether it changes the screen. */
export async function readMoments(recording) {
  const moments = [];
  for await (const batch of recording.batches) {
    for (const { time, kind } of batch) moments.push({ time, isVisible: kind === "output" || kind === "resize" });
  }
  return moments;
}

/** The screens behind so many events, by that number: rows, cursor, size. Reads the recording once. */
export async function replay(lib, recording, counts) {
  const { cols, rows } = recording.header;
  const screen = new lib.Screen({ cols, rows });
  const wanted = new Set(counts);
  const shown = new Map();
  let count = 0;
  const look = () => wanted.has(count) && shown.set(count, screen.snapshot());
  look();
  for await (const batch of recording.batches) {
    for (const event of batch) {
      if (event.kind === "output") screen.feed(event.data);
      else if (event.kind === "resize") screen.resize(event.cols, event.rows);
      count++;
      look();
    }
  }
  screen.dispose();
  return shown;
}
