// t2a config: the settings in force.
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SETTINGS } from "../../src/config/index.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

describe("config", () => {
  it("shows every setting, its value, where it is from and what it means", async () => {
    const path = tempDir()("t2a.toml");
    writeFileSync(path, "[record]\nidle_time_limit = 90\ncapture_env = ['A', 'B']\n");
    const { status, stdout, stderr } = await runCli(["config"], { env: { T2A_CONFIG: path, T2A_PLAY_SPEED: "2" } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^SETTING +VALUE +FROM +MEANING$/);
    for (const [key, { summary }] of Object.entries(SETTINGS)) {
      expect(lines.find((line) => line.startsWith(`${key} `))).toContain(summary);
    }
    const line = (key: string) => lines.find((candidate) => candidate.startsWith(`${key} `))?.split(/ {2,}/);
    expect(line("record.idle_time_limit")?.slice(1, 3)).toEqual(["1:30.0", path]);
    expect(line("record.capture_env")?.[1]).toBe("A,B");
    expect(line("play.speed")?.slice(1, 3)).toEqual(["2", "T2A_PLAY_SPEED"]);
    expect(line("record.command")?.slice(1, 3)).toEqual(["-", "default"]);
    expect(lines).toContain(`read: ${path}`);
    for (const text of lines) expect(text).toBe(text.trimEnd());
  });

  it("says which files are not there", async () => {
    const { stdout } = await runCli(["config"]);
    expect(stdout).toContain("not there: /nonexistent/t2a/config.toml\n");
    expect(stdout).toContain("not there: /nonexistent/.config/t2a/config.toml\n");
  });

  it("gives all of it as JSON", async () => {
    const { stdout } = await runCli(["config", "--json"], { env: { T2A_RECORD_IDLE_TIME_LIMIT: "2" } });
    const shown = JSON.parse(stdout);
    expect(Object.keys(shown.settings)).toEqual(Object.keys(SETTINGS));
    expect(shown.settings["record.idle_time_limit"]).toEqual({
      value: 2_000_000_000,
      origin: "T2A_RECORD_IDLE_TIME_LIMIT",
    });
    expect(shown.settings["record.command"]).toEqual({ value: null, origin: "default" });
    expect(shown.files).toContainEqual({ path: "/nonexistent/t2a/config.toml", found: false });
  });

  it.each([
    ["postgres://ann:hunter2@db.example.org/t2a", "postgres://ann@db.example.org/t2a"],
    ["postgres://db.example.org/t2a?password=hunter2", "postgres://db.example.org/t2a"],
    ["s3://bucket/t2a?index=postgres%3A%2F%2Fann%3Ahunter2%40db%2Ft2a", "s3://bucket/t2a?index=postgres://ann@db/t2a"],
    ["postgres://ann:hunter2@db:port/t2a", "(no URL of a store)"],
    ["/srv/t2a", "/srv/t2a"],
  ])("shows no password: %s is %s", async (url, shown) => {
    const { stdout } = await runCli(["config"], { env: { T2A_STORE: url } });
    expect(stdout).toMatch(new RegExp(`^store\\.url +${shown.replace(/[?.()]/g, "\\$&")} +T2A_STORE`, "m"));
    const json = await runCli(["config", "--json"], { env: { T2A_STORE: url } });
    expect(JSON.parse(json.stdout).settings["store.url"].value).toBe(shown);
    expect(stdout + json.stdout).not.toContain("hunter2");
  });

  it("never prints a value raw to a terminal", async () => {
    const { stdout } = await runCli(["config"], { env: { T2A_RECORD_COMMAND: "sh\u001b]0;x\u0007" } });
    expect(stdout).not.toMatch(/[\u001b\u0007]/);
  });

  it("refuses unusable settings with status 2", async () => {
    expect(await runCli(["config"], { env: { T2A_PLAY_SPEED: "fast" } })).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/^t2a: T2A_PLAY_SPEED: play\.speed: .+\n$/),
    });
    const path = tempDir()("t2a.toml");
    writeFileSync(path, "[record]\nformat = 'gif'\n");
    expect(await runCli(["config"], { env: { T2A_CONFIG: path } })).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^t2a: .*t2a\.toml: record\.format: unknown format "gif": t2a knows .*ttyrec.*\n$/),
    });
    expect(await runCli(["config"], { env: { T2A_CONFIG: "/nonexistent/t2a.toml" } })).toMatchObject({
      status: 2,
      stderr: "t2a: cannot read the settings in /nonexistent/t2a.toml: ENOENT\n",
    });
  });
});
