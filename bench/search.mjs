// Search in what recordings showed: indexing, the first search, the next ones. Each figure beside what feeding the same output
// to a screen takes, which is the floor of it.
import { fileURLToPath } from "node:url";
import { writeTtyrec } from "./data.mjs";
import { run, T2A, target } from "./measure.mjs";

const STEPS = fileURLToPath(new URL("search-steps.mjs", import.meta.url));
const BYTES = 100e6;

export async function* benchSearch({ folder }) {
  for (const eventBytes of [2048, 32]) {
    const path = `${folder}/search-${eventBytes}.ttyrec`;
    const events = writeTtyrec(path, BYTES, eventBytes);
    const steps = JSON.parse(run(process.execPath, [STEPS, path]).stdout);
    const name = `100 MB, ${events} events`;
    yield {
      what: `text index of ${name}`,
      figure: `${steps.index.toFixed(2)} s`,
      peer: `feeding alone ${steps.feed.toFixed(2)} s`,
      verdict: eventBytes > 1000 ? target(steps.index < 5, "under 5 s") : undefined,
    };
    yield {
      what: "  a search without a hit in it, afterwards",
      figure: `${steps.miss.toFixed(3)} s`,
      peer: `regular expression ${steps.missRegex.toFixed(3)} s`,
      verdict: target(steps.miss < 0.5, "under 0.5 s"),
    };
    yield {
      what: "  the first hit, from the start of indexing",
      figure: `${(steps.first * 1000).toFixed(1)} ms`,
      peer: `longest stretch ${steps.stretch.toFixed(1)} ms`,
      verdict: target(steps.stretch < 20, "no stretch over 20 ms"),
    };
    yield {
      what: "  the index",
      figure: `${(steps.packed / 1e6).toFixed(1)} MB`,
      peer: `process ${steps.rssMb.toFixed(0)} MB`,
    };
    const env = { XDG_CACHE_HOME: `${folder}/cache` };
    const [first, again] = [1, 2].map(() =>
      run("sh", ["-c", `${T2A} grep -q 'no such text' ${path} || true`], { env }),
    );
    yield {
      what: "  t2a grep without a hit, first time and again",
      figure: `${first.wall.toFixed(2)} s, ${again.wall.toFixed(2)} s`,
    };
  }
}
