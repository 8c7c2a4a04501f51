// Checks a folder of recordings, whatever their format, and of terminal emulators' own tests: exact screens at many points,
// lossless .t2r, expected screens. Prints a table; ends with status 1 on any difference.
// usage: npm run check:corpus -- DIR [--points N] [--seeks N] [--seed TEXT] [--jobs N] [--json] [--no-python] [--no-zstd]
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { findConformance } from "./corpus/conformance.mjs";
import { NO_STREAM } from "./corpus/shapes.mjs";

/** What a dump says of itself; where it says that it is not exact, nothing is promised. */
const INEXACT = "dump says it is exact";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    points: { type: "string", default: "24" },
    seeks: { type: "string", default: "36" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    json: { type: "boolean", default: false },
    "no-python": { type: "boolean", default: false },
    "no-zstd": { type: "boolean", default: false },
  },
});
const [folder] = positionals;
if (folder === undefined || !existsSync(folder)) fail("give a folder of recordings: npm run check:corpus -- DIR");
if (!existsSync(fileURLToPath(new URL("../dist/src/index.js", import.meta.url)))) fail("build first: npm run build");
const [points, seeks, jobs] = [values.points, values.seeks, values.jobs].map(Number);
if (![points, seeks, jobs].every((number) => Number.isSafeInteger(number) && number >= 0) || jobs === 0) {
  fail("--points, --seeks and --jobs take a number");
}

const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const options = {
  points,
  seeks,
  seed: values.seed,
  zstd: !values["no-zstd"] && has("zstd"),
  python: !values["no-python"] && has("python3") && has("zstd"),
};

const root = resolve(folder);
const paths = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort();
const isConformance = (path) =>
  relative(root, path).split(sep).includes("conformance") || root.endsWith(`${sep}conformance`);
const [theirs, recordings] = [paths.filter(isConformance), paths.filter((path) => !isConformance(path))];
const work = [
  ...recordings.map((path) => ({ path })),
  ...theirs.filter((path) => !NO_STREAM.test(path)).map((path) => ({ path, format: "raw" })),
  ...findConformance(theirs).map((job) => ({ ...job, paths: theirs })),
].map((job) => ({ ...job, name: relative(root, job.path) }));

const results = await runAll(work);
const report = summarize(results);
if (values.json) console.log(JSON.stringify(report, undefined, 1));
else print(report);
process.exitCode = report.differences > 0 ? 1 : 0;

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** Each thread has one job at a time: memory is that of so many recordings at most. */
async function runAll(all) {
  const gathered = [];
  let next = 0;
  const threads = Array.from({ length: Math.min(jobs, all.length) }, () => {
    const worker = new Worker(new URL("corpus/worker.mjs", import.meta.url), { workerData: options });
    let job;
    const more = () => {
      job = all[next++];
      worker.postMessage(job);
    };
    return new Promise((done, failed) => {
      worker.on("message", (result) => {
        gathered.push({ name: job.name, ...result });
        if (process.stderr.isTTY) process.stderr.write(`\r${gathered.length} of ${all.length} files\x1b[K`);
        more();
      });
      worker.on("error", failed);
      worker.on("exit", done);
      more();
    });
  });
  await Promise.all(threads);
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return gathered.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function summarize(gathered) {
  const rows = new Map();
  const examples = [];
  const row = (check) => rows.get(check) ?? rows.set(check, { check, files: 0, points: 0, differences: 0 }).get(check);
  for (const { name, checks = {}, failure } of gathered) {
    for (const [check, { points, differences, first }] of Object.entries(checks)) {
      const found = row(check);
      found.files++;
      found.points += points;
      found.differences += differences;
      if (check !== INEXACT) for (const what of first) examples.push({ check, name, what });
    }
    if (failure !== undefined) {
      row("failures").differences++;
      examples.push({ check: "failures", name, what: failure });
    }
  }
  const cases = gathered.flatMap((result) => result.cases ?? []);
  for (const { name, result, what } of cases) {
    if (result === "unusable" || result === "known") continue;
    const found = row(`screens expected by ${name.split(":")[0]}`);
    found.files++;
    found.points++;
    if (result === "different") {
      found.differences++;
      examples.push({ check: found.check, name, what });
    }
  }
  const checks = [...rows.values()].sort((a, b) => (a.check < b.check ? -1 : 1));
  const read = gathered.filter(({ format }) => format !== undefined);
  return {
    options,
    files: paths.length,
    recordings: count(read.map(({ format }) => format)),
    passedOver: count(gathered.flatMap(({ passedOver }) => passedOver?.split(":")[0] ?? [])),
    checks,
    differences: checks.filter(({ check }) => check !== INEXACT).reduce((sum, { differences }) => sum + differences, 0),
    examples,
    known: cases.filter(({ result }) => result === "known"),
    unusable: count(cases.filter(({ result }) => result === "unusable").map(({ what }) => what)),
  };
}

function count(names) {
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function print({ recordings: formats, passedOver, checks, examples, known, unusable, differences }) {
  const list = (counts) =>
    Object.entries(counts)
      .map(([name, number]) => `${number} ${name}`)
      .join(", ");
  console.log(
    `seed ${options.seed}, ${options.points} points and ${options.seeks} seeks a recording; zstd ${options.zstd}, Python ${options.python}`,
  );
  console.log(`read: ${list(formats)}; no recordings: ${list(passedOver) || "none"}\n`);
  console.log(
    `${"check".padEnd(36)}${"files".padStart(8)}${"points".padStart(10)}${"differ".padStart(8)}${"equal".padStart(10)}`,
  );
  for (const { check, files, points: all, differences: bad } of checks) {
    const share = all === 0 ? "" : `${((1 - bad / all) * 100).toFixed(bad === 0 ? 0 : 2)} %`;
    console.log(
      `${check.padEnd(36)}${String(files).padStart(8)}${String(all).padStart(10)}${String(bad).padStart(8)}${share.padStart(10)}`,
    );
  }
  if (known.length > 0) console.log("\nnot counted, for a reason:");
  for (const reason of new Set(known.map(({ what }) => what))) {
    const names = known.filter(({ what }) => what === reason).map(({ name }) => name);
    console.log(`  ${names.join(", ")}\n    ${reason}`);
  }
  if (Object.keys(unusable).length > 0) console.log(`\ncannot be run: ${list(unusable)}`);
  if (examples.length > 0) console.log("\ndifferences:");
  for (const { check, name, what } of examples.slice(0, 50))
    console.log(`  ${check}: ${JSON.stringify(name)}: ${JSON.stringify(what)}`);
  if (examples.length > 50) console.log(`  and ${examples.length - 50} more`);
  console.log(differences === 0 ? "\nno difference" : `\n${differences} differences`);
}
