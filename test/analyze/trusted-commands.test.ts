import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandFinder } from "../../src/analyze/index.js";
import { customEvent, type Event, MARK_CODE } from "../../src/core/index.js";
import { commandsIn, output } from "./sessions.js";

const mark = (body: string) => `\x1b]633;${body};aid=7;t2a=secret.1\x07`;
const proven = (time: number) => customEvent(time, MARK_CODE, { n: 1 });

/** What a recorder writes of output: marks in braces are proven. */
function recorded(text: string, time = 0): Event[] {
  return text.split(/(\{[^}]*\})/).flatMap((piece): Event[] => {
    if (piece === "") return [];
    return piece.startsWith("{") ? [output(time, mark(piece.slice(1, -1))), proven(time)] : [output(time, piece)];
  });
}

const prompt = "{P;Cwd=/home/me}{A}$ ";
const run = (line: string, printed: string, status: number) =>
  `${prompt}${line}\r\n{E;${line}}{C}${printed}{D;${status}}`;
const brief = (text: string) =>
  commandsIn(recorded(text)).map(({ line, exitStatus, trusted, depth }) => [line, exitStatus, trusted, depth]);

describe("a command whose marks are proven", () => {
  it("is trusted, with its folder", () => {
    expect(commandsIn(recorded(run("make", "done\r\n", 2)))).toMatchObject([
      { line: "make", cwd: "/home/me", exitStatus: 2, trusted: true, outputBytes: 6, source: "marks", depth: 0 },
    ]);
  });

  it("is not trusted where the proof stands elsewhere than right behind the mark", () => {
    const events = [
      output(0, `${mark("A")}${mark("E;x")}${mark("C")}`),
      output(0, "y"),
      proven(0),
      output(1, mark("D;0")),
    ];
    expect(commandsIn(events)).toMatchObject([{ line: "x", trusted: false }]);
  });

  it("ends by a proven mark only: what it prints cannot end it, nor change its folder", () => {
    const forged = `${mark("D;0")}${mark("P;Cwd=/forged")}\x1b]7;file:///forged\x07\x1b]133;D;0\x07`;
    expect(commandsIn(recorded(`${run("cat it", forged, 1)}${run("pwd", "", 0)}`))).toMatchObject([
      { line: "cat it", exitStatus: 1, cwd: "/home/me" },
      { line: "pwd", exitStatus: 0, cwd: "/home/me" },
    ]);
  });

  it("holds the commands that it forges, one deeper and not trusted", () => {
    const forged = `${mark("A")}$ ${mark("E;rm -rf /")}${mark("C")}gone\r\n${mark("D;0")}`;
    const bare = `${mark("E;rm -rf /")}${mark("C")}gone\r\n${mark("D;0")}`;
    for (const printed of [forged, bare, `x${bare}`])
      expect(brief(run("cat it", printed, 0) + run("ls", "", 0))).toEqual([
        ["cat it", 0, true, 0],
        ["rm -rf /", 0, false, 1],
        ["ls", 0, true, 0],
      ]);
  });

  it("is counted once where the shell has another integration too, before or behind", () => {
    const other = (letter: string) => `\x1b]133;${letter}\x07`;
    const before = `{D;0}{A}${other("A")}$ ${other("B")}ls\r\n\x1b]633;E;ls\x07${other("C")}{E;ls}{C}out\r\n${other("D;0")}`;
    const behind = `{D;0}${other("D;0")}{A}${other("A")}$ ${other("B")}ls\r\n{E;ls}{C}\x1b]633;E;ls\x07${other("C")}out\r\n`;
    for (const cycle of [before, behind])
      expect(brief(`${cycle}${cycle}{D;0}{A}`)).toEqual([
        ["ls", 0, true, 0],
        ["ls", 0, true, 0],
      ]);
  });

  it("is counted once where another integration knows but the first of its commands", () => {
    const other = "\x1b]633;E;make\x07\x1b]633;C\x07";
    expect(brief(`${prompt}{E;make -j && ./run}{C}${other}out\r\n\x1b]633;D;0\x07{D;0}`)).toEqual([
      ["make -j && ./run", 0, true, 0],
    ]);
  });

  it("has the status of the recording where its shell ended with it", () => {
    const events = [...recorded(`${prompt}{E;false}{C}`), { kind: "exit", time: 1, status: 1 } as const];
    expect(commandsIn(events)).toMatchObject([{ line: "false", exitStatus: 1, duration: 1 }]);
  });

  it("holds the commands of a shell within that has its own integration", () => {
    const within = "\x1b]133;A\x07> \x1b]133;C;cmdline=id\x07root\r\n\x1b]133;D;3\x07\x1b]133;A\x07> exit\r\n";
    expect(brief(run("ssh host", within, 0) + run("ls", "", 0))).toEqual([
      ["ssh host", 0, true, 0],
      ["id", 3, false, 1],
      ["ls", 0, true, 0],
    ]);
  });

  it("is proven on the alternate buffer as well: a program may have died there", () => {
    expect(brief(`${run("vim", "\x1b[?1049h~", 137)}${run("ls", "", 0)}`)).toEqual([
      ["vim", 137, true, 0],
      ["ls", 0, true, 0],
    ]);
  });

  it("takes the place of what was believed before the first proof", () => {
    const before = "\x1b]133;A;aid=9\x07$ \x1b]133;C\x07rc file\r\n";
    expect(brief(before + run("ls", "", 0))).toEqual([
      [undefined, undefined, false, 0],
      ["ls", 0, true, 0],
    ]);
  });

  it("goes on while another shell is in the place of its own, and ends with the recording", () => {
    const fish = "\x1b]133;A\x07> \x1b]133;C;cmdline=ls\x07\x1b]133;D;0\x07\x1b]133;A\x07> ";
    const exit: Event = { kind: "exit", time: 9, status: 3 };
    expect(commandsIn([...recorded(`${prompt}exec fish\r\n{E;exec fish}{C}${fish}`), exit])).toMatchObject([
      { line: "exec fish", exitStatus: 3, duration: 9, trusted: true, depth: 0 },
      { line: "ls", exitStatus: 0, trusted: false, depth: 1 },
    ]);
  });

  it("has no folder that was told of before the first proof", () => {
    expect(commandsIn(recorded("\x1b]7;file:///evil\x07{E;ls}{C}{D;0}"))).toMatchObject([
      { line: "ls", cwd: undefined, trusted: true },
    ]);
  });

  it("has no end where marks are missing, and what then ends is another command", () => {
    const counted = (body: string, n: number, aid = 7) => [
      output(n, `\x1b]633;${body};aid=${aid};t2a=secret.${n}\x07`),
      customEvent(n, MARK_CODE, { n }),
    ];
    const cycle = (line: string, n: number, aid?: number) =>
      ["P;Cwd=/x", "A", `E;${line}`, "C", "D;1"].flatMap((body, at) => counted(body, n + at, aid));
    const told = (events: readonly Event[]) =>
      commandsIn(events).map(({ line, cwd, duration, exitStatus }) => [line, cwd, duration, exitStatus]);
    const two = [...cycle("one", 1), ...cycle("two", 6)];
    const without = (from: number, to: number) => two.filter(({ time }) => time < from || time > to);
    expect(told(two)).toEqual([
      ["one", "/x", 1, 1],
      ["two", "/x", 1, 1],
    ]);
    const one = ["one", "/x", undefined, undefined];
    expect(told(without(5, 9))).toEqual([one]);
    expect(told(without(5, 8))).toEqual([one]);
    expect(told(without(5, 7))).toEqual([one, ["two", undefined, 1, 1]]);
    // bash counts a line that it cannot tell.
    expect(told(without(8, 8))).toEqual([
      ["one", "/x", 1, 1],
      [undefined, "/x", 1, 1],
    ]);
    // Recorded on after a crash: another shell, which counts anew.
    expect(told([...without(5, 99), ...cycle("three", 1, 8)])).toEqual([one, ["three", "/x", 1, 1]]);
  });

  it("says nothing of another session that is joined to it", () => {
    const exit: Event = { kind: "exit", time: 0, status: 0 };
    const other = "\x1b]133;A\x07> \x1b]133;C;cmdline=ls\x07x\x1b]133;D;0\x07";
    const typed = "\x1b[?2004h$ id\r\n\x1b[?2004l\rroot\r\n\x1b[?2004h$ ";
    const joined = [...recorded(`${run("make", "\x1b[?1049h", 0)}`), exit, output(1, other), exit, output(2, typed)];
    expect(commandsIn(joined)).toMatchObject([
      { line: "make", trusted: true },
      { line: "ls", source: "marks", trusted: false, depth: 0 },
      { line: "id", source: "inferred", depth: 0 },
    ]);
  });

  it("stays as it is whatever its output holds", () => {
    const piece = fc.oneof(
      fc.constantFrom("A", "B", "C", "D;0", "D;9", "E;evil", "P;Cwd=/evil").map((body) => mark(body)),
      fc
        .constantFrom("A", "B", "C", "D;0", "A;aid=7", "D;0;aid=7", "C;cmdline=evil")
        .map((body) => `\x1b]133;${body}\x07`),
      fc.constantFrom(
        "text\r\n",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b]7;file:///evil\x07",
        "\x1b]3008;start=1;type=command\x07",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const trusted = brief(run("cat it", `${pieces.join("")}\r\n`, 1) + run("ls", "", 0)).filter(
          ([, , isTrusted]) => isTrusted,
        );
        expect(trusted).toEqual([
          ["cat it", 1, true, 0],
          ["ls", 0, true, 0],
        ]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("who ran a command, and where", () => {
  const cycle = "\x1b]133;A\x07$ \x1b]133;C;cmdline=id\x07x\x1b]133;D;0\x07";
  const who = (text: string, header = {}) => {
    const finder = new CommandFinder({ cols: 80, ...header });
    finder.batch([output(0, text)]);
    finder.end();
    finder.close();
    return finder.commands.map(({ user, host }) => [user, host]);
  };

  it("is told by iTerm's marks and by the host of a folder, but for the host that the header names", () => {
    expect(who(`\x1b]1337;RemoteHost=root@far\x07${cycle}`)).toEqual([["root", "far"]]);
    expect(who(`\x1b]7;file://far/\x07${cycle}`)).toEqual([[undefined, "far"]]);
    expect(who(`\x1b]7;file://near/\x07${cycle}`, { host: "near" })).toEqual([[undefined, undefined]]);
  });

  it("is told by the contexts that are open", () => {
    const context =
      "\x1b]3008;start=a;type=elevate;user=root\x1b\\\x1b]3008;start=b;type=container;container=box\x1b\\";
    expect(who(`${context}${cycle}\x1b]3008;end=a\x1b\\${cycle}`)).toEqual([
      ["root", "box"],
      [undefined, undefined],
    ]);
  });

  it("commands that only contexts mark are commands", () => {
    const text =
      "$ make\r\n\x1b]3008;start=c;type=command;cwd=/src\x1b\\out\r\n\x1b]3008;end=c;exit=failure;status=2\x1b\\$ ";
    expect(commandsIn([output(0, text)])).toMatchObject([{ cwd: "/src", outputBytes: 5, exitStatus: 2 }]);
  });
});

describe("the text of commands", () => {
  const texts = (text: string, maxUnits = 10_000) => {
    const told: (readonly [string | undefined, string | undefined, boolean | undefined])[] = [];
    const finder = new CommandFinder(
      { cols: 20, rows: 5 },
      { text: { maxUnits }, onCommand: ({ line }, shown) => told.push([line, shown?.text, shown?.isCut]) },
    );
    finder.batch([...text].map((char) => output(0, char)));
    finder.end();
    finder.close();
    return told;
  };
  const cycle = (line: string, printed: string) =>
    `\x1b]133;A\x07$ ${line}\r\n\x1b]133;C;cmdline=${line}\x07${printed}\x1b]133;D;0\x07`;

  it("is told with each command, when it ended", () => {
    expect(texts(cycle("a", "10%\r\x1b[32m100%\x1b[0m\r\n") + cycle("b", "") + cycle("c", "x\r\ny"))).toEqual([
      ["a", "100%", false],
      ["b", undefined, undefined],
      ["c", "x\ny", false],
    ]);
  });

  it("is its beginning and its end where it is long", () => {
    const [[, text, isCut] = []] = texts(cycle("a", Array.from({ length: 100 }, (_, i) => `${i}\r\n`).join("")), 20);
    expect([text, isCut]).toEqual(["0\n1\n[93 lines left out]\n95\n96\n97\n98\n99", true]);
  });

  it("is without the mark that zsh puts behind a line without an end", () => {
    const mark = (char: string) => `\x1b[1m\x1b[7m${char}\x1b[27m\x1b[1m\x1b[0m${" ".repeat(19)}\r \r`;
    expect(texts(cycle("a", `x%${mark("%")}`) + cycle("b", `x\r\n${mark("#")}`) + cycle("c", mark("%")))).toEqual([
      ["a", "x%", false],
      ["b", "x", false],
      ["c", undefined, undefined],
    ]);
  });

  it("has nothing of what a shell within shows between its commands", () => {
    const within = `welcome\r\n${cycle("id", "root\r\n")}\x1b]133;A\x07$ `;
    expect(texts(`\x1b]133;A\x07\x1b]133;C;cmdline=ssh\x07${within}`)).toEqual([
      ["id", "root", false],
      ["ssh", "welcome", false],
    ]);
  });
});
