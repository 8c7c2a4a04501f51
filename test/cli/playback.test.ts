// t2a play on a real terminal: what a user sees and presses, and that the terminal is given back whatever happens.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Screen } from "../../src/terminal/index.js";
import { pollUntil } from "../support/poll-until.js";
import { PtyDriver } from "../support/pty-driver.js";
import { runCli } from "../support/run-cli.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const HEADER = '{"version":2,"width":30,"height":8}';

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "t2a-playback-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const drivers: PtyDriver[] = [];
afterEach(() => {
  for (const driver of drivers.splice(0)) driver.close();
});

type Line = readonly [number, string, string];

function cast(name: string, events: readonly Line[], rest = ""): string {
  const path = join(folder, name);
  writeFileSync(path, `${[HEADER, ...events.map((event) => JSON.stringify(event))].join("\n")}\n${rest}`);
  return path;
}

function terminal(command: string, args: readonly string[], size: { cols?: number; rows?: number } = {}): PtyDriver {
  const env = { ...process.env, HOME: folder, XDG_CACHE_HOME: join(folder, "cache"), TERM: "xterm-256color" };
  const driver = new PtyDriver(command, args, { ...size, env });
  drivers.push(driver);
  return driver;
}

const play = (...args: readonly string[]) => terminal(process.execPath, [T2A, "play", ...args]);

/** A recorder of a command, on a terminal of its own. */
const record = (path: string, command: string) =>
  terminal(process.execPath, [T2A, "record", "-q", "--finalize", "wait", "-c", command, path]);

/** What the terminal shows by now. */
function screenOf(driver: PtyDriver, size = { cols: 80, rows: 24 }): readonly string[] {
  const screen = new Screen(size);
  screen.feed(driver.bytes);
  const rows = screen.text();
  screen.dispose();
  return rows;
}

async function shows(driver: PtyDriver, text: string): Promise<void> {
  await pollUntil(`"${text}" on the screen: ${screenOf(driver).join("|")}`, () =>
    screenOf(driver).join("\n").includes(text),
  );
}

/** Ten seconds of lines, one a second, and a marker. */
const counting = () =>
  cast("counting.cast", [
    ...Array.from({ length: 10 }, (_, at): Line => [at, "o", `${at === 0 ? "" : "\r\n"}number ${at}`]),
    [9.5, "m", "late"],
    [10, "o", " the end"],
  ]);
/** Takes over the screen and then waits for an hour. */
const waiting = () =>
  cast("waiting.cast", [
    [0, "o", "\u001b[?1049h\u001b[?25l\u001b[?1000h\u001b[31mdirty"],
    [3600, "o", "never"],
  ]);

/** The alternate screen left, the cursor shown, wrapping on, the mouse and pasting off. */
const GIVEN_BACK = ["\x1b[?1049l", "\x1b[?25h", "\x1b[?7h", "\x1b[?1002l", "\x1b[?1006l", "\x1b[?2004l"];

function expectGivenBack(driver: PtyDriver): void {
  const closing = driver.text.slice(driver.text.lastIndexOf("?2026h"));
  for (const sequence of GIVEN_BACK) expect(driver.text.slice(-3000), closing).toContain(sequence);
  expect(driver.text).not.toContain("?1000h"); // the recording's own never came through
}

describe("t2a play on a terminal", () => {
  it("ends by itself where no key was pressed, and leaves the last screen behind", async () => {
    const driver = play("-s", "1000", counting());
    expect((await driver.ends()).status).toBe(0);
    expectGivenBack(driver);
    const rows = screenOf(driver);
    expect(rows.slice(0, 9).map((row) => row.trim())).toEqual([
      ...Array.from({ length: 7 }, (_, at) => `number ${at + 2}`),
      "number 9 the end",
      "::: Playback ended",
    ]);
  });

  it("stays at its end once a key was pressed, and goes on from there", async () => {
    const driver = play(counting());
    await shows(driver, "number 0");
    driver.type("9 ");
    await shows(driver, "number 9");
    driver.type("\x1b[F");
    await shows(driver, "the end");
    driver.type("0");
    await pollUntil("the start", () => !screenOf(driver).join("\n").includes("number 1"));
    driver.type("]");
    await shows(driver, "0:09.5");
    driver.type("q");
    expect((await driver.ends()).status).toBe(0);
    expect(screenOf(driver).join("\n")).toContain("::: Playback interrupted");
  });

  it("says that it has ended where it is quit at its end", async () => {
    const driver = play(counting());
    await shows(driver, "number 0");
    driver.type("\x1b[F");
    await shows(driver, "■ ");
    driver.type("q");
    expect((await driver.ends()).status).toBe(0);
    expect(screenOf(driver).join("\n")).toContain("::: Playback ended");
  });

  it("gives the terminal to the shell for ctrl-z, and goes on with fg", async () => {
    const driver = terminal("bash", ["--norc", "--noprofile", "-i"]);
    driver.type("PS1='$ '; stty -g\n");
    driver.type(`'${process.execPath}' '${T2A}' play '${counting()}'\n`);
    await shows(driver, "number 0");
    driver.type(" ");
    await shows(driver, "‖ ");
    driver.type("\x1a");
    await shows(driver, "Stopped");
    expectGivenBack(driver);
    driver.type("fg\n");
    await shows(driver, "‖ ");
    driver.type("q");
    await shows(driver, "::: Playback interrupted");
    driver.type("exit\n");
    await driver.ends();
  });

  it("plays on a dumb terminal without drawing", async () => {
    const driver = terminal("sh", [
      "-c",
      'TERM=dumb exec "$@"',
      "sh",
      process.execPath,
      T2A,
      "play",
      "-s",
      "1000",
      counting(),
    ]);
    expect((await driver.ends()).status).toBe(0);
    expect(driver.text).toContain("::: Replaying session from");
    expect(driver.text).not.toContain("\x1b[?1049h");
  });

  it("opens where it is told to: at a time, a marker by label or number, a text", async () => {
    const file = counting();
    for (const [args, seen] of [
      [["--start-at", "50%", "-s", "0.01"], "number 5"],
      [["--at-marker", "late", "-s", "0.01"], "number 9"],
      [["--at-marker", "1", "-s", "0.01"], "number 9"],
      [["--search", "R 7"], "0:00"],
      [["--search", "r 7"], "number 7"],
    ] as const) {
      const driver = play(...args, file);
      await shows(driver, seen);
      driver.type("q");
      expect((await driver.ends()).status).toBe(0);
    }
  });

  it("ends where it is told to", async () => {
    const driver = play("-s", "1000", "--end-at", "4.5", counting());
    expect((await driver.ends()).status).toBe(0);
    expect(screenOf(driver).join("\n")).not.toContain("number 5");
  });

  it("refuses markers that are not there and patterns that are none, the terminal untouched", async () => {
    for (const [args, message] of [
      [["--at-marker", "nowhere"], "no such marker"],
      [["--search", "\\v("], "not a regular expression"],
    ] as const) {
      const driver = play(...args, counting());
      expect((await driver.ends()).status).toBe(2);
      expect(driver.text).toMatch(new RegExp(`^t2a: [^\\n]*${message}[^\\n]*\\r\\n$`));
    }
  });

  it("plays a .t2r by its index, and standard input with the terminal's keys, back and forward", async () => {
    const t2r = join(folder, "counting.t2r");
    expect((await runCli(["convert", "-q", "--overwrite", counting(), t2r])).status).toBe(0);
    const byIndex = play(t2r);
    const piped = terminal("sh", ["-c", 'cat "$2" | "$0" "$1" play -', process.execPath, T2A, counting()]);
    for (const driver of [byIndex, piped]) {
      await shows(driver, "number 0");
      driver.type("8 ");
      await shows(driver, "number 8");
      driver.type("2");
      await pollUntil("back", () => !screenOf(driver).join("\n").includes("number 3"));
      driver.type("/number 6\r");
      await shows(driver, "number 6");
      driver.type("\x03");
      expect((await driver.ends()).status).toBe(0);
    }
  });

  it("can be left whatever it waits for: standard input and pipes that say nothing more", async () => {
    const stalls = '(head -n 4 "$2"; echo ready >&2; exec sleep 600 2>&1 >&3) 3>&1';
    const shell = (script: string) => terminal("bash", ["-c", script, process.execPath, T2A, counting(), folder]);
    const input = 'mkfifo "$3/$$"; ';
    for (const start of [
      `exec "$0" "$1" play - < <(${stalls})`,
      `${input}(${stalls}) > "$3/$$" & exec "$0" "$1" play "$3/$$"`,
    ]) {
      for (const keys of ["", "g1:00\r", "\x1b[F", " ....", "/nothing\r", "?nothing\r"]) {
        const driver = shell(start);
        await shows(driver, "number 0");
        driver.type(`${keys}q`);
        expect([keys, (await driver.ends()).status]).toEqual([keys, 0]);
        expectGivenBack(driver);
      }
    }
  });

  it("plays a pipe by its name, and goes back in it", async () => {
    const script = 'mkfifo "$3/pipe"; cat "$2" > "$3/pipe" & exec "$0" "$1" play "$3/pipe"';
    const driver = terminal("bash", ["-c", script, process.execPath, T2A, counting(), folder]);
    await shows(driver, "number 0");
    driver.type("8 ");
    await shows(driver, "number 8");
    driver.type("?r 5\r");
    await pollUntil("the hit", () => !screenOf(driver).join("\n").includes("number 6"));
    driver.type("0");
    await pollUntil("the start", () => !screenOf(driver).join("\n").includes("number 1"));
    driver.type("q");
    expect((await driver.ends()).status).toBe(0);
  });

  it("plays a followed recording from its start in its time, where that is asked for", async () => {
    const driver = play("--follow", "--from-start", waiting());
    await driver.sees("dirty");
    await shows(driver, "0:01");
    driver.type("q");
    expect((await driver.ends()).status).toBe(0);
    expect(driver.text).not.toContain("never");
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
  ] as const)("gives the terminal back on %s", async (signal, status) => {
    const driver = play(waiting());
    await driver.sees("dirty");
    process.kill(driver.pty.pid, signal);
    expect((await driver.ends()).status).toBe(status);
    expectGivenBack(driver);
  });

  it("tells of damage on a terminal that was given back, status 1; before, all good events can be looked at", async () => {
    const file = cast("damaged.cast", [[0, "o", "good"]], "[1, broken");
    const alone = play(file);
    expect((await alone.ends()).status).toBe(1);
    expectGivenBack(alone);
    expect(alone.text).toMatch(/t2a: [^\n]*at byte \d+[^\n]*\r\n$/);
    const touched = play(file);
    touched.type("\x1b[F");
    await shows(touched, "at byte");
    expect(screenOf(touched)[0]).toMatch(/^good +│$/);
    touched.type("q");
    expect((await touched.ends()).status).toBe(1);
  });

  it("gives the terminal's modes back as they were", async () => {
    // Waits for a line first: the terminal's own side has set its modes when it types.
    const script = 'read _; stty -g; "$0" "$1" play "$2"; stty -g';
    const driver = terminal("sh", ["-c", script, process.execPath, T2A, waiting()]);
    driver.type("\n");
    await driver.sees("dirty");
    expect(driver.pty.flags()).toEqual({ echo: false, icanon: false });
    driver.type("q");
    await driver.ends();
    const [before, after] = driver.text.match(/[0-9a-f]+(?::[0-9a-f]+){10,}/g) ?? [];
    expect(before).toBeDefined();
    expect(after).toBe(before);
  });

  it("ends when the terminal goes away", async () => {
    const driver = play(waiting());
    await driver.sees("dirty");
    const { pid } = driver.pty;
    driver.pty.close();
    await pollUntil("the player's end", () => !isAlive(pid));
  });

  it("answers q within a burst", async () => {
    const path = join(folder, "burst.raw");
    writeFileSync(path, Buffer.alloc(60_000_000, "0123456789abcdef\n"));
    const driver = play(path);
    await driver.sees("0123456789abcdef");
    driver.type("q");
    expect((await driver.ends()).status).toBe(0);
  });

  it("ends on SIGTERM though the terminal takes nothing any more", async () => {
    const driver = play("-l", "-s", "1000", counting());
    await driver.sees("number");
    driver.pty.pause();
    process.kill(driver.pty.pid, "SIGTERM");
    await pollUntil("the player's end", () => !isAlive(driver.pty.pid) || driver.exit !== undefined);
  });

  it("plays on a terminal far smaller than the recording", async () => {
    const file = cast("large.cast", [[0, "o", "\u001b[?1049h\u001b[1;1Hnear\u001b[8;27Hfar"]]);
    const driver = terminal(process.execPath, [T2A, "play", file], { cols: 10, rows: 4 });
    driver.type(" ");
    await pollUntil("the part around the cursor", () =>
      screenOf(driver, { cols: 10, rows: 4 }).join("\n").includes("far"),
    );
    driver.type("q");
    expect((await driver.ends()).status).toBe(0);
  });

  it("can be quit while it searches what is still being recorded", async () => {
    const path = join(folder, "searched.t2r");
    const recorder = record(path, "echo here; read -r _");
    await recorder.sees("here");
    const follower = play("--follow", path);
    await shows(follower, "here");
    follower.type("/nowhere");
    await shows(follower, "/nowhere  searching");
    follower.type("\r");
    await shows(follower, "‖");
    follower.type("q");
    expect((await follower.ends()).status).toBe(0);
    recorder.type("\n");
    expect((await recorder.ends()).status).toBe(0);
  });

  it("lists the commands of shells that mark them, and goes from one to another", async () => {
    const osc = (mark: string) => `\u001b]133;${mark}\u0007`;
    const command = (at: number, line: string, printed: string, status: number): Line[] => [
      [at, "o", `${osc("A")}$ ${osc("B")}`],
      [at + 1, "o", line],
      [at + 2, "o", `\r\n${osc("C")}`],
      [at + 2, "o", `${printed}\r\n`],
      [at + 5, "o", osc(`D;${status}`)],
    ];
    const file = cast("commands.cast", [
      ...command(0, "true", "fine", 0),
      ...command(10, "make \u001b[31mit\u001b[0m", "it broke", 2),
      ...command(20, "last", "done", 0),
    ]);
    for (const pipe of [false, true]) {
      const piped = ["-c", `cat "$2" | "$0" "$1" play -`, process.execPath, T2A, file];
      const driver = pipe ? terminal("sh", piped) : play(file);
      await shows(driver, "$ true");
      driver.type(" ");
      await shows(driver, "‖ ");
      driver.type("c");
      await shows(driver, "× 2       make it");
      driver.type("/mak");
      await shows(driver, "Commands 1/1 /mak");
      driver.type("\r\r");
      await shows(driver, "‖ 0:12.0");
      driver.type("(");
      await shows(driver, "‖ 0:02.0");
      driver.type("x");
      await shows(driver, "‖ 0:12.0");
      expect(screenOf(driver).join("\n")).toMatch(/\$ make it *│\n/);
      expect(screenOf(driver).join("\n")).not.toContain("it broke");
      driver.type("))");
      await shows(driver, "no later command");
      driver.type("q");
      expect((await driver.ends()).status).toBe(0);
      expectGivenBack(driver);
    }
  });

  it("follows what is being recorded, and can go back in it", async () => {
    const path = join(folder, "live.t2r");
    const recorder = record(path, 'while read -r line; do echo "told: $line"; done');
    recorder.type("early\n");
    await recorder.sees("told: early");
    const follower = play("--follow", path);
    await shows(follower, "told: early");
    recorder.type("later\n");
    await shows(follower, "told: later");
    follower.type("0 ");
    await pollUntil("the start", () => !screenOf(follower).join("\n").includes("early"));
    recorder.type("last\n");
    await recorder.sees("told: last");
    follower.type("\x1b[F ");
    await shows(follower, "told: last");
    recorder.type("\x04");
    expect((await recorder.ends()).status).toBe(0);
    follower.type("q");
    expect((await follower.ends()).status).toBe(0);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
