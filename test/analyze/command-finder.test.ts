// Commands out of events: what shells mark, and what they leave out.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandLog, MAX_COMMAND_UNITS } from "../../src/analyze/command-log.js";
import { CommandFinder, MAX_COMMANDS } from "../../src/analyze/index.js";
import { ShellStack } from "../../src/analyze/shell-stack.js";
import type { Event, Recording } from "../../src/core/index.js";
import { chunked, hostileBytes } from "../terminal/streams.js";
import { brief, commandsIn, output, SHELL } from "./sessions.js";

const { A, B, C, D, osc, cycle } = SHELL;
const E = (line: string) => osc(`633;E;${line}`);

describe("a command", () => {
  it("has line, folder, times, status and output", () => {
    const events: Event[] = [
      output(1e9, `${osc("7;file://host/home/me")}${A}$ ${B}`),
      { kind: "input", time: 2e9, data: Buffer.from("x") },
      output(3e9, `make all\r\n${C}`),
      output(4e9, "gcc"),
      { kind: "marker", time: 5e9, label: "" },
      output(6e9, `error\r\n${D(2)}${A}$ ${B}`),
    ];
    expect(commandsIn(events)).toEqual([
      {
        line: "make all",
        cwd: "/home/me",
        user: undefined,
        host: "host",
        start: 3e9,
        startEvents: 3,
        duration: 3e9,
        exitStatus: 2,
        signal: undefined,
        outputBytes: 10,
        outputLines: 1,
        output: { firstEvent: 3, lastEvent: 5, startByte: 60, endByte: 70 },
        timeToFirstOutput: 1e9,
        source: "marks",
        trusted: false,
        depth: 0,
      },
    ]);
  });

  it("names the signal of a status above 128", () => {
    const signals = [130, 137, 143, 255, 1].map((status) => commandsIn([output(0, cycle("x", "", status))])[0]?.signal);
    expect(signals).toEqual(["SIGINT", "SIGKILL", "SIGTERM", undefined, undefined]);
  });

  it("prints no less than nothing, whoever says that it ended", () => {
    const blanks = `x${" ".repeat(12)}\r \r`;
    const others = "\x1b]633;D;0;aid=2\x07".repeat(5);
    const [found] = commandsIn([output(0, `\x1b]633;A;aid=1\x07$ \x1b]633;C;aid=1\x07${blanks}${others}`)]);
    expect(found?.outputBytes).toBe(1);
  });

  it("has no end while it runs, and all end with what was recorded", () => {
    const start = output(1e9, `${A}$ ${B}sleep 9\r\n${C}`);
    expect(commandsIn([start])).toMatchObject([{ line: "sleep 9", duration: undefined, exitStatus: undefined }]);
    const exit: Event = { kind: "exit", time: 3e9, status: 4 };
    expect(commandsIn([start, exit])).toMatchObject([{ duration: 2e9, exitStatus: undefined }]);
    const leave = output(1e9, `${A}$ ${B}exit 4\r\n${C}`);
    expect(commandsIn([leave, exit, output(4e9, cycle("ls", "", 0))])).toMatchObject([
      { line: "exit 4", duration: 2e9, exitStatus: 4 },
      { line: "ls", depth: 0, exitStatus: 0 },
    ]);
  });

  it("takes its line from marks where there are any", () => {
    expect(brief(`${A}$ ${B}abbrev\r\n${E("whole\\x3b line")}${C}${D(0)}`)).toEqual([["whole; line", 0, 0]]);
    expect(brief(`${A}$ ${B}x\r\n${osc("133;C;cmdline_url=a%0Ab")}${D(0)}`)).toEqual([["a\nb", 0, 0]]);
    expect(brief(`${A}$ ${B}x\r\n${C}${E("late")}${D(0)}`)).toEqual([["late", 0, 0]]);
    expect(brief(`${A}$ ${B}${E("first")}x\r\n${C}${E("second")}${D(0)}`)).toEqual([["first", 0, 0]]);
  });

  it("has no line where nothing shows where it begins", () => {
    expect(brief(`${A}$ ls\r\n${C}a${D(0)}`)).toEqual([[undefined, 0, 0]]);
    expect(brief(`${C}a${D(0)}`)).toEqual([[undefined, 0, 0]]);
    expect(brief(`${A}${B}${"x".repeat(70_000)}\r\n${C}a${D(0)}`)).toEqual([[undefined, 0, 0]]);
  });

  it("knows its folder from whatever tells it", () => {
    const folders = ["633;P;Cwd=/a", "9;9;/b", "1337;CurrentDir=/c", "3008;start=1;type=shell;cwd=/d", "3008;start=2"];
    const text = folders.map((folder) => osc(folder) + cycle("x", "", 0)).join("");
    expect(commandsIn([output(0, text)]).map(({ cwd }) => cwd)).toEqual(["/a", "/b", "/c", "/d", "/d"]);
  });
});

describe("the line on the screen", () => {
  const typed = (text: string, cols = 20) => commandsIn([output(0, `${A}$ ${B}${text}\r\n${C}${D(0)}`)], cols)[0]?.line;

  it("is what stood there when it was entered", () => {
    expect(typed("lss\b \b -l")).toBe("ls -l");
    expect(typed("echo \x1b[1m日本\x1b[m é")).toBe("echo 日本 é");
    expect(typed("echo  two  \x1b[4D\x1b[K")).toBe("echo  t");
  });

  it("is joined over rows that were wrapped, and has the lines that were typed", () => {
    const long = "echo 0123456789 0123456789 0123456789";
    expect(typed(long)).toBe(long);
    expect(typed("for i in 1\r\n> do\r\n> done")).toBe("for i in 1\n> do\n> done");
  });

  it("is joined where the shell breaks rows itself, and where it wraps as readline does", () => {
    expect(typed("echo 0123456789 0\r\n123")).toBe("echo 0123456789 0\n123"); // one column is left
    expect(typed("echo 0123456789 01\r\n23")).toBe("echo 0123456789 0123");
    expect(typed("echo 0123456789 01 \r23")).toBe("echo 0123456789 0123");
    expect(typed("echo 012345678901日")).toBe("echo 012345678901日");
    expect(typed("echo 0123456789 0日")).toBe("echo 0123456789 0日");
  });

  it("is without the prompt on the right side", () => {
    expect(typed("ls\x1b[10Cright\x1b[15D\r\x1b[4C")).toBe("ls");
    expect(typed("ls\x1b[11Cright\r\x1b[4C")).toBe("ls");
    expect(typed("ls\tx")).toBe("ls    x");
    expect(typed("日\x1b[12C日日\r\x1b[4C")).toBe("日");
  });

  it("is that of the last prompt where it was drawn again", () => {
    expect(brief(`${A}$ ${B}l\x1b[H\x1b[2J${A}$ ${B}ls\r\n${C}${D(0)}`)).toEqual([["ls", 0, 0]]);
    expect(brief(`${B}ls\r\n${C}${D(0)}`)).toEqual([["ls", 0, 0]]);
  });

  it("follows the terminal's width, and rows that scroll off a very long prompt", () => {
    const events: Event[] = [
      output(0, cycle("a", "", 0)),
      { kind: "resize", time: 1, cols: 10, rows: 5 },
      output(2, cycle("echo 01234567890", "", 0)),
      output(3, `${A}${B}gone${"\r\n".repeat(250)}${C}x${D(0)}`),
      output(3, `${A}${"\r\n".repeat(199)}${B}a\r\nb\r\n${C}x${D(0)}`),
    ];
    expect(commandsIn(events).map(({ line }) => line)).toEqual(["a", "echo 01234567890", undefined, "a\nb"]);
  });
});

describe("what is no command", () => {
  it.each([
    ["ctrl-C at the prompt", `${A}$ ${B}ls^C\r\n${D(130)}${A}$ ${B}`],
    ["an empty enter", `${A}$ ${B}\r\n${C}${D()}${A}$ ${B}`],
    ["an empty enter, told as an empty line", `${A}$ ${B}\r\n${E("")}${C}${D(0)}${A}$ ${B}`],
    ["marks on the alternate buffer", `\x1b[?1049h${cycle("ls", "", 0)}\x1b[?1049l`],
    ["a prompt that is drawn again and again", `${A}$ ${A}$ ${B}${A}$ ${B}`],
    ["what a shell runs before its prompt", `${A}$ ${B}\r\n${C}${D()}${C}x${A}$ ${B}`],
    ["nothing at all", "hello\r\n"],
  ])("%s", (_, text) => expect(brief(text)).toEqual([]));
});

describe("incomplete marks", () => {
  it("a prompt ends what runs, where the shell does not tell ends", () => {
    expect(brief(`${A}$ ${B}ls\r\n${C}a`, `${A}$ ${B}pwd\r\n${C}b`, `${A}$ ${B}`)).toEqual([
      ["ls", undefined, 0],
      ["pwd", undefined, 0],
    ]);
  });

  it("a script is no shell within, where the shell does not tell ends", () => {
    const text = ["ls", "bash x.sh", "pwd"].map((line) => `${A}$ ${B}${line}\r\n${C}a`);
    expect(brief(...text).map(([, , depth]) => depth)).toEqual([0, 0, 0]);
  });

  it("two integrations side by side count once", () => {
    const both = (text: string) => osc(`133;${text}`) + osc(`633;${text}`);
    const text = ["ls", "pwd"].map(
      (line) => `${both("A")}$ ${both("B")}${line}\r\n${E(line)}${both("C")}out${both("D;1")}`,
    );
    expect(brief(...text)).toEqual([
      ["ls", 1, 0],
      ["pwd", 1, 0],
    ]);
    // One after the other, as two hooks of the prompt do.
    const apart = `${osc("133;D;1")}${osc("133;A")}${osc("633;D;1")}${osc("633;A")}`;
    const one = `${apart}$ ${both("B")}ls\r\n${E("ls")}${both("C")}x`;
    expect(brief(one, one, apart)).toEqual([
      ["ls", 1, 0],
      ["ls", 1, 0],
    ]);
  });

  it("what puts a new shell into the place of the old one ends there", () => {
    expect(brief(cycle("ls", "", 0), `${A}$ ${B}exec zsh\r\n${C}`, cycle("pwd", "", 0))).toEqual([
      ["ls", 0, 0],
      ["exec zsh", undefined, 0],
      ["pwd", 0, 0],
    ]);
  });
});

describe("a shell within a shell", () => {
  const start = `${A}$ ${B}bash\r\n${C}`;

  it("is deeper, and is left with exit", () => {
    const text = [start, cycle("false", "", 1), `${A}$ ${B}exit 3\r\n${C}exit\r\n`, D(3), cycle("ls", "", 0)];
    expect(brief(...text)).toEqual([
      ["bash", 3, 0],
      ["false", 1, 1],
      ["exit 3", 3, 1],
      ["ls", 0, 0],
    ]);
  });

  it("is left with ctrl-D", () => {
    expect(brief(start, cycle("true", "", 0), `${A}$ ${B}exit\r\n${D(0)}`, cycle("ls", "", 0))).toEqual([
      ["bash", 0, 0],
      ["true", 0, 1],
      ["ls", 0, 0],
    ]);
  });

  it("is not left with ctrl-C where the shell tells an end at every prompt", () => {
    const idle = `${A}$ ${B}^C\r\n${D(130)}`;
    expect(brief(idle, start, cycle("true", "", 0), idle, cycle("ls", "", 0))).toEqual([
      ["bash", undefined, 0],
      ["true", 0, 1],
      ["ls", 0, 1],
    ]);
  });

  it("is known by its prompt, whatever started it, where its shell tells ends", () => {
    const text = [cycle("ls", "", 0), `${A}$ ${B}./enter\r\n${C}`, cycle("pwd", "", 0)];
    expect(brief(...text).map(([, , depth]) => depth)).toEqual([0, 0, 1]);
  });

  it("has a folder of its own, and does not change the other's", () => {
    const at = (folder: string) => osc(`7;file://${folder}`);
    const text = `${at("/a")}${start}${at("/b")}${cycle("x", "", 0)}${A}$ ${B}exit\r\n${C}${D(0)}${cycle("y", "", 0)}`;
    expect(commandsIn([output(0, text)]).map(({ cwd }) => cwd)).toEqual(["/a", "/b", "/b", "/a"]);
    const moved = `${A}$ ${B}cd /c\r\n${C}${at("/c")}${D(0)}${cycle("y", "", 0)}`;
    expect(commandsIn([output(0, moved)]).map(({ cwd }) => cwd)).toEqual([undefined, "/c"]);
  });

  it("is told by names where shells have them", () => {
    const named = (aid: string) => ({
      A: osc(`133;A;aid=${aid}`),
      C: osc(`133;C;aid=${aid}`),
      D: (status: number) => osc(`133;D;${status};aid=${aid}`),
    });
    const [one, two] = [named("1"), named("2")];
    const prompt = ({ A }: typeof one, line: string) => `${A}$ ${B}${line}\r\n`;
    const text = [
      `${prompt(one, "./enter")}${one.C}`,
      `${two.D(0)}${prompt(two, "ls")}${two.C}x${two.D(1)}`, // its first end is of nothing
      `${prompt(two, "")}${two.D(130)}${prompt(two, "exit 5")}${two.C}`,
      `${one.D(5)}${prompt(one, "slow")}${one.C}`,
      `${prompt(one, "again")}${one.C}${prompt(two, "in")}${two.C}`,
      `${prompt(one, "back")}${one.C}${one.D(0)}`,
    ];
    expect(brief(...text)).toEqual([
      ["./enter", 5, 0],
      ["ls", 1, 1],
      ["exit 5", 5, 1],
      ["slow", undefined, 0],
      ["again", undefined, 0],
      ["in", undefined, 1],
      ["back", 0, 0],
    ]);
  });

  it("goes 32 deep", () => {
    const depths = brief(start.repeat(40)).map(([, , depth]) => depth);
    expect(Math.max(...depths.map(Number))).toBe(32);
    expect(depths).toHaveLength(40);
  });
});

describe("the commands that are kept", () => {
  const who = { user: undefined, host: undefined };
  const filled = (line: string, count: number) => {
    const log = new CommandLog({ cols: 80, rows: 24 }, {});
    const shells = new ShellStack(log);
    for (let time = 0; time < count; time++) {
      shells.promptStart({ protocol: "133" }, time);
      shells.outputStart(line, who, time);
    }
    return { log, shells };
  };

  it("are a million at most, and trusted ones beside them", () => {
    const { log, shells } = filled("x", MAX_COMMANDS + 5);
    expect(log.commands).toHaveLength(MAX_COMMANDS);
    expect([log.isFull, log.isFullOfTrusted]).toEqual([true, false]);
    const mark = { kind: "promptStart", protocol: "633" } as const;
    shells.admit(mark, 1, 0);
    shells.promptStart(mark, 0);
    shells.outputStart("y", who, 0);
    expect(log.commands.at(-1)).toMatchObject({ line: "y", trusted: true });
  });

  it("have lines up to a bound", () => {
    const bound = MAX_COMMAND_UNITS / 2 ** 20;
    expect(filled("x".repeat(2 ** 20), bound + 5).log.commands).toHaveLength(bound);
  });
});

describe("any session", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      A,
      B,
      C,
      D(),
      D(0),
      D(1),
      osc("133;A;aid=1"),
      osc("133;D;0;aid=2"),
      E("ls"),
      E(""),
      osc("633;D;2"),
      osc("633;A"),
      osc("7;file:///a"),
      "exit\r\n",
      "bash\r\n",
      "$ x",
      "\x1b[?1049h",
      "\x1b[?1049l",
    ),
    hostileBytes().map((bytes) => Buffer.from(bytes).toString("latin1")),
  );
  const session = fc.array(piece, { maxLength: 30 }).map((pieces): Uint8Array => Buffer.from(pieces.join("")));

  it("gives the same commands however its output is cut", () => {
    const shown = (chunks: readonly Uint8Array[]) =>
      commandsIn(chunks.map((chunk) => output(7, chunk))).map(({ output: _, startEvents: __, ...command }) => command);
    fc.assert(
      fc.property(
        session,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        (bytes, sizes) => {
          expect(shown(chunked(bytes, sizes))).toEqual(shown([bytes]));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("reading a recording", () => {
  const recordingOf = (batches: () => AsyncGenerator<readonly Event[]>): Recording => ({
    header: { cols: 80, rows: 24 },
    format: "test",
    batches: batches(),
    close: async () => {},
  });

  it("keeps what was found before it failed", async () => {
    const finder = new CommandFinder({ cols: 80 });
    const broken = recordingOf(async function* () {
      yield [output(0, cycle("ls", "a", 0))];
      throw new Error("damaged");
    });
    await expect(finder.read(broken)).rejects.toThrow("damaged");
    expect(finder.commands).toMatchObject([{ line: "ls" }]);
  });

  it("lets others have their turn, and ends when it is told to", async () => {
    const controller = new AbortController();
    let given = 0;
    const endless = recordingOf(async function* () {
      for (;;) {
        given++;
        yield [output(0, new Uint8Array(1024 * 1024))];
      }
    });
    setImmediate(() => controller.abort(new Error("enough")));
    await expect(new CommandFinder({ cols: 80 }).read(endless, { signal: controller.signal })).rejects.toThrow(
      "enough",
    );
    expect(given).toBeGreaterThan(0);
  });
});

describe("a finder that follows a live recording", () => {
  const proven = (n: number, time: number): Event => ({
    kind: "custom",
    time,
    code: "t2a.mark",
    data: Buffer.from(`{"n":${n}}`),
  });
  const events: readonly Event[] = [
    output(1e9, "\x1b]633;A;aid=7\x07"),
    proven(1, 1e9),
    output(2e9, "$ make\r\n\x1b]633;E;make;aid=7\x07"),
    proven(2, 2e9),
    output(2e9, "\x1b]633;C;aid=7\x07"),
    proven(3, 2e9),
    output(3e9, "all is made\r\n"),
    output(4e9, "\x1b]633;D;3;aid=7\x07"),
    proven(4, 4e9),
    output(5e9, "\x1b]633;P;Cwd=/there;aid=7\x07"),
    proven(5, 5e9),
    output(5e9, "\x1b]633;A;aid=7\x07"),
    proven(6, 5e9),
    output(5e9, "$ "),
  ];

  it("goes on where another one was left, wherever that was", () => {
    const whole = commandsIn(events);
    for (let at = 0; at <= events.length; at++) {
      const first = new CommandFinder({ cols: 80 }, { isForgetful: true });
      const found: unknown[] = [];
      const onCommand = (command: unknown) => found.push(command);
      first.batch(events.slice(0, at));
      found.push(...first.commands.filter(({ duration }) => duration !== undefined));
      const state = first.saveState();
      if (state === undefined) continue;
      const told: unknown[] = [];
      const earlier = new CommandFinder(
        { cols: 80 },
        { isForgetful: true, onCommand: (command) => told.push(command) },
      );
      earlier.batch(events.slice(0, at));
      const saved = JSON.parse(JSON.stringify(earlier.saveState()));
      const next = new CommandFinder({ cols: 80 }, { isForgetful: true, onCommand, state: saved });
      next.batch(events.slice(at));
      const brief = (list: readonly unknown[]) => JSON.parse(JSON.stringify(list));
      expect(brief([...told, ...found]), `at ${at}`).toEqual(brief(whole));
      expect(next.shells).toMatchObject({ phase: "prompt", running: [] });
      expect(next.commands).toEqual([]);
    }
  });

  it("tells what the shell is at, and gives the text of commands only while it is wanted", () => {
    const texts: unknown[] = [];
    const finder = new CommandFinder(
      { cols: 80 },
      { isForgetful: true, onCommand: (_, text) => texts.push(text?.text) },
    );
    expect(finder.shells).toMatchObject({ phase: "fresh", isMarked: false });
    finder.batch(events);
    expect(finder.shells).toMatchObject({ phase: "prompt", isMarked: true, cwd: "/there" });
    finder.wantText({ maxUnits: 100 });
    finder.batch([
      output(6e9, "\x1b]633;E;ls;aid=7\x07"),
      proven(7, 6e9),
      output(6e9, "\x1b]633;C;aid=7\x07"),
      proven(8, 6e9),
      output(7e9, "a file\r\n"),
    ]);
    expect(finder.shells).toMatchObject({ phase: "running", running: [{ line: "ls" }] });
    finder.batch([output(8e9, "\x1b]633;D;0;aid=7\x07"), proven(9, 8e9)]);
    expect(texts).toEqual([undefined, "a file"]);
    expect(finder.isWaiting).toBe(false);
  });
});
