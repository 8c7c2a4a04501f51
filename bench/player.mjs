// The peer of opening and seeking: asciinema-player's loader (3.13 and later) in Node, without a page. It goes back by handing its
// terminal all text from the beginning; the terminal here is the same engine that t2a uses, because its own needs a page.
// A program of its own: its whole process is measured.
// usage: node bench/player.mjs PLAYER-FOLDER FILE.cast [SEEKS]    prints { loadMs, backMs: [...], handedOutMs: [...], rssMb }
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Screen } from "../dist/src/index.js";

const [folder, cast, seeks = "0"] = process.argv.slice(2);
const dist = join(folder, "dist");
const file = readdirSync(dist).find((name) => /^core-.*\.js$/.test(name));
if (file === undefined) throw new Error(`${dist} has no core-*.js: is it asciinema-player 3.13 or later?`);
const { C: Core } = await import(pathToFileURL(join(dist, file)).href);

const silent = () => {};
const logger = { log: silent, debug: silent, info: silent, warn: silent, error: silent };
const started = performance.now();
const core = new Core({ data: () => readFileSync(cast, "utf8") }, { logger, preload: true, speed: 1, autoPlay: false });
let handedOut = [];
core.addEventListener("output", (text) => {
  handedOut.push(text);
});
core.terminalReady();
await core.init();
const loadMs = performance.now() - started;
const screen = new Screen({ cols: 80, rows: 24 });
const backMs = [];
const handedOutMs = [];
for (let n = 0; n < Number(seeks); n++) {
  await core.seek("95%");
  handedOut = [];
  const from = performance.now();
  await core.seek(`${((n * 37) % 90) + 1}%`);
  handedOutMs.push(performance.now() - from);
  for (const text of handedOut.flat()) screen.feed(Buffer.from(text));
  backMs.push(performance.now() - from);
}
console.log(JSON.stringify({ loadMs, backMs, handedOutMs, rssMb: process.resourceUsage().maxRSS / 1024 }));
process.exit(0); // its timers would keep the process
