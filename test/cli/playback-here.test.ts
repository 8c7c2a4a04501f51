// t2a play and t2a record at a terminal, in the process of the test: where playing begins and ends, and what is said of it.
import { writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { type CliResult, runCli } from "../support/run-cli.js";
import { openSeat, type SeatHere } from "../support/seat-here.js";
import { tempDir } from "../support/temp-dir.js";

let path = (name: string) => name;
beforeEach(() => {
  path = tempDir();
});
const EVENTS: readonly (readonly [number, string, string])[] = [
  ...Array.from({ length: 10 }, (_, at) => [at, "o", `${at === 0 ? "" : "\r\n"}number ${at}`] as const),
  [9.5, "m", "late"],
  [10, "o", " the end"],
];

/** Ten seconds of lines, one a second, and a marker. */
function counting(rest = ""): string {
  const file = path("counting.cast");
  const lines = ['{"version":2,"width":30,"height":12}', ...EVENTS.map((event) => JSON.stringify(event))];
  writeFileSync(file, `${lines.join("\n")}\n${rest}`);
  return file;
}

/** The same, entered by its index. */
async function indexed(): Promise<string> {
  const file = path("counting.t2r");
  expect((await runCli(["convert", "-q", "--overwrite", counting(), file])).status).toBe(0);
  return file;
}

/** Plays there; gives what comes of it. */
function play(seat: SeatHere, ...args: readonly string[]): Promise<CliResult> {
  const env = { HOME: path("home"), XDG_CACHE_HOME: path("cache"), TERM: "xterm-256color" };
  return runCli(["play", ...args], { terminal: seat.path, env });
}

describe.each([
  ["a recording that is read", async () => counting()],
  ["a recording that is entered by its index", indexed],
] as const)("playing %s at a terminal", (_name, file) => {
  it.each([
    [["--start-at", "50%"], "number 5"],
    [["--start-at", "3.5"], "number 3"],
    [["--at-marker", "late"], "number 9"],
    [["--at-marker", "1"], "number 9"],
    [["--search", "r 7"], "number 7"],
    [["--start-at", "2", "--loop", "--pause-on-markers", "--resize"], "number 2"],
  ] as const)("begins where it is told to: %j", async (args, row) => {
    const seat = await openSeat();
    const over = play(seat, ...args, "-s", "0.01", "-i", "5", await file());
    await seat.shows(new RegExp(row));
    seat.type("q");
    expect(await over).toMatchObject({ status: 0, stderr: "" });
    await seat.shows("::: Playback interrupted");
    expect(seat.screen.alternate).toBe(false);
  });

  it("ends by itself where it is told to, and says nothing more where it is to be quiet", async () => {
    const seat = await openSeat();
    expect(await play(seat, "-s", "1000", "--end-at", "45%", await file())).toMatchObject({ status: 0 });
    await seat.shows("::: Playback ended");
    expect(seat.rows.join("\n")).toContain("number 4");
    expect(seat.rows.join("\n")).not.toContain("number 5");
    const quiet = await openSeat();
    expect(await play(quiet, "-q", "-s", "1000", await file())).toMatchObject({ status: 0 });
    await quiet.shows("number 9 the end");
    expect(quiet.rows.join("\n")).not.toContain(":::");
  });

  it("stays at its end where a key was pressed, and says that it ended when it is left there", async () => {
    const seat = await openSeat();
    const over = play(seat, "-s", "0.01", await file());
    await seat.shows(/number 0/);
    seat.type("\x1b[F");
    await seat.shows(/the end/);
    await seat.shows(/^■/);
    seat.type("q");
    expect((await over).status).toBe(0);
    await seat.shows("::: Playback ended");
  });

  it("refuses markers that are not there, and patterns that are none", async () => {
    const seat = await openSeat();
    for (const [args, message] of [
      [["--at-marker", "nowhere"], "no such marker"],
      [["--at-marker", "2"], "no such marker"],
      [["--search", "\\v("], "not a regular expression"],
    ] as const) {
      const { status, stderr } = await play(seat, ...args, await file());
      expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  it("ends when the terminal goes away", async () => {
    const seat = await openSeat();
    const over = play(seat, "-s", "0.01", await file());
    await seat.shows(/number 0/);
    seat.hangUp();
    expect((await over).status).toBe(129);
  });
});

describe("playing what is damaged, followed or piped, at a terminal", () => {
  it("tells of damage when the terminal was given back", async () => {
    const seat = await openSeat();
    const over = play(seat, "-s", "1000", counting("[11, broken\n"));
    const { status, stderr } = await over;
    expect([status, stderr]).toEqual([1, expect.stringContaining("t2a: ")]);
    await seat.shows(/number 9 the end/);
    expect(seat.screen.alternate).toBe(false);
  });

  it("begins behind all that a recording under way has, or at its start where that is asked for", async () => {
    for (const [args, row] of [
      [["--follow"], /the end/],
      [["--follow", "--from-start", "-s", "0.01"], /number 0/],
    ] as const) {
      const seat = await openSeat();
      const over = play(seat, ...args, counting());
      await seat.shows(row);
      seat.type("q");
      expect((await over).status).toBe(0);
    }
  });

  it("plays bare, with its keys", async () => {
    const seat = await openSeat();
    const over = play(seat, "--bare", "-s", "0.01", counting());
    await seat.shows(/number 0/);
    seat.type(" .");
    await seat.shows(/number 1/);
    seat.type("\x03");
    expect((await over).status).toBe(0);
  });
});

describe("recording at a terminal", () => {
  it("shows what the command prints, gives it what is typed, and says where the recording is", async () => {
    const seat = await openSeat({ cols: 70, rows: 20 });
    const file = path("typed.cast");
    const over = runCli(["record", "-I", "-c", "echo ready; read word; echo got $word; stty size", file], {
      terminal: seat.path,
      env: { HOME: path("home"), TERM: "xterm-256color", SHELL: "/bin/sh" },
    });
    await seat.shows("ready");
    seat.type("hello\r");
    expect((await over).status).toBe(0);
    await seat.shows("got hello");
    await seat.shows("20 70");
    const { stdout } = await runCli(["info", "--json", file]);
    expect(JSON.parse(stdout)).toMatchObject({ cols: 70, rows: 20 });
  });

  it("pauses and sets markers by its keys, and keeps the size that was asked for", async () => {
    const seat = await openSeat();
    const file = path("keys.cast");
    const script = "stty -echo; echo ready; while read -r word; do echo got $word; done";
    const over = runCli(["record", "--window-size", "60x15", "-c", script, file], {
      terminal: seat.path,
      env: { HOME: path("home"), TERM: "xterm-256color", SHELL: "/bin/sh" },
    });
    await seat.shows("ready");
    seat.type("one\r");
    await seat.shows("got one");
    seat.type("\x1c");
    await seat.shows(/Recording paused/);
    seat.type("two\r");
    await seat.shows("got two");
    seat.type("\x1c");
    await seat.shows(/Recording goes on/);
    seat.type("three\r");
    await seat.shows("got three");
    seat.type("\x04");
    expect((await over).status).toBe(0);
    const { stdout } = await runCli(["convert", "-q", "-f", "txt", file, "-"]);
    expect(stdout).toContain("got one");
    expect(stdout).toContain("got three");
    expect(JSON.parse((await runCli(["info", "--json", file])).stdout)).toMatchObject({ cols: 60, rows: 15 });
  });
});
