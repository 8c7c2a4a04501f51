// A player going through one recording, in one process that does nothing else.
// usage: node bench/playback.mjs seek FILE SEEKS   prints { firstMs, backMs: [...], stretchMs, rssMb }: to 95 % for the first time,
//            back from there each time, and the longest time that the event loop stood still meanwhile
//        node bench/playback.mjs late FILE         plays in real time: prints { lateMs: [...] }, how late each event was handed on
import { CachedRecording, openFileSource, openRecording, openT2r, Player, SystemClock } from "../dist/src/index.js";

const [what, path, seeks = "0"] = process.argv.slice(2);

async function open() {
  const source = await openFileSource(path);
  const indexed = await openT2r(source);
  if (indexed !== undefined) return indexed;
  await source.close();
  return await CachedRecording.open({ open: async () => await openRecording(await openFileSource(path)) });
}

/** Watches how long the event loop takes for a turn. */
function watchTurns() {
  let longest = 0;
  let last = performance.now();
  let isOver = false;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    isOver = true;
    return longest;
  };
}

async function timed(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function seek(recording) {
  const player = new Player({ recording, paused: true });
  const run = player.run();
  const stretch = watchTurns();
  const firstMs = await timed(() => player.seek({ fraction: 0.95 }));
  const backMs = [];
  for (let n = 0; n < Number(seeks); n++) {
    await player.seek({ fraction: 0.95 });
    backMs.push(await timed(() => player.seek({ fraction: (((n * 37) % 90) + 1) / 100 })));
  }
  const stretchMs = stretch();
  await player.stop();
  await run;
  return { firstMs, backMs, stretchMs, rssMb: process.resourceUsage().maxRSS / 1024 };
}

async function late(recording) {
  const clock = new SystemClock();
  const player = new Player({ recording, clock });
  const lateMs = [];
  let start = 0;
  player.on("state", (state) => {
    if (state === "playing") start = clock.now();
  });
  player.on("event", ({ time }) => {
    lateMs.push((clock.now() - start - time) / 1e6);
  });
  player.on("ended", () => player.stop());
  await player.run();
  return { lateMs };
}

console.log(JSON.stringify(await { seek, late }[what](await open())));
process.exit(0);
