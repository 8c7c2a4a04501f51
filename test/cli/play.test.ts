// t2a play: into a stream in process, and on a real terminal in a process of its own.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../src/cli/main.js";
import { pollUntil } from "../support/poll-until.js";
import { PtyDriver } from "../support/pty-driver.js";
import { PROGRAMS } from "../support/run-cli.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const HEADER = '{"version":2,"width":30,"height":8}';

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "t2a-play-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an asciicast v2 of these events. */
function cast(name: string, events: readonly (readonly [number, string, string])[], rest = ""): string {
  const path = join(folder, name);
  writeFileSync(path, `${[HEADER, ...events.map((event) => JSON.stringify(event))].join("\n")}\n${rest}`);
  return path;
}

class Sink extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("latin1");
    done();
  }
}

/** Runs t2a in process, its standard output no terminal. */
async function run(
  args: readonly string[],
  stdin: Readable = Readable.from([]),
  settings: Record<string, string> = {},
) {
  const stdout = new Sink();
  const stderr = new Sink();
  const env = { HOME: folder, XDG_CONFIG_DIRS: folder, ...settings };
  const status = await main(["play", ...args], { stdin, stdout, stderr, env, version: "0", programs: PROGRAMS });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

describe("t2a play without a terminal", () => {
  it("writes the recorded output as it is, and its own lines beside it", async () => {
    const file = cast("plain.cast", [
      [0, "o", "a\u001b]52;c;aGk=\u0007"],
      [0.01, "i", "typed"],
      [0.02, "o", "b\r\n"],
    ]);
    const { status, stdout, stderr } = await run([file]);
    expect(stdout).toBe("a\x1b]52;c;aGk=\x07b\r\n");
    expect(stderr).toBe(`::: Replaying session from ${file}\n::: Playback ended\n`);
    expect(status).toBe(0);
  });

  it("says nothing of its own when quiet", async () => {
    expect(await run(["-q", cast("quiet.cast", [[0, "o", "a"]])])).toEqual({ status: 0, stdout: "a", stderr: "" });
  });

  it("keeps the recording's time: speed and idle time limit are obeyed", async () => {
    const file = cast("slow.cast", [
      [0, "o", "a"],
      [3600, "o", "b"],
      [3660, "o", "c"],
    ]);
    const begun = performance.now();
    expect((await run(["-s", "10", "-i", "0.5", file])).stdout).toBe("abc");
    expect(performance.now() - begun).toBeGreaterThanOrEqual(100);
  });

  it("takes the limit of the header where none is given, and that of the settings before it", async () => {
    const file = join(folder, "limit.cast");
    writeFileSync(file, `${HEADER.replace("}", ',"idle_time_limit":0.01}')}\n[3600,"o","a"]\n`);
    expect((await run([file])).stdout).toBe("a");
  });

  it("refuses a speed out of range from the settings, too", async () => {
    const file = cast("fine.cast", [[0, "o", "a"]]);
    const { status, stdout, stderr } = await run([file], undefined, { T2A_PLAY_SPEED: "5000" });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("T2A_PLAY_SPEED");
  });

  it("does not wait at markers that nobody could play on from", async () => {
    const file = cast("marked.cast", [
      [0, "o", "a"],
      [0, "m", "here"],
      [0, "o", "b"],
    ]);
    expect((await run(["-m", file])).stdout).toBe("ab");
  });

  it("begins with the screen as it was where it is told to begin, and ends where it is told to end", async () => {
    const file = cast("long.cast", [
      [0, "o", "one\r\n"],
      [1, "o", "two\r\n"],
      [1.01, "o", "three\r\n"],
      [1000, "o", "four"],
    ]);
    const { stdout, status } = await run(["-q", "--start-at", "1", "--end-at", "50%", file]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/one.*two\r\nthree\r\n$/s);
    expect((await run(["--start-at", "1%", "-"])).stderr).toContain("standard input cannot be read twice");
  });

  it.each([
    [["--at-marker", "x"], "need a terminal"],
    [["--search", "x"], "need a terminal"],
    [["--at-marker", "x", "--start-at", "1"], "cannot both be meant"],
    [["--loop", "--follow"], "cannot both be meant"],
    [["--from-start"], "goes with --follow"],
    [["--follow", "--at-marker", "x"], "cannot both be meant"],
    [["--follow", "--start-at", "1"], "goes with --follow --from-start"],
    [["--follow", "--from-start", "--start-at", "50%"], "no length yet"],
    [["--follow", "--end-at", "50%"], "no length yet"],
  ])("refuses %j", async (args, message) => {
    const { status, stderr } = await run([...args, cast("plain.cast", [[0, "o", "a"]])]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it("plays from standard input", async () => {
    const stdin = Readable.from([Buffer.from(`${HEADER}\n[0,"o","a"]\n`)]);
    const { status, stdout, stderr } = await run(["-"], stdin);
    expect([status, stdout]).toEqual([0, "a"]);
    expect(stderr).toContain("Replaying session from -\n");
  });

  it("plays all good events of a damaged recording, then names the damage's offset, status 1", async () => {
    const file = cast("damaged.cast", [[0, "o", "good"]], '[0.1,"o","cut');
    const { status, stdout, stderr } = await run([file]);
    expect([status, stdout]).toEqual([1, "good"]);
    const offset = readFileSync(file).indexOf('[0.1,"o","cut');
    expect(stderr.split("\n").filter((line) => line.startsWith("t2a: "))).toEqual([
      expect.stringContaining(`at byte ${offset}`),
    ]);
    const recovered = await run(["--recover", file]);
    expect([recovered.status, recovered.stdout]).toEqual([0, "good"]);
    expect(recovered.stderr).toContain("!!! ");
  });

  it.each([
    [["-s", "0", "x"], "not a speed"],
    [["-s", "fast", "x"], "not a speed"],
    [["-i", "10%", "x"], "not a duration"],
    [["-l", "-"], "--loop needs a file"],
    [["--nonsense", "x"], "unknown option"],
    [[], "missing required argument"],
  ])("refuses %j with status 2", async (args, message) => {
    const { status, stderr, stdout } = await run(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  it("names a file that is not there before it says anything else", async () => {
    const { status, stderr } = await run([join(folder, "nowhere.cast")]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^t2a: cannot read .*nowhere\.cast: no such file/);
  });

  it("never writes a file's name raw", async () => {
    const file = cast("evil\u001b]0;x\u0007.cast", [[0, "o", "a"]]);
    expect((await run([file])).stderr).not.toContain("\x1b");
  });

  it("ends quietly with status 0 when the reader has seen enough", () => {
    const file = cast("endless.cast", [[0, "o", "0123456789\n"]]);
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["-o", "pipefail", "-c", '"$0" "$1" play -l "$2" | head -n 1', process.execPath, T2A, file],
      { encoding: "utf8" },
    );
    expect([status, stdout]).toEqual([0, "0123456789\n"]);
    expect(stderr).toBe(`::: Replaying session from ${file}\n`);
  });

  it("ends with 128 + number when a signal ends it", async () => {
    const file = cast("sleeping.cast", [
      [0, "o", "a"],
      [3600, "o", "b"],
    ]);
    const child = spawn(process.execPath, [T2A, "play", file], { stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
    });
    child.stdout.once("data", () => child.kill("SIGTERM"));
    const status = await new Promise((resolve) => child.once("close", resolve));
    expect(status).toBe(143);
    expect(stderr).toContain("::: Playback interrupted");
  });
});

describe("t2a play URL", () => {
  let server: Server;
  let base = "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/demo.cast") response.end(`${HEADER}\n[0,"o","from afar"]\n`);
      else response.writeHead(404).end("no");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  it("plays what the server gives", async () => {
    const { status, stdout } = await run([`${base}/demo.cast`]);
    expect([status, stdout]).toEqual([0, "from afar"]);
  });

  it("says clearly what the server answered otherwise", async () => {
    const { status, stderr } = await run([`${base}/other.cast`]);
    expect(status).toBe(1);
    expect(stderr).toContain("404");
  });
});

describe("t2a play --bare on a terminal", () => {
  const drivers: PtyDriver[] = [];
  afterEach(() => {
    for (const driver of drivers.splice(0)) driver.close();
  });

  function terminal(command: string, args: readonly string[], size: { cols?: number; rows?: number } = {}): PtyDriver {
    const env = { ...process.env, HOME: folder };
    const driver = new PtyDriver(command, args, { ...size, env });
    drivers.push(driver);
    return driver;
  }

  function play(...args: readonly string[]): PtyDriver {
    return terminal(process.execPath, [T2A, "play", "--bare", ...args]);
  }

  /** A recording that takes over the screen and then waits for an hour. */
  const DIRTY = "\u001b[?1049h\u001b[?25l\u001b[2;4r\u001b[?1000h\u001b[31mdirty";
  const waiting = () =>
    cast("waiting.cast", [
      [0, "o", DIRTY],
      [3600, "o", "never"],
    ]);
  const CLEANED = ["\x1b[?1049l", "\x1b[?25h", "\x1b[0m", "\x1b[r"];

  function expectCleaned(driver: PtyDriver): void {
    const closing = driver.text.slice(driver.text.lastIndexOf("dirty"));
    for (const sequence of CLEANED) expect(closing).toContain(sequence);
    expect(driver.text).not.toContain("1000h");
  }

  it("plays through the filter, between asciinema's lines", async () => {
    const file = cast("filtered.cast", [
      [0, "o", "one\u001b]52;c;aGk=\u0007 \u001b]0;title\u0007"],
      [0.05, "o", "\u001b[6n\u001b[31mtwo\u001b[0m\r\n"],
    ]);
    const driver = play(file);
    expect((await driver.ends()).status).toBe(0);
    expect(driver.text).toBe(
      `::: Replaying session from ${file}\r\none \x1b[31mtwo\x1b[0m\r\n\x1b[0m::: Playback ended\r\n`,
    );
  });

  it("ends by ctrl-c with status 0, the terminal clean", async () => {
    const driver = play(waiting());
    await driver.sees("dirty");
    driver.type("\x03");
    expect((await driver.ends()).status).toBe(0);
    expectCleaned(driver);
    expect(driver.text.endsWith("\r\n::: Playback interrupted\r\n")).toBe(true);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
  ] as const)("leaves the terminal clean on %s", async (signal, status) => {
    const driver = play(waiting());
    await driver.sees("dirty");
    process.kill(driver.pty.pid, signal);
    expect((await driver.ends()).status).toBe(status);
    expectCleaned(driver);
  });

  it("leaves the terminal clean before it tells of damage", async () => {
    const driver = play(cast("dirty-damage.cast", [[0, "o", DIRTY]], "[1, broken"));
    expect((await driver.ends()).status).toBe(1);
    expectCleaned(driver);
    expect(driver.text).toMatch(/t2a: [^\n]*at byte \d+[^\n]*\r\n$/);
    expect(driver.text.lastIndexOf("t2a: ")).toBeGreaterThan(driver.text.lastIndexOf("\x1b[?1049l"));
  });

  it("gives the terminal's modes back as they were", async () => {
    // Waits for a line first: the terminal's own side has set its modes when it types.
    const script = 'read _; stty -g; "$0" "$1" play --bare "$2"; stty -g';
    const driver = terminal("sh", ["-c", script, process.execPath, T2A, waiting()]);
    driver.type("\n");
    await driver.sees("dirty");
    expect(driver.pty.flags()).toEqual({ echo: false, icanon: false });
    driver.type("\x03");
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

  it("pauses, steps, jumps to markers and plays on by its keys", async () => {
    const driver = play(
      cast("keys.cast", [
        [0, "o", "one "],
        [3600, "o", "two "],
        [3601, "o", "three "],
        [3602, "m", "here"],
        [7200, "o", "four "],
        [7200.01, "o", "five"],
      ]),
    );
    await driver.sees("one ");
    driver.type(" .");
    await driver.sees("two ");
    driver.type("x\x1b[C]");
    await driver.sees("three ");
    expect(driver.text).not.toContain("four");
    driver.type(".");
    await driver.sees("four ");
    driver.type(" ");
    expect((await driver.ends()).status).toBe(0);
    expect(driver.text).toContain("one two three four five\r\n::: Playback ended");
  });

  it("pauses on markers when asked to", async () => {
    const driver = play(
      "-m",
      cast("marks.cast", [
        [0, "o", "one "],
        [0, "m", ""],
        [0.01, "o", "two "],
      ]),
    );
    await driver.sees("one ");
    // Nothing on the screen tells that the marker, which comes right behind, has been reached.
    await pollUntil("going on at a key", () => {
      driver.type("]");
      return driver.text.includes("one two ");
    });
    expect((await driver.ends()).status).toBe(0);
  });

  it("asks the terminal for the recording's sizes when told to", async () => {
    const driver = play(
      "-r",
      cast("sizes.cast", [
        [0, "o", "a"],
        [0.01, "r", "40x12"],
        [0.02, "o", "b\r\n"],
      ]),
    );
    await driver.ends();
    expect(driver.text).toContain("\x1b[8;8;30ta\x1b[8;12;40tb\r\n");
  });

  it("takes its keys from the terminal while the recording comes from standard input", async () => {
    const driver = terminal("sh", ["-c", 'cat "$2" | "$0" "$1" play --bare -', process.execPath, T2A, waiting()]);
    await driver.sees("dirty");
    driver.type("\x03");
    expect((await driver.ends()).status).toBe(0);
    expectCleaned(driver);
    expect(driver.text).toContain("::: Replaying session from -");
  });

  it("ends by ctrl-c while it waits for more of a recording that is still being written", async () => {
    const script =
      '{ printf "%s\\n[0,\\"o\\",\\"begun\\"]\\n" "$2"; head -c 70000 /dev/zero | tr "\\0" " "; sleep 3600; }';
    const driver = terminal("bash", [
      "-c",
      `${script} | "$0" "$1" play --bare -; kill %1`,
      process.execPath,
      T2A,
      HEADER,
    ]);
    await driver.sees("begun");
    driver.type("\x03");
    await driver.sees("::: Playback interrupted");
  });

  it("answers ctrl-c within a burst: what still comes is what the system holds", async () => {
    const path = join(folder, "burst.raw");
    writeFileSync(path, Buffer.alloc(60_000_000, "0123456789abcdef\n"));
    const driver = play(path);
    await driver.sees("0123456789abcdef");
    await pollUntil("a burst", () => driver.bytes.length > 1_000_000);
    const atKey = driver.bytes.length;
    driver.type("\x03");
    expect((await driver.ends()).status).toBe(0);
    expect(driver.bytes.length - atKey).toBeLessThan(300_000);
    expect(driver.text).toContain("::: Playback interrupted");
  });

  it("ends on SIGTERM though the terminal takes nothing any more", async () => {
    const path = join(folder, "stalled.raw");
    writeFileSync(path, Buffer.alloc(10_000_000, "0123456789abcdef\n"));
    const driver = play(path);
    await driver.sees("0123456789abcdef");
    driver.pty.pause();
    const { pid } = driver.pty;
    await pollUntil("a full terminal", () => stateOf(pid) === "S");
    process.kill(pid, "SIGTERM");
    await pollUntil("the player's end", () => stateOf(pid) === "Z" || !isAlive(pid));
  });

  it("plays on a terminal far smaller than the recording", async () => {
    const file = cast("large.cast", [
      [0, "o", "\u001b[?1049h\u001b[40;100Hfar\u001b[1;1Hnear"],
      [0.01, "o", "\u001b[?1049l"],
    ]);
    const driver = terminal(process.execPath, [T2A, "play", "--bare", file], { cols: 20, rows: 5 });
    expect((await driver.ends()).status).toBe(0);
    expect(driver.text).toContain("::: Playback ended");
  });

  it("filters where the terminal is not its own, and needs no keys there", async () => {
    const file = cast("foreign.cast", [[0, "o", "a\u001b]52;c;aGk=\u0007\u001b[31mb\r\n"]]);
    const driver = terminal("setsid", ["-w", process.execPath, T2A, "play", "-m", file]);
    expect((await driver.ends()).status).toBe(0);
    expect(driver.text).toMatch(/\na\x1b\[31mb\r+\n\x1b\[0m/); // the terminal is not raw: it adds a CR
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

/** The kernel's letter for what a process is doing. */
function stateOf(pid: number): string | undefined {
  try {
    return /\) (.) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}
