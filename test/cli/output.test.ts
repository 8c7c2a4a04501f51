import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const execFileAsync = promisify(execFile);
const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const MARKED = "printf '\\033]133;A\\007$ \\033]133;C;cmdline=later\\007x\\033]133;D;0\\007'";
const osc = (body: string) => `\x1b]133;${body}\x07`;
const cycle = (line: string, printed: string, status: number) =>
  `${osc("A")}$ ${osc("B")}${line}\r\n${osc(`C;cmdline=${line}`)}${printed}${osc(`D;${status}`)}`;
const events = [
  cycle("make", "10%\r\x1b[32m100%\x1b[0m\r\nok\r\n", 0),
  cycle("evil", "\x1b]52;c;cm0=\x07\x1b[31mred\x1b[0m\u202e\r\n", 1),
  cycle("true", "", 0),
];
const cast = [
  JSON.stringify({ version: 2, width: 80, height: 24 }),
  ...events.map((data, time) => JSON.stringify([time, "o", data])),
  "",
].join("\n");

describe("t2a output", () => {
  it("prints the lines that a command left on the terminal", async () => {
    const run = await runCli(["output", "-", "1"], { stdin: cast });
    expect(run).toMatchObject({ status: 0, stdout: "100%\nok\n" });
  });

  it("says in one line that what it prints cannot be written, however much of it is on its way", async () => {
    const file = tempDir()("long.cast");
    const long = cycle("seq", "a line of it\r\n".repeat(20_000), 0);
    writeFileSync(file, `{"version":2,"width":80,"height":24}\n${JSON.stringify([0, "o", long])}\n`);
    for (const command of [
      ["output", file, "1"],
      ["output", file, "1", "--format", "ansi"],
      ["grep", "line", file],
    ]) {
      const shell = execFileAsync("sh", ["-c", '"$0" "$@" > /dev/full', process.execPath, T2A, ...command]);
      const failed: unknown = await shell.catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 1, stderr: "t2a: cannot write standard output: ENOSPC\n" });
    }
  });

  it("prints with colours what is safe for a terminal", async () => {
    const { stdout } = await runCli(["output", "-", "2", "--format", "ansi"], { stdin: cast });
    expect(stdout).toContain("\x1b[31mred");
    expect(stdout).not.toContain("52;c");
  });

  it("takes the last command where none is named, and counts from the end", async () => {
    expect(await runCli(["output", "-"], { stdin: cast })).toMatchObject({ status: 0, stdout: "" });
    expect((await runCli(["output", "-", "-3"], { stdin: cast })).stdout).toBe("100%\nok\n");
  });

  it("prints the command and its text as JSON", async () => {
    const { stdout } = await runCli(["output", "-", "1", "--json"], { stdin: cast });
    expect(JSON.parse(stdout)).toMatchObject({
      line: "make",
      exitStatus: 0,
      outputLines: 2,
      text: "100%\nok",
      isCut: false,
    });
  });

  it("says how many there are where there is no such command", async () => {
    const run = await runCli(["output", "-", "4"], { stdin: cast });
    expect(run).toMatchObject({
      status: 2,
      stdout: "",
      stderr: "t2a: there is no command 4: there are 3 commands (t2a commands lists them)\n",
    });
    expect((await runCli(["output", "-", "0"], { stdin: cast })).status).toBe(2);
    expect((await runCli(["output", "-", "1"], { stdin: cast.split("\n")[0] ?? "" })).stderr).toContain(
      "no commands found",
    );
  });

  it("says that the recording is damaged where another command may have been meant", async () => {
    const stdin = `${cast}[9, "o", "cut`;
    expect(await runCli(["output", "-", "1"], { stdin })).toMatchObject({
      status: 0,
      stdout: "100%\nok\n",
      stderr: "",
    });
    const last = await runCli(["output", "-", "-3"], { stdin });
    expect(last).toMatchObject({ status: 1, stdout: "100%\nok\n" });
    expect(last.stderr).toContain("cut short");
  });

  it("prints the same of a .t2r, whose commands its index has", async () => {
    const path = tempDir();
    await runCli(["convert", "-", path("a.t2r")], { stdin: cast });
    expect((await runCli(["inspect", path("a.t2r")])).stdout).toContain("SECTION    commands");
    for (const number of ["1", "2"])
      expect((await runCli(["output", path("a.t2r"), number])).stdout).toBe(
        (await runCli(["output", "-", number], { stdin: cast })).stdout,
      );
  });
});

describe("the commands in a .t2r", () => {
  it("are those that reading finds", async () => {
    const path = tempDir();
    await runCli(["convert", "-", path("a.t2r")], { stdin: cast });
    const read = await runCli(["commands", "--json", "--strict", path("a.t2r")]);
    expect(JSON.parse(read.stdout)).toHaveLength(3);
    expect((await runCli(["commands", "--json", path("a.t2r")])).stdout).toBe(read.stdout);
  });

  it("are looked for where the recording was continued since", async () => {
    const path = tempDir();
    await runCli(["convert", "-", path("a.t2r")], { stdin: cast });
    await execFileAsync(process.execPath, [
      T2A,
      "record",
      "-q",
      "--append",
      "--headless",
      "--finalize",
      "never",
      "-c",
      MARKED,
      path("a.t2r"),
    ]);
    const found = JSON.parse((await runCli(["commands", "--json", path("a.t2r")])).stdout);
    expect(found.map(({ line }: { line: string }) => line)).toEqual(["make", "evil", "true", "later"]);
  });

  it("stay with it when a marker is set, and are found anew when it is cut", async () => {
    const path = tempDir();
    await runCli(["convert", "-", path("a.t2r")], { stdin: cast });
    const before = readFileSync(path("a.t2r"));
    expect((await runCli(["marker", "add", path("a.t2r"), "0.5", "here"])).stderr).toBe(
      "::: added marker 1 at 0.5: here\n",
    );
    expect(Buffer.compare(before, readFileSync(path("a.t2r")))).not.toBe(0);
    const lines = async (name: string) =>
      JSON.parse((await runCli(["commands", "--json", path(name)])).stdout).map(({ line }: { line: string }) => line);
    expect(await lines("a.t2r")).toEqual(["make", "evil", "true"]);
    const spans = JSON.parse((await runCli(["commands", "--json", path("a.t2r")])).stdout).map(
      ({ output }: { output: { firstEvent: number } | null }) => output?.firstEvent,
    );
    expect(spans).toEqual([0, 2, undefined]);
    await runCli(["cut", "--keep", "1.5..", path("a.t2r"), path("b.t2r")]);
    expect(await lines("b.t2r")).toEqual(["true"]);
  });
});
