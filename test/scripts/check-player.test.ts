// scripts/check-player.mjs over some of our own fixtures: the player in a real tmux shows what a replay gives.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
if (!hasTmux) console.warn("check-player.test.ts is skipped: tmux is not installed");

interface Report {
  readonly files: number;
  readonly places: number;
  readonly differing: number;
  readonly failures: number;
  readonly results: readonly { name: string; size: string; told: readonly string[]; failure?: string }[];
}

function check(folder: string, ...options: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`${root}scripts/check-player.mjs`, folder, "--json", ...options],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  );
  return { status, stderr, report: (stdout === "" ? undefined : JSON.parse(stdout)) as Report };
}

describe.skipIf(!hasTmux)("check:player", () => {
  it("finds every place of a recording shown as the replay has it, in terminals larger and smaller than it", () => {
    const { status, report } = check(
      `${root}fixtures`,
      ...["--only", "demo-v3|ttyrec3-game", "--points", "5", "--sizes", "90x30,30x8"],
    );
    expect(
      report.results.flatMap(({ told, failure }) => [...told, ...(failure === undefined ? [] : [failure])]),
    ).toEqual([]);
    expect([status, report.files, report.places, report.differing]).toEqual([0, 2, 4 * 12, 0]);
  }, 120_000);

  it("passes over what is no recording, and is not content with nothing", () => {
    const path = tempDir();
    writeFileSync(path("README.md"), "# no recording");
    const { status, report } = check(path("."));
    expect([status, report.files, report.places]).toEqual([1, 0, 0]);
  });

  it("names what it needs", () => {
    expect(check("/nonexistent").stderr).toBe("give a folder of recordings: npm run check:player -- DIR\n");
    expect(check(`${root}fixtures`, "--sizes", "80").stderr).toBe("not a size: 80 (80x24)\n");
    expect(check(`${root}fixtures`, "--points", "many").status).toBe(2);
  });
});
