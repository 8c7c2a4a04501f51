// Runs the benchmarks and prints one table: each figure beside its peer's of the same run, as a ratio.
// usage: npm run bench [-- NAME ...] [--large]     names: startup convert record echo; --large adds 1 GB conversions
// Build first (npm ci). Ratios travel between machines, seconds do not; run it on an idle machine. Files stand in memory
// where there is room, so that figures say what a program takes and not when the disk writes back what came before;
// T2A_BENCH_DIR names another place.
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { benchConvert } from "./convert.mjs";
import { benchEcho } from "./echo.mjs";
import { benchRecord } from "./record.mjs";
import { benchStartup } from "./startup.mjs";

const MEMORY = "/dev/shm";
/** What the largest benchmark takes, in bytes: four files of 1 GB. */
const ROOM = 5e9;
const BENCHES = { startup: benchStartup, convert: benchConvert, record: benchRecord, echo: benchEcho };
const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const large = process.argv.includes("--large");
const place = process.env.T2A_BENCH_DIR ?? (roomInMemory() ? MEMORY : tmpdir());
const folder = mkdtempSync(join(place, "t2a-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, files in ${place}`);
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const bench = BENCHES[name];
  if (bench === undefined) throw new Error(`no benchmark "${name}": ${Object.keys(BENCHES).join(", ")}`);
  console.log(`\n${name}`);
  for await (const { what, figure, peer, verdict } of bench({ folder, large })) {
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
