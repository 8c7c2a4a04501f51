// Prints the conformance table of stores, driver by test: runs the suite and reads its report.
// usage: node scripts/conformance-table.mjs [REPORT.json]     a report of vitest's that is there already is not made again
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const [given] = process.argv.slice(2);
const { testResults } = JSON.parse(given === undefined ? runSuite() : readFileSync(given, "utf8"));

/** By test, by driver. */
const table = new Map();
const drivers = new Set();
const reasons = new Set();
// Formats have a suite too; its rows are others.
const results = testResults.filter(({ name }) => name.includes("/store/drivers/"));
for (const { ancestorTitles, title, status } of results.flatMap(({ assertionResults }) => assertionResults)) {
  const driver = ancestorTitles.map((one) => /^(\S+) conforms$/.exec(one)?.[1]).find((name) => name !== undefined);
  if (driver === undefined) continue;
  const [, test, reason] = /^(.*?)(?: \(skipped: (.*)\))?$/.exec(title);
  drivers.add(driver);
  const row = table.get(test) ?? new Map();
  row.set(driver, reason === undefined ? status : "skipped");
  table.set(test, row);
  if (reason !== undefined) reasons.add(`${driver}: ${test}: ${reason}`);
}
const names = [...drivers].sort();
console.log(["".padEnd(40), ...names.map((name) => name.padEnd(10))].join(""));
for (const [test, row] of table) {
  console.log([test.padEnd(40), ...names.map((name) => (row.get(name) ?? "-").padEnd(10))].join(""));
}
if (reasons.size > 0) console.log(`\nskipped:\n${[...reasons].map((reason) => `  ${reason}`).join("\n")}`);

function runSuite() {
  const folder = mkdtempSync(join(tmpdir(), "t2a-conformance-"));
  const report = join(folder, "report.json");
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "test/store/drivers", "-t", "conforms", "--reporter=json", `--outputFile=${report}`];
  spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const text = readFileSync(report, "utf8");
  rmSync(folder, { recursive: true });
  return text;
}
