// One recording indexed and searched, in one process that does nothing else: its memory is measured too.
// usage: node bench/search-steps.mjs FILE     prints JSON, seconds; `stretch` is milliseconds
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openFileSource, openRecording, parsePattern, Screen, TextIndex } from "../dist/src/index.js";

const [path] = process.argv.slice(2);
const open = async () => await openRecording(await openFileSource(path));
const since = (from) => (performance.now() - from) / 1000;
const miss = { from: 0, direction: 1 };

const feedFrom = performance.now();
const fed = await open();
const screen = new Screen(fed.header);
for await (const batch of fed.batches) for (const event of batch) screen.feed(event.data);
const feed = since(feedFrom);

const delay = monitorEventLoopDelay({ resolution: 1 });
const indexFrom = performance.now();
const index = TextIndex.build(await open());
await index.find(parsePattern("staff"), miss);
const first = since(indexFrom);
delay.enable();
await index.done;
delay.disable();
const indexed = since(indexFrom);

const missFrom = performance.now();
await index.find(parsePattern("no such text"), miss);
const missed = since(missFrom);
const regexFrom = performance.now();
await index.find(parsePattern("\\vno such [a-z]+!"), miss);
console.log(
  JSON.stringify({
    feed,
    index: indexed,
    first,
    stretch: delay.max / 1e6,
    miss: missed,
    missRegex: since(regexFrom),
    packed: index.content.chunks.reduce((sum, { packed }) => sum + packed.length, 0),
    rssMb: process.resourceUsage().maxRSS / 1024,
  }),
);
