// The golden fixtures: what t2a writes of one recording in every format, byte for byte, and that it reads each again.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

const GOLDEN = [
  { name: "demo-v1.json", format: "asciicast-v1", events: { output: 3 } },
  {
    name: "demo-v2.cast",
    format: "asciicast-v2",
    events: { output: 3, input: 1, resize: 1, marker: 1, exit: 1, custom: 1 },
  },
  {
    name: "demo-v3.cast",
    format: "asciicast-v3",
    events: { output: 3, input: 1, resize: 1, marker: 1, exit: 1, custom: 1 },
  },
  { name: "demo.ttyrec", format: "ttyrec", events: { output: 4 } },
  { name: "demo.ttyrec2", format: "ttyrec2", events: { output: 4, input: 1 } },
  { name: "demo.typescript", format: "script", events: { output: 4, input: 1, resize: 1, exit: 1 } },
  { name: "demo.raw", format: "raw", events: { output: 1 } },
] as const;

it.each(GOLDEN)("writes $name as it was written before", async ({ name, format }) => {
  const path = tempDir();
  expect((await runCli(["convert", "-q", "-f", format, fixture("demo.json"), path(name)])).status).toBe(0);
  expect(readFileSync(path(name)).equals(readFileSync(fixture(name)))).toBe(true);
});

it.each(GOLDEN)("reads $name", async ({ name, format, events }) => {
  const { status, stdout } = await runCli(["info", "--json", fixture(name)]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ format, events, warnings: [] });
});

it("writes what the screen showed", async () => {
  const { stdout } = await runCli(["convert", "-q", "-f", "txt", fixture("demo.json"), "-"]);
  expect(stdout).toBe(readFileSync(fixture("demo.txt"), "utf8"));
  expect(stdout).toBe("green héllo ✓ 😀\n😀 cut\n\ufffd\ufffd not UTF-8\n");
});

it("copies json byte for byte", async () => {
  const { stdoutBytes } = await runCli(["convert", "-q", "-f", "json", fixture("demo.json"), "-"]);
  expect(stdoutBytes.equals(readFileSync(fixture("demo.json")))).toBe(true);
});
