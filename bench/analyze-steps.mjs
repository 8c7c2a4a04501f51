// Steps of bench/analyze.mjs over one recording, in a process of their own: seconds for reading its events alone, for analyzing
// them without the text of commands, and for all analyzers.
// usage: node bench/analyze-steps.mjs FILE
import { ANALYZERS, openFileSource, openRecording, SessionAnalyzer } from "../dist/src/index.js";

const ROUNDS = 3;
const [path] = process.argv.slice(2);

async function seconds(work) {
  const recording = await openRecording(await openFileSource(path));
  const started = performance.now();
  await work(recording);
  await recording.close();
  return (performance.now() - started) / 1000;
}

const analyze = (kinds) => async (recording) => {
  const analyzer = new SessionAnalyzer({ kinds });
  await analyzer.recording(recording, { name: path });
  commands = analyzer.report().commands.totals.commands;
};
let commands = 0;
let events = 0;
const steps = {
  read: async ({ batches }) => {
    events = 0;
    for await (const batch of batches) events += batch.length;
  },
  plain: analyze(ANALYZERS.filter(({ needs }) => !needs.text)),
  text: analyze(ANALYZERS),
};
const taken = Object.fromEntries(Object.keys(steps).map((name) => [name, []]));
// In turn, and the best of each: what others on this machine do would else be part of the ratio.
for (let round = 0; round < ROUNDS; round++)
  for (const [name, step] of Object.entries(steps)) taken[name].push(await seconds(step));
const best = Object.fromEntries(Object.entries(taken).map(([name, list]) => [name, Math.min(...list)]));
console.log(JSON.stringify({ ...best, commands, events, rssMb: process.memoryUsage().rss / 1e6 }));
