// t2a analyze: what is read, what is left out, where the report goes, and what the exit status says.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { analyzeFiles } from "../../src/library/index.js";
import { ANALYSIS_SCHEMA } from "../analyze/report-schema.js";
import { type MadeSession, makeWeek } from "../analyze/week.js";
import { writeSession } from "../analyze/write-week.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const run = (...args: string[]) => runCli(["analyze", ...args]);
const week = makeWeek({ tasks: 14 });
const count = (sessions: readonly MadeSession[]) => sessions.reduce((sum, { commands }) => sum + commands.length, 0);

/** A folder of the week, in several formats. */
async function weekFolder() {
  const path = tempDir();
  mkdirSync(path("week/deep"), { recursive: true });
  for (const [at, session] of week.entries()) {
    const format = ["t2r", "json"][at % 2] ?? "";
    await writeSession(path(`week/${at % 3 === 0 ? "deep/" : ""}${session.name}.${format}`), session, format);
  }
  writeFileSync(path("week/notes.txt"), "no recording\n");
  return { path, folder: path("week") };
}

async function json(...args: string[]) {
  const { status, stdout, stderr } = await run("--format", "json", ...args);
  const report = JSON.parse(stdout);
  expect(ANALYSIS_SCHEMA.safeParse(report).error?.issues).toBeUndefined();
  return { status, stderr, report };
}

describe("t2a analyze", () => {
  it("reports on a folder of recordings", async () => {
    const { folder } = await weekFolder();
    const { status, stderr, report } = await json(folder);
    expect([status, stderr]).toEqual([0, ""]);
    expect(report.files).toEqual({ analyzed: week.length, outside: 0, undated: 0, problems: [] });
    expect(report.commands.totals.commands).toBe(count(week));
    const text = await run(folder);
    expect(text).toMatchObject({ status: 0, stderr: "" });
    expect(text.stdout).toContain("Most used programs");
    expect(text.stdout).not.toContain("\x1b");
  });

  it("has colours on a terminal, unless NO_COLOR says otherwise", async () => {
    const { folder } = await weekFolder();
    expect((await runCli(["analyze", folder], { tty: true })).stdout).toContain("\x1b[1m");
    expect((await runCli(["analyze", folder], { tty: true, env: { NO_COLOR: "1" } })).stdout).not.toContain("\x1b");
  });

  it("says that it needs a target, and that there is no such file", async () => {
    expect(await run()).toMatchObject({ status: 2, stdout: "" });
    expect((await run()).stderr).toContain("name a recording, or a folder of them");
    const { status, stderr, report } = await json(tempDir()("none.cast"));
    expect(status).toBe(1);
    expect(stderr).toContain("none.cast");
    expect(report.files.problems).toMatchObject([{ code: "T2A_FILE_NOT_FOUND" }]);
  });

  it("counts a broken recording up to its damage, tells of it, and ends with 1", async () => {
    const { path, folder } = await weekFolder();
    const broken = path("week/day-1-13.json");
    truncateSync(broken, Math.floor(statSync(broken).size / 2) + 7);
    writeFileSync(path("week/empty.cast"), "");
    const { status, stderr, report } = await json(folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^!!! .*day-1-13\.json/m);
    expect(stderr).toMatch(/^!!! .*empty\.cast/m);
    expect(report.files.analyzed).toBe(week.length);
    expect(report.files.problems.map(({ code }: { code: string }) => code).sort()).toEqual([
      "T2A_FORMAT_DAMAGED",
      "T2A_UNKNOWN_FORMAT",
    ]);
    const { commands } = report.commands.totals;
    const whole = week.find(({ name }) => name === "day-1-13")?.commands.length ?? 0;
    expect(commands).toBeGreaterThan(count(week) - whole);
    expect(commands).toBeLessThan(count(week));
  });

  it("takes sessions of a time, and says how many were left out", async () => {
    const { path, folder } = await weekFolder();
    const [monday, undated] = week;
    if (monday === undefined || undated === undefined) throw new Error("no week");
    const { startTime: _, ...header } = undated.header;
    await writeSession(path("week/undated.json"), { ...undated, header });
    const { status, report } = await json("--since", "2026-03-03", "--until", "2026-03-05T00:00", folder);
    const wanted = week.filter(({ name }) => /^day-[23]-/.test(name));
    expect(status).toBe(0);
    expect(report.files).toMatchObject({ analyzed: wanted.length, outside: week.length - wanted.length, undated: 1 });
    expect(report.commands.totals.commands).toBe(count(wanted));
    expect(report.since).toBe(new Date(2026, 2, 3).toISOString());
    expect((await json("--days", "2", folder)).report.files).toMatchObject({ analyzed: 0, outside: week.length });
    expect((await run("--days", "2", folder)).stdout).toContain("0 files analyzed");
    expect(await run("--days", "2", "--since", "2026-03-03", folder)).toMatchObject({ status: 2 });
    expect(await run("--since", "yesterday", folder)).toMatchObject({ status: 2 });
    expect(await run("--since", "2026-02-31", folder)).toMatchObject({ status: 2 });
    expect(await run("--days", "0", folder)).toMatchObject({ status: 2 });
  });

  it("reports on what came before damage, and says so", async () => {
    const path = tempDir();
    const mark = (text: string) => JSON.stringify([1, "o", `\u001b]133;${text}\u0007`]);
    const events = ["A", "C;cmdline=make", "D;0"].map(mark).join("\n");
    writeFileSync(path("cut.cast"), `{"version":2,"width":80,"height":24}\n${events}\n[2, "o", "cut`);
    const { stdout, stderr, status } = await run(path("cut.cast"));
    expect(status).toBe(1);
    expect(stdout).toContain("1 file analyzed. 1 file could not be read, or not to the end.");
    expect(stdout).toContain("make");
    expect(stderr).toContain("cut short");
  });

  it("shows no empty report of nothing", async () => {
    const path = tempDir();
    mkdirSync(path("empty"));
    expect(await run(path("empty"))).toMatchObject({ status: 0, stdout: "", stderr: "::: no recordings there\n" });
    expect(await run(path("none.cast"))).toMatchObject({ status: 1, stdout: "" });
  });

  it("takes commands as JSON in place of recordings, from files and standard input", async () => {
    const { path, folder } = await weekFolder();
    const { stdout } = await runCli(["commands", "--json", folder]);
    writeFileSync(path("commands.json"), stdout);
    const direct = (await json(folder)).report.commands;
    for (const { report } of [
      await json(path("commands.json")),
      await json(path("commands.json"), path("commands.json")),
    ]) {
      expect(report.commands.sessions).toMatchObject({ recordings: 0, histories: week.length });
      for (const key of ["success", "durations", "programs", "lines", "directories", "sequences", "retried"])
        expect(report.commands[key]).toEqual(direct[key]);
      expect(report.commands.when.byWeekdayAndHour).toEqual(direct.when.byWeekdayAndHour);
      expect(report.performance.recordings).toBe(0);
    }
    const piped = await runCli(["analyze", "-f", "json", "-"], { stdin: stdout });
    expect(JSON.parse(piped.stdout).commands.totals.commands).toBe(count(week));
    const days = await json("--since", "2026-03-08", path("commands.json"));
    expect(days.report.commands.totals.commands).toBe(count(week.filter(({ name }) => name.startsWith("day-7"))));
    writeFileSync(path("bad.json"), '[{"line": 1}]');
    expect(await json(path("bad.json"))).toMatchObject({ status: 1, report: { files: { analyzed: 0 } } });
  });

  it("takes a shell's history, with what it does not tell left unknown", async () => {
    const path = tempDir();
    writeFileSync(path("bash_history"), "ls\n#1772000000\ngit status\n#1772000100\ngit status\n");
    const history = await runCli(["import-history", "--no-keep", path("bash_history")]);
    const { stdout } = await runCli(["analyze", "-f", "json", "-"], { stdin: history.stdout });
    const { commands } = JSON.parse(stdout);
    expect(commands.totals).toMatchObject({ commands: 3, distinctLines: { count: 2 } });
    expect(commands.success).toMatchObject({ unknown: 3, rate: null });
    expect(commands.when).toMatchObject({ undated: 1 });
    expect(commands.sessions).toMatchObject({ histories: 2, undated: 1, first: "2026-02-25T06:13:20.000Z" });
  });

  it("writes a file for its owner alone, in the form its name asks for, and replaces none unasked", async () => {
    const { path, folder } = await weekFolder();
    mkdirSync(path("out"));
    const forms: [string, string][] = [
      ["r.html", "<!doctype html>"],
      ["r.json", "{"],
      ["r.csv", "report,section"],
      ["r.md", "# "],
      ["r.txt", `${week.length} files`],
    ];
    for (const [name, beginning] of forms) {
      expect(await run("-o", path(`out/${name}`), folder)).toEqual(
        expect.objectContaining({ status: 0, stdout: "", stderr: "" }),
      );
      expect(readFileSync(path(`out/${name}`), "utf8").startsWith(beginning), name).toBe(true);
      expect(statSync(path(`out/${name}`)).mode & 0o777).toBe(0o600);
    }
    const again = await run("-o", path("out/r.html"), folder);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain("exists already");
    expect(await run("-f", "csv", "--overwrite", "-o", path("out/r.html"), folder)).toMatchObject({ status: 0 });
    expect(readFileSync(path("out/r.html"), "utf8")).toMatch(/^report,section/);
    expect(await run("-o", path("out/none/r.html"), folder)).toMatchObject({ status: 1 });
    expect(readdirSync(path("out")).length).toBe(forms.length);
    expect(await run("-f", "pdf", folder)).toMatchObject({ status: 2 });
    expect(existsSync(path("out/none"))).toBe(false);
  });

  it("does not go in circles, and reads each file once", async () => {
    const { path, folder } = await weekFolder();
    symlinkSync(folder, path("week/deep/circle"));
    const { report } = await json(folder, path("week/day-1-13.json"), folder);
    expect(report.files.analyzed).toBe(week.length);
  });
});

describe("analyzing in threads", () => {
  it("gives the reports that one thread gives, whatever comes first", async () => {
    const path = tempDir();
    mkdirSync(path("big"));
    const names: string[] = [];
    for (const [at, session] of makeWeek({ seed: 7, tasks: 400 }).entries())
      names.push(await writeSession(path(`big/${at}.json`), session));
    const broken = names[3] ?? "";
    truncateSync(broken, statSync(broken).size - 9);
    expect(names.reduce((sum, name) => sum + statSync(name).size, 0)).toBeGreaterThan(4 * 1024 * 1024);
    const { report } = await json(path("big"));
    const { analyzer, files } = await analyzeFiles(names);
    const { createdAt, targets, since, until, files: itsFiles, version, ...reports } = report;
    expect(itsFiles).toEqual(JSON.parse(JSON.stringify(files)));
    expect(reports).toEqual(JSON.parse(JSON.stringify(analyzer.report())));
    expect(files.problems.length).toBe(1);
  });

  it("fails where a thread ends before its work", async () => {
    const path = tempDir();
    const names = ["a", "b"].map((name) => path(name));
    for (const name of names) writeFileSync(name, Buffer.alloc(3 * 1024 * 1024, "x"));
    const program = new URL("data:text/javascript,process.exit(3)");
    await expect(analyzeFiles(names, { program, threads: 2, format: "raw" })).rejects.toThrow(
      "a thread ended before its work",
    );
  });
});
