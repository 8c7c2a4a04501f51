// t2a commands into files for other tools: formats, several recordings, what goes wrong; and back with t2a import-history.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { readBack } from "../history/histories.js";
import { pollUntil } from "../support/poll-until.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const osc = (payload: string) => `\x1b]${payload}\x07`;
const escaped = (line: string) =>
  line.replace(/[\x00-\x1f\\;]/g, (unit) => `\\x${unit.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** A recording whose shell ran these lines, a second each, the last one failing. */
function cast(timestamp: number | undefined, ...lines: string[]): string {
  const events = lines.map((line, index) => {
    const marks = `${osc("7;file:///tmp/a%20b")}${osc("633;A")}$ ${osc("633;B")}\r\n${osc(`633;E;${escaped(line)}`)}${osc("633;C")}`;
    return [
      [index * 2 + 1, "o", marks],
      [index * 2 + 2, "o", `out\r\n${osc(`633;D;${index === lines.length - 1 ? 1 : 0}`)}`],
    ];
  });
  const header = { version: 2, width: 80, height: 24, timestamp, env: { SHELL: "/bin/bash" } };
  return `${[header, ...events.flat()].map((value) => JSON.stringify(value)).join("\n")}\n`;
}

/** A folder with two recordings, the later one first by name. */
function folder() {
  const path = tempDir();
  mkdirSync(path("r/in"), { recursive: true });
  writeFileSync(path("r/a.cast"), cast(1_700_000_100, "for i in 1\ndo\n  echo $i\ndone", "make; x"));
  writeFileSync(path("r/in/z.cast"), cast(1_700_000_000, "first, 'one'", "=cmd"));
  return { path, r: path("r") };
}

const LINES = ["first, 'one'", "=cmd", "for i in 1\ndo\n  echo $i\ndone", "make; x"];
const STARTS = [1_700_000_001, 1_700_000_003, 1_700_000_101, 1_700_000_103];
const run = (...args: string[]) => runCli(["commands", ...args]);
const linesOf = (text: string) => JSON.parse(text).map(({ line }: { line: string }) => line);

describe("t2a commands over several recordings", () => {
  it("lists them in the order in which they began, and says whose each command is", async () => {
    const { r, path } = folder();
    const { stdout, status } = await run(r);
    expect(status).toBe(0);
    expect(stdout.split("\n")).toHaveLength(6);
    expect(stdout).toMatch(/^N +START +TOOK +STATUS +FOLDER +COMMAND +RECORDING\n/);
    expect(stdout).toMatch(/first, 'one' +\S+in\/z\.cast\n[\s\S]*make; x +\S+a\.cast\n$/);
    const json = JSON.parse((await run("--json", path("r/a.cast"), path("r/in/z.cast"))).stdout);
    expect(json.map(({ line }: { line: string }) => line)).toEqual(LINES);
    expect(json[0]).toMatchObject({ startedAt: "2023-11-14T22:13:21.000Z", recording: path("r/in/z.cast") });
  });

  it("a broken one is told of, what is good of it is listed, and the others are", async () => {
    const { r, path } = folder();
    appendFileSync(path("r/a.cast"), '[80,"o"\n');
    writeFileSync(path("r/none.cast"), "nothing\n");
    const { stdout, stderr, status } = await run("--json", r);
    expect([linesOf(stdout), status]).toEqual([LINES, 1]);
    expect(stderr).toMatch(/^!!! .*none\.cast.*\n!!! .*a\.cast.*\n$/);
  });

  it("filters hold for all", async () => {
    const { r } = folder();
    expect(linesOf((await run("--json", "--failed", r)).stdout)).toEqual(["=cmd", "make; x"]);
  });

  it("a folder without recordings has none", async () => {
    const { path } = folder();
    mkdirSync(path("empty"));
    expect(await run("--json", path("empty"))).toMatchObject({ status: 0, stdout: "[]\n" });
  });
});

describe("t2a commands --format", () => {
  const exported = async (...args: string[]) => {
    const { r, path } = folder();
    const file = path("out");
    const { status, stdout, stderr } = await run(r, "--output", file, ...args);
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
    return { file, bytes: readFileSync(file) };
  };

  it("json is what --json prints, and what the published schema says", async () => {
    const { bytes } = await exported("--format", "json");
    const schema = JSON.parse(readFileSync(new URL("../../docs/commands.schema.json", import.meta.url), "utf8"));
    expect(z.fromJSONSchema(schema).parse(JSON.parse(bytes.toString()))).toHaveLength(4);
    expect(linesOf(bytes.toString())).toEqual(LINES);
  });

  it("csv", async () => {
    const { bytes } = await exported("--format", "csv");
    const text = bytes.toString();
    expect(text).toContain(`\r\n"first, 'one'",/tmp/a b,,,0,,2023-11-14T22:13:21.000Z,1000000000,1000000000,`);
    expect(text).toContain("\r\n'=cmd,");
    expect(text).toContain('\r\n"for i in 1\ndo\n  echo $i\ndone",');
  });

  it("parquet", async () => {
    const { bytes } = await exported("--format", "parquet");
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows.map(({ line }) => line)).toEqual(LINES);
    expect(rows.map(({ started_at }) => started_at)).toEqual(STARTS.map((seconds) => new Date(seconds * 1000)));
    expect(rows[3]).toMatchObject({ exit_status: 1n, duration_ns: 1_000_000_000n, cwd: "/tmp/a b", trusted: false });
  });

  it.each(["bash", "zsh", "fish"] as const)("%s, and back", async (shell) => {
    const { bytes, file } = await exported("--format", shell);
    expect((await readBack(bytes)).map(({ line, time }) => [line, time])).toEqual(
      LINES.map((line, index) => [line, BigInt(STARTS[index] ?? 0) * 10n ** 9n]),
    );
    const { stdout, status } = await runCli(["import-history", "--no-keep", file]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)[3]).toMatchObject({
      ...{ line: "make; x", startedAt: "2023-11-14T22:15:03.000Z", startNs: 102e9, source: "history" },
      ...{ trusted: false, exitStatus: null, recording: null, durationNs: shell === "zsh" ? 1e9 : null },
    });
  });

  it("atuin, and back", async () => {
    const { file } = await exported("--format", "atuin");
    const { stdout } = await runCli(["import-history", "--no-keep", file]);
    const found = JSON.parse(stdout);
    expect(linesOf(stdout)).toEqual(LINES);
    expect(found[1]).toMatchObject({
      exitStatus: 1,
      cwd: "/tmp/a b",
      durationNs: 1e9,
      startedAt: "2023-11-14T22:13:23.000Z",
    });
  });

  it("is told by the output's extension, and otherwise the table", async () => {
    const { r, path } = folder();
    await run(r, "--output", path("c.json"));
    await run(r, "--output", path("c.CSV"));
    await run(r, "--output", path("c.txt"));
    await run(r, "--output", path("c.csv.gz"));
    expect(gunzipSync(readFileSync(path("c.csv.gz"))).toString()).toMatch(/^line,cwd,/);
    expect(linesOf(readFileSync(path("c.json"), "utf8"))).toEqual(LINES);
    expect(readFileSync(path("c.CSV"), "utf8")).toMatch(/^line,cwd,/);
    expect(readFileSync(path("c.txt"), "utf8")).toMatch(/^N +START/);
  });

  it("nothing stays where a signal ends it", async () => {
    const path = tempDir();
    const endless = `echo '{"version":2,"width":80,"height":24}'; exec yes '[1,"o","x"]'`;
    const pipe = spawn("sh", ["-c", endless], { stdio: ["ignore", "pipe", "ignore"] });
    onTestFinished(() => void pipe.kill("SIGKILL"));
    const args = [T2A, "commands", "-", "-o", path("c.csv")];
    const child = spawn(process.execPath, args, { stdio: [pipe.stdout, "ignore", "ignore"] });
    await pollUntil("the file is begun", () => readdirSync(path("")).length > 0);
    child.kill("SIGINT");
    const [status] = await once(child, "exit");
    expect(status).toBe(130);
    expect(readdirSync(path(""))).toEqual([]);
  });

  it("nothing is written over unasked, and nothing stays of what fails", async () => {
    const { r, path } = folder();
    writeFileSync(path("c.json"), "mine");
    expect(await run(r, "--output", path("c.json"))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("c.json"),
    });
    expect(readFileSync(path("c.json"), "utf8")).toBe("mine");
    expect((await run(r, "--output", path("c.json"), "--overwrite")).status).toBe(0);
    expect((await run(r, "--output", path("missing/c.json"))).status).toBe(1);
    expect(existsSync(path("missing"))).toBe(false);
  });

  it("a terminal is shown no bytes, and text without anything that it would obey", async () => {
    const path = tempDir();
    writeFileSync(path("x.cast"), cast(1, "echo \x1b]0;x\x07\n=\u202e"));
    const tty = (...args: string[]) => runCli(["commands", path("x.cast"), ...args], { tty: true });
    for (const format of ["parquet", "atuin"])
      expect(await tty("--format", format)).toMatchObject({
        status: 2,
        stdout: "",
        stderr: expect.stringContaining("--output"),
      });
    for (const format of ["csv", "bash", "zsh", "fish", "json", "table"]) {
      const { stdout, status } = await tty("--format", format);
      expect(status).toBe(0);
      expect(stdout).not.toMatch(/[\x1b\x07\u202e]/);
      expect(stdout).toContain("echo ");
    }
  });

  it("commands without a line are counted where a history cannot hold them", async () => {
    const path = tempDir();
    writeFileSync(
      path("x.cast"),
      `{"version":2,"width":80,"height":24}\n${JSON.stringify([1, "o", `${osc("133;C")}a${osc("133;D;0")}`])}\n`,
    );
    expect(await run(path("x.cast"), "--format", "bash")).toMatchObject({
      ...{ status: 0, stdout: "", stderr: "::: 1 command left out, whose line is not known\n" },
    });
  });

  it("takes no nonsense", async () => {
    const { r } = folder();
    expect((await run(r, "--format", "xml")).status).toBe(2);
    expect((await run(r, "--json", "--format", "csv")).status).toBe(2);
  });
});

describe("t2a import-history", () => {
  const imported = (text: string | Uint8Array, ...args: string[]) =>
    runCli(["import-history", "--no-keep", "-", ...args], { stdin: text });

  it("prints an array, also of nothing; entries without a time have none", async () => {
    expect(await imported("")).toMatchObject({ status: 0, stdout: "[]\n", stderr: "" });
    const { stdout } = await imported("ls\n#1700000000\nmake\nx\n");
    const brief = JSON.parse(stdout).map(({ line, startNs, startedAt }: Record<string, unknown>) => [
      line,
      startNs,
      startedAt,
    ]);
    expect(brief).toEqual([
      ["ls", 0, null],
      ["make", 0, "2023-11-14T22:13:20.000Z"],
      ["x", 0, null],
    ]);
  });

  it("counts from the first entry, also where clocks went back", async () => {
    const { stdout } = await imported(": 1700000010:0;a\n: 1700000000:5;b\n");
    const schema = JSON.parse(readFileSync(new URL("../../docs/commands.schema.json", import.meta.url), "utf8"));
    expect(z.fromJSONSchema(schema).parse(JSON.parse(stdout))).toMatchObject([
      { startNs: 0, durationNs: null },
      { startNs: -10e9, durationNs: 5e9, startedAt: "2023-11-14T22:13:20.000Z" },
    ]);
  });

  it("prints nothing raw, writes to a file, says what was cut", async () => {
    const { path } = folder();
    expect((await imported("echo \x1b]0;x\x07\u202e\n")).stdout).not.toMatch(/[\x1b\x07\u202e]/);
    const long = await imported(`${"x".repeat(2 ** 20 + 1)}\n`, "--output", path("h.json"));
    expect(long).toMatchObject({
      status: 0,
      stdout: "",
      stderr: expect.stringContaining("1 entry was longer than 1 MiB"),
    });
    expect(linesOf(readFileSync(path("h.json"), "utf8"))[0]).toHaveLength(2 ** 20);
  });

  it("takes the shell's word for what it is, and refuses what is none", async () => {
    expect(linesOf((await imported("a\\\nb\n", "--shell", "zsh")).stdout)).toEqual(["a\nb"]);
    expect(linesOf((await imported("a\\\nb\n")).stdout)).toEqual(["a\\", "b"]);
    expect((await imported("a\n", "--shell", "ksh")).status).toBe(2);
    expect(await imported("a\0b")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("not a history t2a knows"),
    });
    expect((await runCli(["import-history", "--no-keep", "/nonexistent/h"])).status).toBe(1);
  });
});
