// Screens at random times of one .t2r, in one process that does nothing else: its memory is measured too.
// usage: node bench/seek.mjs FILE.t2r SEEKS     prints { openMs, ms: [...], rssMb }
import { openFileSource, openT2r, ScreenSeeker } from "../dist/src/index.js";

const [path, seeks] = process.argv.slice(2);
const started = performance.now();
const source = await openFileSource(path);
const recording = await openT2r(source);
const seeker = new ScreenSeeker(recording);
await seeker.seek(0);
const openMs = performance.now() - started;
let seed = 7;
const ms = [];
for (let n = 0; n < Number(seeks); n++) {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  const from = performance.now();
  const screen = await seeker.seek(Math.floor((seed / 2_147_483_648) * recording.duration));
  screen.snapshot();
  ms.push(performance.now() - from);
}
console.log(JSON.stringify({ openMs, ms, rssMb: process.resourceUsage().maxRSS / 1024 }));
seeker.dispose();
await source.close();
