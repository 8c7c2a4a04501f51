// Writes the demo.* fixtures anew from demo.json, by way of the built program. Run after `npm run build`; review the diff.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Fixture and the format it is in. */
const FIXTURES = [
  ["demo-v1.json", "asciicast-v1"],
  ["demo-v2.cast", "asciicast-v2"],
  ["demo-v3.cast", "asciicast-v3"],
  ["demo.ttyrec", "ttyrec"],
  ["demo.ttyrec2", "ttyrec2"],
  ["demo.typescript", "script"],
  ["demo.raw", "raw"],
  ["demo.txt", "txt"],
];

for (const [name, format] of FIXTURES) {
  const args = ["convert", "-q", "--overwrite", "-f", format, path("fixtures/demo.json"), path(`fixtures/${name}`)];
  const { status } = spawnSync(process.execPath, [path("bin/t2a.js"), ...args], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
