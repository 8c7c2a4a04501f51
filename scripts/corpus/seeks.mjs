// Screens by random access against screens by replay, over a recording whose output events are cut in more places than they came
// in, so that moments lie inside control sequences and characters too; with keyframes much denser than usual.
import { createHash } from "node:crypto";
import { cutOffset } from "./points.mjs";

/** Of so many output events one is cut. */
const CUT_EVERY = 4;
/** Keyframes of a small recording; of a larger one they are at most so many bytes of output and so many events apart. */
const KEYFRAMES = 24;
const FAR_BYTES = 32 * 1024;
const FAR_EVENTS = 1024;

/** The recording, events cut: what is behind a cut comes a nanosecond later, with all that follows it. `cuts` takes the times. */
export function recut(recording, { random, cuts }) {
  async function* batches() {
    let later = 0;
    for await (const batch of recording.batches) {
      yield batch.flatMap((event) => {
        const time = event.time + later;
        if (event.kind !== "output" || event.data.length < 2 || random() * CUT_EVERY >= 1) return [{ ...event, time }];
        const { data } = event;
        const place = { inside: random() < 0.7, behind: 1 + Math.floor(random() * 4) };
        const at = cutOffset(data, Math.floor(random() * data.length), place);
        later++;
        cuts.push(time);
        return [
          { ...event, time, data: data.subarray(0, at) },
          { ...event, time: time + 1, data: data.subarray(at) },
        ];
      });
    }
  }
  return { ...recording, batches: batches() };
}

/** How far keyframes are to be apart in a recording of so much. */
export function keyframeDistance({ events, outputBytes }) {
  return {
    outputBytes: Math.max(1, Math.min(FAR_BYTES, Math.floor(outputBytes / KEYFRAMES))),
    events: Math.max(1, Math.min(FAR_EVENTS, Math.floor(events / KEYFRAMES))),
    feedMs: 20,
  };
}

/** Seeks so many times in the .t2r of that name, backwards and forwards, every other time to a cut, and replays it once. */
export async function checkSeeks(lib, path, { seeks, random, cuts, tell }) {
  const source = await lib.openFileSource(path);
  try {
    const recording = await lib.openT2r(source);
    if (recording === undefined) throw new Error("it cannot be opened by its end");
    // A quarter more than all of it: a moment behind the end shows the end.
    const times = Array.from({ length: seeks }, (_, n) =>
      n % 2 === 0 || cuts.length === 0
        ? Math.floor(random() * (recording.duration + 1) * 1.25)
        : cuts[Math.floor(random() * cuts.length)],
    );
    const replayed = await replay(
      lib,
      recording,
      [...times].sort((a, b) => a - b),
    );
    const seeker = new lib.ScreenSeeker(recording);
    for (const time of times)
      tell("seek", fingerprint(await seeker.seek(time)) === replayed.get(time), `at ${time} ns`);
    seeker.dispose();
    tell("keyframes proven", recording.index.keyframes.dropped === 0, `${recording.index.keyframes.dropped} dropped`);
  } finally {
    await source.close();
  }
}

/** Of all that a screen holds, not only of what it shows. */
function fingerprint(screen) {
  return createHash("sha256").update(screen.saveState()).digest("hex");
}

async function replay({ Screen }, recording, times) {
  const screen = new Screen(recording.header);
  const prints = new Map();
  for await (const batch of recording.batchesFrom(0)) {
    for (const event of batch) {
      while (times.length > 0 && times[0] < event.time) prints.set(times.shift(), fingerprint(screen));
      if (event.kind === "output") screen.feed(event.data);
      else if (event.kind === "resize") screen.resize(event.cols, event.rows);
    }
  }
  for (const time of times) prints.set(time, fingerprint(screen));
  screen.dispose();
  return prints;
}
