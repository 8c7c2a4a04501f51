// scripts/check-sessions.mjs: the quickest of its shows, and what it says where it cannot show anything.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../scripts/check-sessions.mjs", import.meta.url));

function check(...shows: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...shows], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("check:sessions", () => {
  it("shows how three agents hand a session on, with the line of descent", () => {
    const { status, stdout } = check("lineage");
    const lines = [
      /^lineage: 3 agents, 2 commands passed on \(statuses 0, 4\); 1 of 8 consumers has them; handed off 2, completed 1$/,
      /^lineage: 1: CodeGenAgent \(handed_off\)$/,
      /^lineage: {3}2: ReviewAgent \(handed_off\)$/,
      /^lineage: {5}3: TestAgent \(completed\)$/,
    ];
    for (const line of lines) expect(stdout).toMatch(new RegExp(line, "m"));
    expect(status).toBe(0);
  }, 120_000);

  it("names the shows that there are", () => {
    expect(check("reboots")).toMatchObject({
      status: 2,
      stderr: 'no show "reboots": daemon-kill, holder-kill, reboot, lineage, limits, clients, isolation\n',
    });
  });
});
