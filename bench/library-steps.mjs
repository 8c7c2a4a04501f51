// Asks an index all questions several times, in a process of its own. usage: node library-steps.mjs INDEX RECORDINGS. Prints JSON.
import { openSqliteIndex } from "../dist/src/store/index/open-sqlite-index.js";
import { questions } from "./library-data.mjs";

const ROUNDS = 10;
const [path, recordings] = process.argv.slice(2);
const index = await openSqliteIndex(path);
const kinds = {};
const all = [];
const cpus = [];
for (const [kind, queries] of Object.entries(questions(Number(recordings)))) {
  const times = [];
  let hits = 0;
  let cut = 0;
  let first = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const query of queries) {
      const [started, used] = [performance.now(), process.cpuUsage()];
      const found = await index.search(query, { onCut: () => cut++ });
      const ms = performance.now() - started;
      if (round === 0) {
        hits += found.length;
        first = Math.max(first, ms);
      }
      times.push(ms);
      const { user, system } = process.cpuUsage(used);
      cpus.push((user + system) / 1000);
    }
  }
  all.push(...times);
  kinds[kind] = { ...summary(times), hits, cut: cut / ROUNDS, first };
}
kinds.all = summary(all);
kinds.cpu = summary(cpus);
await index.close();
console.log(JSON.stringify(kinds));

function summary(times) {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) };
}
