// t2a info: what a recording says of itself, in words.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

/** The lines `info` prints for a recording of t2a's own format with the given header fields. */
async function infoOf(fields: Readonly<Record<string, unknown>>): Promise<string[]> {
  const header = { version: 3, term: { cols: 80, rows: 24, type: "xterm-256color" }, ...fields };
  const { status, stdout, stderr } = await runCli(["info", "-"], {
    stdin: `${JSON.stringify(header)}\n[1.5, "o", "a"]\n`,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

describe("info", () => {
  it("tells all that the header holds", async () => {
    const lines = await infoOf({ timestamp: 1_700_000_000, title: "demo", command: "vim a", tags: ["x", "y"] });
    expect(lines).toEqual([
      "format      asciicast-v3",
      expect.stringMatching(/^size {8}[0-9]+ bytes$/),
      "duration    1.5s",
      "terminal    80x24 xterm-256color",
      "events      1 output",
      "output      1 bytes",
      "longest gap 1.5s",
      "time        2023-11-14T22:13:20.000Z",
      "title       demo",
      "command     vim a",
      "tags        x, y",
    ]);
  });

  it("tells who recorded where", async () => {
    const path = tempDir();
    writeFileSync(path("a.cast"), '{"version":2,"width":80,"height":24}\n');
    await runCli(["convert", "-q", path("a.cast"), path("a.json")]);
    const text = readFileSync(path("a.json"), "utf8");
    writeFileSync(path("b.json"), text.replace('"cols":80', '"user":"me","host":"here","cwd":"/home/me","cols":80'));
    const { status, stdout } = await runCli(["info", path("b.json")]);
    expect(status).toBe(0);
    expect(stdout).toContain("folder      /home/me\n");
    expect(stdout).toContain("by          me@here\n");
    expect(stdout).toContain("events      none\n");
  });

  it("counts what was typed", async () => {
    const { stdout } = await runCli(["info", "-"], {
      stdin: '{"version":2,"width":80,"height":24}\n[1, "i", "abc"]\n',
    });
    expect(stdout).toContain("events      1 input\n");
    expect(stdout).toContain("input       3 bytes\n");
  });

  it("finds the timing file beside a script recording", async () => {
    const path = tempDir();
    writeFileSync(path("demo.typescript"), "Script started on 2024-01-01 00:00:00+00:00\nhello");
    writeFileSync(path("demo.timing"), "0.5 5\n");
    const { status, stdout } = await runCli(["info", "--json", path("demo.typescript")]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ format: "script", durationNs: 500_000_000, outputBytes: 5 });
  });
});
