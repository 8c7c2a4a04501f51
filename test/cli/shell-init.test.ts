import { expect, it } from "vitest";
import { SHELL_KINDS, shellScript } from "../../src/shell/index.js";
import { runCli } from "../support/run-cli.js";

it.each(SHELL_KINDS)("prints the integration of %s, which proves nothing by itself", async (kind) => {
  const { status, stdout, stderr } = await runCli(["shell-init", kind]);
  expect([status, stderr, stdout]).toEqual([0, "", shellScript(kind)]);
  expect(stdout).not.toMatch(/[0-9a-f]{32}/);
});

it("says which shells there are", async () => {
  const { status, stdout, stderr } = await runCli(["shell-init", "tcsh"]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain('no shell integration for "tcsh": use bash, zsh or fish');
});
