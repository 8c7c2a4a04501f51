// Checks what t2a play shows on a terminal: drives it in tmux through every recording of a folder, with its keys, and compares text,
// colours, attributes and cursor with a replay through the headless screen. Prints what differs; ends with status 1 on any difference.
// usage: npm run check:player -- DIR [--points N] [--sizes 80x24,100x30,200x50] [--only PATTERN] [--files N] [--seed TEXT] [--json]
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { drivePlayer } from "./player-check/drive.mjs";
import { planMoves } from "./player-check/moves.mjs";
import { readMoments, replay } from "./player-check/replay.mjs";
import { TmuxWidths } from "./player-check/tmux-widths.mjs";

/** Differences described for one file in one size. */
const MAX_TOLD = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    points: { type: "string", default: "50" },
    sizes: { type: "string", default: "80x24,100x30,200x50" },
    only: { type: "string", default: "" },
    files: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [folder] = positionals;
const library = new URL("../dist/src/index.js", import.meta.url);
if (folder === undefined || !existsSync(folder)) fail("give a folder of recordings: npm run check:player -- DIR");
if (!existsSync(fileURLToPath(library))) fail("build first: npm run build");
if (spawnSync("tmux", ["-V"]).status !== 0) fail("install tmux first");
const [points, files] = [values.points, values.files].map(Number);
const sizes = values.sizes.split(",").map(readSize);
if (![points, files].every((number) => Number.isSafeInteger(number) && number > 0))
  fail("--points and --files take a number");

const lib = await import(library.href);
const widths = new TmuxWidths();
const root = resolve(folder);
const paths = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((path) => new RegExp(values.only).test(relative(root, path)))
  .sort()
  .slice(0, files);

const results = [];
for (const path of paths) for (const result of await checkFile(path)) tell(result);
const totals = {
  files: new Set(results.map(({ name }) => name)).size,
  places: sum("places"),
  differing: sum("differing"),
  failures: results.filter(({ failure }) => failure !== undefined).length,
  unshownCells: sum("unshownCells"),
  unshown: [...new Set(results.flatMap(({ unshown }) => unshown))].sort(),
};
if (values.json) console.log(JSON.stringify({ ...totals, results }, undefined, 1));
else printTotals();
process.exitCode = totals.differing + totals.failures > 0 || totals.places === 0 ? 1 : 0;

function fail(message) {
  console.error(message);
  process.exit(2);
}

function readSize(text) {
  const [, cols, rows] = /^([0-9]{1,4})x([0-9]{1,4})$/.exec(text) ?? fail(`not a size: ${text} (80x24)`);
  if (cols < 10 || rows < 2) fail(`too small: ${text}`);
  return { cols: Number(cols), rows: Number(rows) };
}

function sum(key) {
  return results.reduce((total, result) => total + result[key], 0);
}

/** Opens a file by its content, as far as it is good: many recordings of a corpus are damaged on purpose. */
async function open(path) {
  return await lib.openRecording(await lib.openFileSource(path), { recover: true });
}

/** The results of one file, a size each; none where it is no recording. */
async function checkFile(path) {
  const name = relative(root, path);
  try {
    const recording = await open(path);
    const moments = await readMoments(recording);
    const moves = planMoves(lib, moments, { points, seed: `${values.seed} ${name}` });
    const screens = await replay(lib, await open(path), [...moves.map(({ events }) => events)]);
    const options = recording.format === "t2r" ? [] : ["--recover"]; // with it the index of a .t2r is not used
    const checked = [];
    for (const size of sizes) checked.push(await checkSize({ path, name, size, moves, screens, options }));
    return checked;
  } catch (error) {
    if (!(error instanceof lib.T2aError)) throw error;
    if (!values.json) console.log(`${JSON.stringify(name)}: passed over, ${error.code}`);
    return [];
  }
}

async function checkSize({ name, size, screens, ...rest }) {
  const result = {
    name,
    size: `${size.cols}x${size.rows}`,
    places: 0,
    differing: 0,
    unshownCells: 0,
    unshown: [],
    told: [],
  };
  const unshown = new Set();
  const note = (move, differences, texts) => {
    result.places++;
    result.unshownCells += texts.length;
    for (const text of texts) unshown.add(text);
    if (differences.length === 0) return;
    result.differing++;
    if (result.told.length < MAX_TOLD)
      result.told.push(`${move.name} (${move.events} events): ${differences.slice(0, 3).join("; ")}`);
  };
  try {
    await widths.measure(textsOf(screens.values()));
    await drivePlayer(lib, { ...rest, size, screens, widths, tell: note });
  } catch (error) {
    result.failure = error.message;
  }
  return { ...result, unshown: [...unshown] };
}

/** All characters that are on screens, and those of their edge. */
function textsOf(screens) {
  const texts = new Set("│─┘‖►»■");
  for (const { lines } of screens) for (const line of lines) for (const { chars } of line.cells()) texts.add(chars);
  return texts;
}

function tell(result) {
  results.push(result);
  if (values.json) return;
  const { name, size, places, differing, unshownCells, told, failure } = result;
  const unshown = unshownCells === 0 ? "" : `, ${unshownCells} cells that tmux cannot show`;
  console.log(`${JSON.stringify(name)} ${size}: ${places} places, ${differing} differ${unshown}`);
  for (const what of told) console.log(`  ${what}`);
  if (failure !== undefined) console.log(`  ${failure}`);
}

function printTotals() {
  const { unshownCells, unshown } = totals;
  const names = unshown.map((text) => [...text].map((character) => codeName(character)).join("+"));
  console.log(
    `\n${totals.files} recordings, ${totals.places} places: ${totals.differing} differ, ${totals.failures} failures (seed ${values.seed})`,
  );
  if (unshownCells > 0)
    console.log(`not compared: ${unshownCells} cells whose characters have other widths in tmux: ${names.join(" ")}`);
}

function codeName(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
