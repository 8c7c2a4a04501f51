// t2a commands: what is listed, and what is said where there is nothing to list.
import { appendFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const osc = (payload: string) => `\x1b]${payload}\x07`;

/** A recording of a few commands, and one without any marks. */
const cast = (...events: [number, string][]) =>
  ['{"version":2,"width":60,"height":9}', ...events.map(([time, text]) => JSON.stringify([time, "o", text]))].join(
    "\n",
  );

function recordings() {
  const path = tempDir();
  const prompt = (line: string) => `${osc("133;A")}$ ${osc("133;B")}${line}\r\n${osc("133;C")}`;
  writeFileSync(
    path("some.cast"),
    `${cast(
      [0.25, `${osc("7;file:///home/me")}${prompt("make all")}`],
      [75.5, `error\r\n${osc("133;D;2")}${prompt("bash")}`],
      [76, `${prompt("sleep 9")}`],
      [77.5, `^C${osc("133;D;130")}${osc("133;A")}${osc("633;E;a\\x0ab \\x1b]0\\x3bx\\x07\u202e")}${osc("633;C")}`],
    )}\n`,
  );
  writeFileSync(path("none.cast"), `${cast([1, "$ ls\r\n"])}\n`);
  return { path, some: path("some.cast"), none: path("none.cast") };
}

const run = (...args: string[]) => runCli(["commands", ...args]);

describe("t2a commands", () => {
  it("prints a table, nothing raw in it", async () => {
    const { some } = recordings();
    expect(await run(some)).toMatchObject({
      status: 0,
      stderr: "",
      stdout: [
        "N   START   TOOK    STATUS  FOLDER    COMMAND",
        "1?  0.2     1:15.3  2       /home/me  make all",
        "2?  1:15.5  -       -       /home/me  bash",
        "3?  1:16.0  1.5s    SIGINT  /home/me    sleep 9",
        "4?  1:17.5  -       -       /home/me    a␊b ␛]0;x␇\\u202e",
        "",
      ].join("\n"),
    });
  });

  it("prints JSON, with null for what is not known", async () => {
    const { some } = recordings();
    const { stdout } = await run("--json", some);
    expect(stdout).not.toMatch(/[\x1b\u202e]/);
    const [first, , third, last] = JSON.parse(stdout);
    const all = { cwd: "/home/me", source: "marks", trusted: false };
    expect(first).toEqual({
      ...{ ...all, line: "make all", exitStatus: 2, signal: null, depth: 0, user: null, host: null },
      ...{ startNs: 250_000_000, durationNs: 75_250_000_000, timeToFirstOutputNs: 75_250_000_000 },
      ...{ outputBytes: 7, outputLines: 1, output: { firstEvent: 1, lastEvent: 1, startByte: 56, endByte: 63 } },
      ...{ startedAt: null, recording: some, number: 1 },
    });
    expect(third).toMatchObject({ ...all, exitStatus: 130, signal: "SIGINT", depth: 1 });
    expect(last).toMatchObject({ line: "a\nb \x1b]0;x\x07\u202e", exitStatus: null, durationNs: null });
  });

  it("numbers commands as they stand in the recording, and marks inferred ones", async () => {
    const { some, path } = recordings();
    expect((await run("--grep", "sleep", some)).stdout).toMatch(/\n3\? +1:16\.0/);
    const typed = "\x1b[?2004h$ ls\r\n\x1b[?2004l\rfile\r\n\x1b[?2004h$ ";
    writeFileSync(path("typed.cast"), `${cast([1, typed])}\n`);
    expect((await run(path("typed.cast"))).stdout).toMatch(/\n1~ +1\.0 .*ls\n$/);
  });

  it("lists what is asked for: failed, slow, with a text", async () => {
    const { some } = recordings();
    const lines = async (...args: string[]) =>
      JSON.parse((await run("--json", ...args, some)).stdout).map(({ line }: { line: string }) => line);
    expect(await lines("--failed")).toEqual(["make all", "sleep 9"]);
    expect(await lines("--slower-than", "1:00")).toEqual(["make all"]);
    expect(await lines("--slower-than", "500ms", "--failed", "--grep", "SLEEP")).toEqual([]);
    expect(await lines("--grep", "\\v^(make|bash)")).toEqual(["make all", "bash"]);
  });

  it("says that there are no marks, and that nothing is like what was asked for", async () => {
    const { some, none } = recordings();
    const note = "::: no commands found: no shell marked any, and none can be inferred\n";
    expect(await run(none)).toMatchObject({ status: 0, stdout: "", stderr: note });
    expect(await run("--json", none)).toMatchObject({ status: 0, stdout: "[]\n", stderr: note });
    expect(await run("-q", none)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(await run("--grep", "nowhere", some)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  it("lists what is good of a damaged recording, then fails", async () => {
    const { some } = recordings();
    appendFileSync(some, '[80,"o"\n');
    const { status, stdout, stderr } = await run(some);
    expect([status, stdout.split("\n").length]).toEqual([1, 6]);
    expect(stderr).toContain("no valid event line");
    expect((await run("--recover", some)).status).toBe(0);
  });

  it("takes no nonsense", async () => {
    const { some } = recordings();
    for (const options of [
      ["--slower-than", "soon"],
      ["--grep", ""],
      ["--grep", "\\v("],
    ])
      expect(await run(...options, some)).toMatchObject({ status: 2, stdout: "" });
    expect((await run(`${some}.missing`)).status).toBe(1);
  });
});
