import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openRecording } from "../../formats/index.js";
import { CommandFinder } from "../../src/analyze/index.js";
import type { Event } from "../../src/core/index.js";
import { openFileSource } from "../../src/files/index.js";
import { commandsIn, output } from "./sessions.js";

async function commandsOf(fixture: string) {
  const recording = await openRecording(await openFileSource(`fixtures/prompts/${fixture}.cast`));
  const finder = new CommandFinder(recording.header);
  try {
    await finder.read(recording);
    return finder.commands;
  } finally {
    finder.close();
    await recording.close();
  }
}

const input = (time: number, text: string): Event => ({ kind: "input", time, data: Buffer.from(text) });
const lines = (events: readonly Event[]) => commandsIn(events).map(({ line }) => line);

const TYPED = [
  ["echo hello", 7],
  ["false; true", 0],
  ["for i in 1 2; do\necho $i\ndone", 6],
  ["printf no-newline", 10],
  ["cat <<E\none\nE", 5],
  ["seq 1 40", 151],
  ["cd /usr", 0],
  ["sleep 0.2", 0],
  ["exit", 0],
] as const;
const brief = async (fixture: string) =>
  (await commandsOf(fixture)).map(({ line, outputBytes }) => [line, outputBytes]);

describe("without marks, commands are inferred", () => {
  it("from bash's output: lines that go on, ctrl-C and empty lines told apart", async () => {
    expect(await brief("bash")).toEqual(
      TYPED.map(([line, bytes]) => [line, line === "exit" ? "exit\r\n".length : bytes]),
    );
  });

  it("from zsh's output, which does not show ctrl-C", async () => {
    const typed: (readonly [string, number])[] = [...TYPED];
    typed.splice(6, 0, ["abc", 0]);
    expect(await brief("zsh")).toEqual(typed);
  });

  it("from fish's output, which draws the line anew with each key", async () => {
    const found = await brief("fish");
    expect(found.map(([line]) => line)).toEqual(TYPED.map(([line]) => line).filter((line) => !line.includes("\n")));
  });

  it("from what was typed, where the shell gives nothing away", async () => {
    // dash keeps a line without an end together with its prompt.
    expect(await brief("dash-with-input")).toEqual(
      TYPED.map(([line, bytes]) => [line, line.startsWith("printf") ? 0 : bytes]),
    );
  });

  it("and say so: without status and folder, but with times", async () => {
    for (const fixture of ["bash", "zsh", "fish", "dash-with-input"]) {
      const commands = await commandsOf(fixture);
      expect(
        commands.every(
          ({ source, trusted, exitStatus, cwd }) =>
            source === "inferred" && !trusted && (exitStatus ?? cwd) === undefined,
        ),
      ).toBe(true);
      const sleep = commands.find(({ line }) => line === "sleep 0.2");
      expect(sleep?.duration).toBeGreaterThan(0.2e9);
      expect(sleep?.duration).toBeLessThan(0.3e9);
      expect(commands.every(({ duration = -1 }) => duration >= 0)).toBe(true);
    }
  });

  it("where the prompt and the echo come at once", () => {
    const events = [output(0, "\x1b[?2004hme@host:~$ ls -l\r\n\x1b[?2004l\rtotal 0\r\n\x1b[?2004hme@host:~$ ")];
    expect(lines(events)).toEqual(["ls -l"]);
  });

  it("where a pause ends a prompt that looks like none", () => {
    const line = (time: number, text: string) => [
      output(time, "\x1b[?2004h"),
      output(time + 1, "ready "),
      output(time + 1e8, text),
      output(time + 2e8, "\r\n\x1b[?2004l\r"),
    ];
    expect(lines([...line(0, "one"), output(5e8, "x\r\n"), ...line(1e9, "two")])).toEqual(["one", "two"]);
  });

  it("behind candidates and a prompt that was drawn again", () => {
    const events = [
      output(0, "\x1b[?2004hesh \u276f "),
      output(1e8, "gi\r\n git  gist\r\nesh \u276f git log"),
      output(2e8, "\r\n\x1b[?2004l\r"),
    ];
    expect(lines(events)).toEqual(["git log"]);
  });

  it("but not what an editor reads, nor what is typed into a program", () => {
    expect(lines([output(0, "\x1b[?1049h$ "), input(1, ":wq\r"), output(2, ":wq\r\n\x1b[?1049l")])).toEqual([]);
    expect(lines([output(0, "Name: "), input(1, "me\r"), output(2, "me\r\nhello me\r\n")])).toEqual([]);
  });

  it("but not once a shell marks its own", () => {
    const marked = "\x1b]133;A\x07$ \x1b]133;C;cmdline=ls\x07x\r\n\x1b]133;D;0\x07";
    const events = [
      output(0, "$ "),
      input(1, "bash\r"),
      output(2, "bash\r\n"),
      output(3, marked),
      input(4, "x\r"),
      output(5, "x\r\n"),
    ];
    expect(commandsIn(events).map(({ line, source }) => [line, source])).toEqual([
      ["bash", "inferred"],
      ["ls", "marks"],
    ]);
  });

  it("but not what marks tell of, where the recording begins behind their prompt", () => {
    const text = "\x1b[?2004h$ ls\r\n\x1b[?2004l\r\x1b]633;E;ls\x07\x1b]633;C\x07file\r\n\x1b]633;D;0\x07";
    expect(commandsIn([output(0, text)]).map(({ line, source }) => [line, source])).toEqual([["ls", "marks"]]);
  });

  it("in a shell within, which marks nothing, and ends with the command that started it", () => {
    const end = `\x1b[1m\x1b[7m%\x1b[27m\x1b[1m\x1b[0m${" ".repeat(79)}\r \r`;
    const within = `\x1b[?2004h$ ls\r\n\x1b[?2004l\rfile\r\n\x1b[?2004h$ exit\r\n\x1b[?2004l\rexit\r\n${end}`;
    const marked = (line: string, printed: string) =>
      `\x1b]133;A\x07$ \x1b]133;C;cmdline=${line}\x07${printed}\x1b]133;D;0\x07`;
    const found = commandsIn([output(0, marked("bash", within) + marked("cat", within))]);
    expect(found.map(({ line, source, depth, outputBytes }) => [line, source, depth, outputBytes])).toEqual([
      ["bash", "marks", 0, within.length - end.length],
      ["ls", "inferred", 1, 6],
      ["exit", "inferred", 1, 6],
      ["cat", "marks", 0, within.length - end.length],
    ]);
  });

  it("in a time that grows with the output, whatever stands in front of a prompt", () => {
    // Ways to share the colours out among those in front of zsh's mark: 4 * 10^9.
    const colours = "\x1b[m".repeat(2700);
    expect(commandsIn([output(0, colours), output(1, "\x1b[?2004h$ ls\r\n\x1b[?2004l\rx")])).toHaveLength(1);
    const marked = `\x1b]133;A\x07\x1b]133;C\x07${"\x1b[m".repeat(300)} \x1b]133;D;0\x07`.repeat(300);
    expect(commandsIn([output(0, marked)])).toHaveLength(300);
  });

  it("from any output without harm", () => {
    const piece = fc.constantFrom(
      "\x1b[?2004h",
      "\x1b[?2004l",
      "\r\n",
      "\r",
      "$ ",
      "> ",
      "ls",
      "^C",
      "\x1b[?1049h",
      "\x1b[?1049l",
      " ".repeat(79),
      "\x1b[7m%",
      "\x1b",
      "[A",
    );
    const event = fc.tuple(fc.boolean(), fc.array(piece, { maxLength: 6 }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const told: number[] = [];
        const finder = new CommandFinder(
          { cols: 80 },
          { text: { maxUnits: 100 }, onCommand: ({ start }) => told.push(start) },
        );
        finder.batch(
          events.map(([typed, pieces], i) => (typed ? input(i, pieces.join("")) : output(i, pieces.join("")))),
        );
        finder.end();
        finder.close();
        let bytes = 0;
        for (const { outputBytes, output: span, duration = 0 } of finder.commands) {
          expect(duration).toBeGreaterThanOrEqual(0);
          expect(outputBytes).toBe((span?.endByte ?? 0) - (span?.startByte ?? 0));
          expect(span?.startByte ?? bytes).toBeGreaterThanOrEqual(bytes);
          bytes = span?.endByte ?? bytes;
        }
        expect(told).toEqual(finder.commands.map(({ start }) => start));
      }),
      { numRuns: Number(process.env.T2A_FUZZ_RUNS ?? 500) },
    );
  });
});
