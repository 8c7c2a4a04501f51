// Runs the benchmarks and prints one table: each figure beside its peer's of the same run, as a ratio.
// usage: npm run bench -- [NAME ...] [--large] [--idle N] [--seconds N] [--corpus DIR] [--player DIR]
//   NAME       startup convert record echo t2r painter play search library library-search shell-prompt analyze store sessions; all of them by default
//   --large    1 GB conversions, recordings of 1 GB, 1 GB of text to search, 100,000 sessions, 1,000 live ones and 60 s of their output
//   --idle     so many idle sessions; --seconds: so long busy ones print
//   --corpus   a folder of recordings, for sizes
//   --player   an unpacked asciinema-player 3.13 or later (npm pack), to compare opening and seeking with
// Build first (npm ci). Ratios travel between machines, seconds do not; run it on an idle machine. Files stand in memory
// where there is room, so that figures say what a program takes and not when the disk writes back what came before;
// T2A_BENCH_DIR names another place.
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchAnalyze } from "./analyze.mjs";
import { benchConvert } from "./convert.mjs";
import { benchEcho } from "./echo.mjs";
import { benchLibrary } from "./library.mjs";
import { benchLibrarySearch } from "./library-search.mjs";
import { benchPainter } from "./painter.mjs";
import { benchPlay } from "./play.mjs";
import { benchRecord } from "./record.mjs";
import { benchSearch } from "./search.mjs";
import { benchSessions } from "./sessions.mjs";
import { benchShellPrompt } from "./shell-prompt.mjs";
import { benchStartup } from "./startup.mjs";
import { benchStore } from "./store.mjs";
import { benchT2r } from "./t2r.mjs";

const MEMORY = "/dev/shm";
/** What the largest benchmark takes, in bytes: four files of 1 GB. */
const ROOM = 5e9;
const BENCHES = {
  startup: benchStartup,
  convert: benchConvert,
  record: benchRecord,
  echo: benchEcho,
  t2r: benchT2r,
  painter: benchPainter,
  play: benchPlay,
  search: benchSearch,
  library: benchLibrary,
  "library-search": benchLibrarySearch,
  "shell-prompt": benchShellPrompt,
  analyze: benchAnalyze,
  store: benchStore,
  sessions: benchSessions,
};
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    large: { type: "boolean", default: false },
    idle: { type: "string" },
    seconds: { type: "string" },
    corpus: { type: "string" },
    player: { type: "string", default: process.env.T2A_BENCH_PLAYER },
  },
});
const place = process.env.T2A_BENCH_DIR ?? (roomInMemory() ? MEMORY : tmpdir());
const folder = mkdtempSync(join(place, "t2a-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, files in ${place}`);
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const bench = BENCHES[name];
  if (bench === undefined) throw new Error(`no benchmark "${name}": ${Object.keys(BENCHES).join(", ")}`);
  console.log(`\n${name}`);
  for await (const { what, figure, peer, verdict } of bench({ folder, ...options })) {
    console.log(`  ${what.padEnd(52)} ${figure.padStart(22)}  ${(peer ?? "").padEnd(34)} ${verdict ?? ""}`);
  }
}

function roomInMemory() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ROOM;
  } catch {
    return false; // no such place here
  }
}
