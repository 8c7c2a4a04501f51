// Search over a library: recordings by the thousand, a fixed list of questions of each kind. The same text stands in plain files beside,
// through which grep looks for a word that is nowhere.
import { rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run, target } from "./measure.mjs";

const BUILD = fileURLToPath(new URL("library-build.mjs", import.meta.url));
const STEPS = fileURLToPath(new URL("library-steps.mjs", import.meta.url));

export async function* benchLibrarySearch({ folder, large }) {
  const [recordings, bytes] = large ? [10_000, 1e9] : [1000, 100e6];
  const [path, plain] = [`${folder}/library.sqlite`, `${folder}/plain`];
  const built = JSON.parse(run(process.execPath, [BUILD, path, recordings, bytes, plain]).stdout);
  const size = statSync(path).size;
  yield {
    what: `index of ${recordings} recordings, ${Math.round(built.text / 1e6)} MB`,
    figure: `${built.seconds.toFixed(0)} s, ${built.rssMb.toFixed(0)} MB`,
    peer: `${(size / built.text).toFixed(2)} x the text`,
    verdict: target(size <= built.text, "at most 1.0 x, the text in it"),
  };
  const { all, cpu, ...kinds } = JSON.parse(run(process.execPath, [STEPS, path, recordings]).stdout);
  const times = ({ p50, p95, max }) => `${p50.toFixed(1)} / ${p95.toFixed(1)} / ${max.toFixed(1)} ms`;
  for (const [kind, figures] of Object.entries(kinds)) {
    yield {
      what: `  ${kind}: p50 / p95 / max`,
      figure: times(figures),
      peer: `${figures.hits} hits, ${figures.cut} cut`,
    };
  }
  const grep = run("sh", ["-c", `grep -r zzzzyyyxq ${plain} || true`]);
  yield {
    what: "  all of them: p50 / p95 / max",
    figure: times(all),
    peer: `grep -r ${(grep.wall * 1000).toFixed(0)} ms, CPU ${times(cpu)}`,
    verdict: target(all.p95 <= 50, "p95 at most 50 ms"),
  };
  rmSync(plain, { recursive: true });
  rmSync(path);
}
