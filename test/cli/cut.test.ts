// t2a cut: stretches of a recording left out, seen as a user sees it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const HEADER = '{"version":3,"term":{"cols":20,"rows":4}}';

/** A v3 recording with an event a second. */
function recording(...events: readonly (readonly [code: string, text: string])[]) {
  const path = tempDir();
  const lines = events.map(([code, text], at) => JSON.stringify([at === 0 ? 0 : 1, code, text]));
  writeFileSync(path("in.cast"), `${[HEADER, ...lines].join("\n")}\n`);
  return path;
}

const LINES = Array.from({ length: 6 }, (_, at) => ["o", `${at}\r\n`] as const);

/** Time and what happened, times in seconds. */
function eventsIn(file: string): [number, string, string][] {
  let time = 0;
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [interval, code, text] = JSON.parse(line) as [number, string, string];
      time += interval;
      return [Math.round(time * 1000) / 1000, code, text];
    });
}

const screenAt = async (file: string, at: string) => (await runCli(["screen", "--at", at, file])).stdout;

describe("cut", () => {
  it("leaves a stretch out and goes on with the exact screen, earlier by its length", async () => {
    const path = recording(...LINES);
    const result = await runCli(["cut", "--remove", "1..4", path("in.cast"), path("out.cast")]);
    expect(result).toEqual(expect.objectContaining({ status: 0, stdout: "", stderr: "" }));
    const events = eventsIn(path("out.cast"));
    expect(events.map(([time]) => time)).toEqual([0, 1, 1, 1, 2]);
    expect(events.map(([, , text]) => text.includes("\x1b[2J"))).toEqual([false, false, true, false, false]);
    expect(await screenAt(path("out.cast"), "0.9")).toBe(await screenAt(path("in.cast"), "0.9"));
    expect(await screenAt(path("out.cast"), "1")).toBe(await screenAt(path("in.cast"), "4"));
    expect(await screenAt(path("out.cast"), "2")).toBe(await screenAt(path("in.cast"), "5"));
  });

  it.each([
    [
      ["--remove", "..2", "--remove", "4.."],
      [0, 0, 1, 2],
    ],
    [
      ["--remove", "0..40%", "--remove", "80%..100%"],
      [0, 0, 1, 2],
    ],
    [
      ["--keep", "2..4"],
      [0, 0, 1, 2],
    ],
    [
      ["--remove", "3..4.5", "--remove", "1.5..3"],
      [0, 1, 1.5, 2],
    ],
    [
      ["--remove", "0:04..1:00"],
      [0, 1, 2, 3, 4],
    ],
    [
      ["--keep", "..1", "--keep", "4.."],
      [0, 1, 1, 1, 2],
    ],
  ])("takes stretches as %j", async (args, times) => {
    const path = recording(...LINES);
    expect((await runCli(["cut", "-q", ...args, path("in.cast"), path("out.cast")])).status).toBe(0);
    expect(eventsIn(path("out.cast")).map(([time]) => time)).toEqual(times);
  });

  it("is complete where the cut is inside of a sequence, a title or a character, on either side", async () => {
    const path = recording(["o", "a\x1b[3"], ["o", "1mred"], ["o", "\x1b]2;ti"], ["o", "tle\x07b"], ["o", "c"]);
    for (const stretch of ["0.5..1.5", "0.5..2.5", "2..3.5", "1.5..2.5", "..0.5"]) {
      await runCli(["cut", "--overwrite", "--remove", stretch, path("in.cast"), path("out.cast")]);
      const [shown, expected] = await Promise.all(
        ["out.cast", "in.cast"].map((name) => runCli(["screen", "--json", path(name)])),
      );
      expect([stretch, shown?.stdout]).toEqual([stretch, expected?.stdout]);
    }
  });

  it("tells the size first, and takes the old screen back before", async () => {
    const path = recording(["o", "\x1b[?1049h\x1b[?25lold"], ["r", "30x5"], ["o", "\x1b[?1049lnew"], ["o", "!"]);
    await runCli(["cut", "--remove", "0.5..2.5", path("in.cast"), path("out.cast")]);
    expect(eventsIn(path("out.cast")).map(([, code]) => code)).toEqual(["o", "o", "r", "o", "o"]);
    const screens = ["out.cast", "in.cast"].map((name) => runCli(["screen", "--json", path(name)]));
    const [shown, expected] = await Promise.all(screens);
    expect(shown?.stdout).toBe(expected?.stdout);
  });

  it("drops markers, input and the exit status within, keeps those at its ends", async () => {
    const path = recording(["m", "a"], ["m", "b"], ["i", "c"], ["x", "1"], ["m", "d"]);
    await runCli(["cut", "--remove", "1..4", path("in.cast"), path("out.cast")]);
    expect(eventsIn(path("out.cast"))).toEqual([
      [0, "m", "a"],
      [1, "m", "b"],
      [1, "m", "d"],
    ]);
  });

  it("writes the format of OUT's extension, tells losses, gives JSON, and makes keyframes of a .t2r", async () => {
    const path = recording(...LINES, ["m", "here"]);
    const lossy = await runCli(["cut", "--remove", "1..2", path("in.cast"), path("out.ttyrec")]);
    expect(lossy.stderr).toContain("!!! ttyrec cannot hold everything: lost 1 header field, 1 marker\n");
    const { stdout } = await runCli(["cut", "--json", "--remove", "1..2", path("in.cast"), path("out.t2r")]);
    expect(JSON.parse(stdout)).toMatchObject({ outputFormat: "t2r", durationNs: 5e9, losses: {}, warnings: [] });
    const info = JSON.parse((await runCli(["info", "--json", path("out.t2r")])).stdout);
    expect(info.keyframes.engine).toContain("xterm");
    expect((await runCli(["verify", path("out.t2r")])).status).toBe(0);
  });

  it("reads standard input and writes standard output", async () => {
    const stdin = `${HEADER}\n[0, "o", "a"]\n[1, "o", "b"]\n`;
    expect((await runCli(["cut", "-f", "raw", "--keep", "..0.5", "-", "-"], { stdin })).stdout).toBe("a");
  });

  it("warns of what lies beyond the end", async () => {
    const path = recording(...LINES);
    const cut = (...args: readonly string[]) =>
      runCli(["cut", "--overwrite", ...args, path("in.cast"), path("out.cast")]);
    expect(await cut("--remove", "10..17", "--remove", "4..9")).toMatchObject({
      status: 0,
      stderr:
        "!!! --remove 10..17 lies behind the end of the recording (5.0s)\n" +
        "!!! --remove 4..9 reaches beyond the end of the recording (5.0s)\n",
    });
    expect((await cut("--remove", "2..", "--remove", "20..30")).stderr).toBe("");
    expect(await cut("--keep", "6..")).toMatchObject({
      status: 0,
      stderr: "!!! --keep 6.. lies behind the end of the recording (5.0s)\n!!! nothing is left of the recording\n",
    });
  });

  it.each([
    [[], "say what to leave out with --remove A..B"],
    [["--remove", "1..2", "--keep", "1..2"], "say what to leave out with --remove A..B"],
    [["--remove", "2..1"], "2..1 is the wrong way round"],
    [["--remove", "0..0"], "0..0 is empty"],
    [["--remove", "1..1.0"], "1..1.0 is empty"],
    [["--remove", ".."], 'not a stretch of time: ".."'],
    [["--remove", "5"], 'not a stretch of time: "5"'],
    [["--remove", "a..5"], 'not a position in time: "a"'],
  ])("refuses %j in one clear line", async (args, message) => {
    const path = recording(...LINES);
    const { status, stderr } = await runCli(["cut", ...args, path("in.cast"), path("out.cast")]);
    expect(status).toBe(2);
    expect(stderr.split("\n")[0]).toContain(message);
    expect(existsSync(path("out.cast"))).toBe(false);
  });

  it("refuses a share of standard input, and to write over a file unasked", async () => {
    expect(await runCli(["cut", "--remove", "50%..", "-", "-"])).toMatchObject({ status: 2 });
    const path = recording(...LINES);
    writeFileSync(path("out.cast"), "precious");
    expect((await runCli(["cut", "--remove", "1..2", path("in.cast"), path("out.cast")])).status).toBe(1);
    expect(readFileSync(path("out.cast"), "utf8")).toBe("precious");
  });
});
