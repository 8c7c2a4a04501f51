// Commands in the player: the list, its filter and its mouse, the jumps, the status line and the timeline.
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { NANOS_PER_SECOND } from "../../../src/core/index.js";
import { firstBehind, lastBefore } from "../../../src/play/command-list.js";
import type { ListedCommand } from "../../../src/play/index.js";
import { statusLine } from "../../../src/play/ui/status-line.js";
import { textWidth } from "../../../src/play/ui/text-width.js";
import { timelineBar } from "../../../src/play/ui/timeline-bar.js";
import { Screen } from "../../../src/terminal/index.js";
import { output } from "../recordings.js";
import { GrowingList, knownCommands, ran } from "./known-commands.js";
import { UiWorld, type UiWorldOptions } from "./ui-driver.js";

const SECOND = NANOS_PER_SECOND;
/** One line a second from 0 to 99 seconds. */
const LINES = Array.from({ length: 100 }, (_, n) => output(n, `${n > 0 ? "\r\n" : ""}line ${n}`));
const SESSION: readonly ListedCommand[] = [
  ran(10, { line: "make all" }),
  ran(20, { line: "make test", exitStatus: 2, duration: 75.25 * SECOND }),
  ran(30, { line: "cat <<END\nWIDE 日本\nEND", exitStatus: 137, signal: "SIGKILL", depth: 1 }),
  ran(40, { line: undefined }),
  ran(50, { line: "sleep 100", duration: undefined, exitStatus: undefined }),
];

let world: UiWorld | undefined;
afterEach(() => world?.end());

async function open(options: UiWorldOptions = {}): Promise<UiWorld> {
  world = await UiWorld.open(LINES, { pausedAt: 35, commands: knownCommands(SESSION), ...options });
  return world;
}

const row = (n: number): string => world?.rows[n]?.trimEnd() ?? "";
const press = async (...keys: readonly string[]): Promise<void> => await world?.press(...keys);
const click = (y: number) => `\x1b[<0;3;${y + 1}M`;
const WHEEL_UP = "\x1b[<64;3;3M";
const WHEEL_DOWN = "\x1b[<65;3;3M";

describe("the list of commands", () => {
  it("shows when each began, how long it took, how it ended and its line; the one where the player is is selected", async () => {
    const { screen, player } = await open();
    await press("c");
    expect(world?.rows.slice(0, 7).map((text) => text.trimEnd())).toEqual([
      "Commands 3/5: enter goes there, / filters, esc closes",
      "     0:10.0      1.0s 0         make all",
      "     0:20.0    1:15.3 × 2       make test",
      "►    0:30.0      1.0s × SIGKILL   cat <<END␊WIDE 日本␊END",
      "     0:40.0      1.0s 0         -",
      "     0:50.0         - -         sleep 100",
      "",
    ]);
    const [failed, selected] = [2, 3].map((y) => screen.snapshot().lines[y]?.cell(22));
    expect([failed?.fg, selected?.fg]).toEqual([1, 1]);
    expect(screen.snapshot().lines[3]?.cell(70).attrs).not.toBe(screen.snapshot().lines[2]?.cell(70).attrs);
    expect(screen.cursor.visible).toBe(false);
    expect([player.state, world?.status.startsWith("‖ 0:35.0")]).toEqual(["paused", true]);
  });

  it("goes where enter is pressed, plays on if it played, and closes with escape, q or c", async () => {
    await open();
    await press("c", "up", "enter");
    expect([world?.position, row(0).startsWith("line")]).toEqual([20, true]);
    for (const key of ["escape", "q", "c"]) {
      await press("c", "home", key);
      await world?.settle();
      expect([world?.position, row(0).startsWith("line"), world?.quits]).toEqual([20, true, 0]);
    }
    await press("space", "c", "end", "enter");
    expect([Math.floor(world?.position ?? 0), world?.player.state]).toEqual([50, "playing"]);
  });

  it.each([
    ["down", 4],
    [")", 4],
    ["(", 2],
    ["home", 1],
    ["end", 5],
    ["\x1b[5~", 1],
    ["\x1b[6~", 5],
    [WHEEL_UP, 1],
    [WHEEL_DOWN, 5],
  ])("moves with %j", async (key, place) => {
    await open();
    await press("c", key);
    expect(row(0)).toContain(`Commands ${place}/5:`);
    expect(world?.position).toBe(35);
  });

  it("goes to the next failed one with x, and says where there is none", async () => {
    await open();
    await press("c", "home", "x");
    expect(row(0)).toContain("Commands 2/5");
    await press("x", "x");
    expect([row(0), world?.status]).toEqual([
      "Commands 3/5: enter goes there, / filters, esc closes",
      "‖ 0:35.0  no later failed command",
    ]);
  });

  it("takes a click on a command, and leaves one on the timeline to the timeline", async () => {
    await open();
    await press("c", click(0));
    expect(row(0)).toContain("Commands 3/5");
    await press(click(9));
    expect(row(0)).toContain("Commands 3/5");
    const bar = /[·▁▂▃▄▅▆▇█×]{8,}/.exec(world?.status ?? "");
    await press(`\x1b[<0;${(bar?.index ?? 0) + 1};25M`);
    expect([world?.position, row(0).startsWith("Commands 1/5")]).toEqual([0, true]);
    await press(click(4));
    expect([world?.position, row(0).startsWith("line")]).toEqual([40, true]);
  });

  it("leaves other keys to the player, and lies under the help", async () => {
    await open();
    await press("c", "right");
    expect([world?.position, row(0)]).toEqual([40, "Commands 4/5: enter goes there, / filters, esc closes"]);
    await press("h");
    expect(row(0)).toMatch(/^Keys/);
    await press("y");
    expect(row(0)).toContain("Commands 4/5");
    await press("ctrl+c");
    expect(world?.quits).toBe(1);
  });

  it("lists what has a text in its line, as it is typed", async () => {
    await open();
    await press("c", "/", ..."make");
    expect(world?.rows.slice(0, 4).map((text) => text.trimEnd())).toEqual([
      "Commands 2/2 /make: enter goes there, / filters, esc closes",
      "     0:10.0      1.0s 0         make all",
      "     0:20.0    1:15.3 × 2       make test",
      "",
    ]);
    expect(world?.status).toBe("commands with: make");
    await press("up", "enter", "enter");
    expect(world?.position).toBe(10);
    await press("c", "/", ..."\\v(");
    expect(world?.status).toMatch(/^commands with: \\v\( {2}not a regular expression/);
    await press("enter", "ctrl+u", ..."nowhere");
    expect([row(0), row(1)]).toEqual([
      "Commands /nowhere: enter goes there, / filters, esc closes",
      "no command has that in its line",
    ]);
    await press("enter", "enter", "x", "down");
    expect(row(0)).toContain("Commands /nowhere");
    await press("/", "a", "escape");
    await world?.settle();
    expect(row(0)).toContain("Commands 1/5:");
    await press("/", ..."日本", click(1));
    expect([world?.position, world?.status.startsWith("‖ 0:30.0")]).toEqual([30, true]);
  });

  it("grows while commands are being found, and says so", async () => {
    const list = new GrowingList();
    await open({ commands: list, size: { cols: 90, rows: 25 } });
    expect(list.state).toBe("unasked");
    await press("c");
    expect([list.state, row(1)]).toEqual(["looking", "looking for commands, 0 %"]);
    list.grow(SESSION.slice(0, 2), 25);
    await world?.settle();
    expect([row(0), row(2)]).toEqual([
      "Commands 2/2, looking for commands, 25 %: enter goes there, / filters, esc closes",
      "►    0:20.0    1:15.3 × 2       make test",
    ]);
    await press("/", ..."s", "enter");
    list.grow(SESSION, 99, "complete");
    await world?.settle();
    expect(row(0)).toBe("Commands 2/2 /s: enter goes there, / filters, esc closes");
    await world?.end();
    expect(list.listeners).toBe(0);
  });

  it("says that there are none, that none can be listed, and how far a damaged recording was read", async () => {
    await open({ commands: knownCommands([]) });
    await press("c");
    expect(row(1)).toBe("no commands found in this recording");
    await world?.end();
    await open({ commands: undefined });
    for (const key of ["c", "(", ")", "x"]) {
      await press(key);
      expect(world?.status).toBe("‖ 0:35.0  this recording's commands cannot be listed");
    }
    await world?.end();
    const list = new GrowingList();
    await open({ commands: list });
    list.grow([], 5, { failure: new Error("damaged\x1b]0;x\x07") });
    await press("c");
    expect(row(1)).toBe("damaged␛]0;x␇");
    list.grow(SESSION, 5, { failure: new Error("damaged") });
    await world?.settle();
    expect(row(0)).toContain("Commands 3/5, read as far as it goes: damaged: enter");
  });

  it("scrolls no further than it must, and holds a million commands", async () => {
    const many = Array.from({ length: 1_000_000 }, (_, n) => ran(n / 10_000, { line: `c ${n}` }));
    await open({ commands: knownCommands(many), size: { cols: 60, rows: 8 } });
    await press("c", "home", ...Array<string>(6).fill("down"));
    expect([row(1), row(6)]).toEqual([expect.stringMatching(/ c 1$/), expect.stringMatching(/ c 6$/)]);
    await press("up", "up");
    expect([row(1), row(6)]).toEqual([expect.stringMatching(/ c 1$/), expect.stringMatching(/ c 6$/)]);
    await press("end");
    expect(row(6)).toMatch(/ c 999999$/);
  });

  it.each([
    [1, 1],
    [2, 2],
    [20, 3],
    [30, 6],
    [40, 10],
    [300, 40],
  ])("fits into %i x %i, whatever the lines hold", async (cols, rows) => {
    const lines = [
      "日本".repeat(300),
      "\x1b[31mred\x1b]0;t\x07\r\n\u202e",
      "e\u0301".repeat(2000),
      "👍".repeat(99),
      "",
    ];
    const commands = lines.map((line, n) => ran(n, { line, depth: 99, exitStatus: n % 2 }));
    await open({ commands: knownCommands(commands), size: { cols, rows }, depth: "none", pausedAt: 90 });
    const before = world?.tty.text.length ?? 0;
    await press("c", "up", "x", "/", "r", "enter", "escape");
    expect(world?.tty.text.slice(before)).not.toMatch(/\x1b\[31m|\x1b\]|\u202e/);
    await press("c", "home");
    if (cols >= 20) expect(world?.rows[1]).toMatch(/日/);
  });
});

describe("jumps from command to command", () => {
  it("go to the next, the previous and the next failed one, and say where there is none", async () => {
    await open();
    await press("(");
    expect(world?.position).toBe(30);
    await press("(", "(");
    expect(world?.position).toBe(10);
    await press("(");
    expect([world?.position, world?.status]).toEqual([10, "‖ 0:10.0  no earlier command"]);
    await press("x");
    expect(world?.position).toBe(20);
    await press("x");
    expect(world?.position).toBe(30);
    await press("x");
    expect([world?.position, world?.status]).toEqual([30, "‖ 0:30.0  no later failed command"]);
    await press(")", ")");
    expect(world?.position).toBe(50);
    await press(")");
    expect(world?.status).toBe("‖ 0:50.0  no later command");
  });

  it("pass over the command that was begun just now while playing", async () => {
    await open({ pausedAt: 20 });
    await press("space");
    world?.clock.advanceTo((world?.clock.now() ?? 0) + SECOND / 2);
    await world?.settle();
    await press("(");
    expect(Math.floor(world?.position ?? 0)).toBe(10);
    await press("0", "(");
    expect(Math.floor(world?.position ?? -1)).toBe(0);
  });

  it("go to the event where the typed line is seen, also among several at one time", async () => {
    const events = [
      output(1, "$ one"),
      output(2, "\r\n"),
      output(2, "printed"),
      output(2, "\r\n$ two"),
      output(2, "!"),
    ];
    const commands = [ran(2, { place: { events: 2 } }), ran(2, { place: { events: 4 } })];
    world = await UiWorld.open(events, { pausedAt: 0, commands: knownCommands(commands) });
    await press(")");
    expect(world.rows.slice(0, 3).map((text) => text.trim())).toEqual(["$ one", "", ""]);
    await press(")");
    expect(world.rows.slice(0, 3).map((text) => text.trim())).toEqual(["$ one", "printed", "$ two"]);
    await press(")");
    expect(world.status).toContain("no later command");
    await press("(");
    expect(world.player.events).toBe(2);
  });

  it("wait for commands to be found, unless another key is pressed", async () => {
    const list = new GrowingList();
    await open({ commands: list });
    await press(")");
    expect(world?.status).toBe("‖ 0:35.0  looking for commands, 0 %");
    list.grow(SESSION.slice(0, 3), 38);
    await world?.settle();
    expect(world?.status).toBe("‖ 0:35.0  looking for commands, 38 %");
    list.grow(SESSION.slice(0, 4), 45);
    await world?.settle();
    expect(world?.position).toBe(40);
    await press("x", "left");
    list.grow([...SESSION, ran(60, { exitStatus: 1 })], 65);
    await world?.settle();
    expect(world?.position).toBe(35);
    await press("(", "end", "(");
    expect(world?.status).toContain("looking for commands, 65 %");
    list.grow(SESSION, 70, { failure: new Error("damaged\n") });
    await world?.settle();
    expect(world?.position).toBe(50);
    await press(")");
    expect(world?.status).toBe("‖ 0:50.0  damaged␊");
    list.grow([], 70, "complete");
    await press("x");
    expect(world?.status).toBe("‖ 0:50.0  no commands found in this recording");
  });
});

describe("places among commands", () => {
  it("are found as by looking at each", () => {
    const place = fc.record({ start: fc.nat(20), events: fc.nat(20), hasEvents: fc.boolean() });
    fc.assert(
      fc.property(fc.array(place), fc.nat(20), (places, at) => {
        const commands = places
          .map(({ start }) => start)
          .sort((a, b) => a - b)
          .map((start) => ran(start, { place: { events: start * 2 } }));
        const here = { events: at * 2, position: at * SECOND };
        const behind = commands.findIndex(({ start }) => start > here.position);
        expect(firstBehind(commands, here)).toBe(behind < 0 ? commands.length : behind);
        expect(lastBefore(commands, here)).toBe(commands.findLastIndex(({ start }) => start < here.position));
        expect(firstBehind(commands, { ...here, events: undefined })).toBe(behind < 0 ? commands.length : behind);
      }),
    );
  });
});

describe("commands in the status line", () => {
  const outline = { duration: 100 * SECOND, complete: true, markers: [], histogram: { step: SECOND, bytes: [1] } };
  const status = {
    state: "paused",
    position: 25 * SECOND,
    positionText: "0:25.0",
    outline,
    speed: 1,
    idle: { mode: "off" },
    loop: false,
    title: "demo",
  } as const;
  const plain = (text: string): string => text.replace(/\x1b\[[0-9;]*m/g, "");

  it("are the one that runs or ran last, and how it ended where that was not well", async () => {
    await open({ size: { cols: 160, rows: 10 } });
    expect(world?.status).toMatch(/ {2}1x {2}demo\.t2r {2}\$ cat <<END␊WIDE 日本␊END × SIGKILL$/);
    await press("g", ..."15", "enter");
    expect(world?.status).toMatch(/ {2}1x {2}demo\.t2r {2}\$ make all$/);
    await press("0");
    expect(world?.status).toMatch(/ {2}1x {2}demo\.t2r$/);
  });

  it("leave the timeline where it is, whichever runs, and cut long lines before how they ended", () => {
    const commands = ["ls", "make ".repeat(20), "日本".repeat(20)].map((line) => ran(1, { line, exitStatus: 1 }));
    for (const cols of [60, 80, 100, 200]) {
      const lines = [undefined, ...commands].map((command) => statusLine({ ...status, commands, command }, cols));
      expect(new Set(lines.map(({ timeline }) => JSON.stringify(timeline))).size).toBe(1);
      expect(plain(lines[2]?.text ?? "").trimEnd()).toMatch(/\$ make .*… × 1$/);
      for (const { text } of lines) expect(textWidth(plain(text))).toBe(cols);
    }
  });

  it("make room before all but the title, and never make the line too wide", () => {
    const command = SESSION[1];
    expect(plain(statusLine({ ...status, command }, 60).text).trimEnd()).toMatch(/1x {2}\$ make test$/);
    expect(plain(statusLine({ ...status, command }, 40).text)).toMatch(/1x$/);
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 200 }), fc.string({ unit: "binary" }), (cols, line) => {
        const { text } = statusLine({ ...status, command: ran(1, { line, exitStatus: 1 }) }, cols);
        expect(textWidth(plain(text).trimEnd())).toBeLessThanOrEqual(cols);
      }),
    );
  });

  it("are marked on the timeline: failed ones for all terminals, beginnings where there are few", () => {
    const bar = timelineBar(outline, 0, 50, SESSION);
    expect(plain(bar)).toBe(`█${"·".repeat(9)}×····×${"·".repeat(34)}`);
    const screen = new Screen({ cols: 50, rows: 1 });
    screen.feed(Buffer.from(bar));
    const line = screen.snapshot().lines[0];
    const underlined = Array.from({ length: 50 }, (_, x) => x).filter((x) => line?.cell(x).underline === 1);
    expect(underlined).toEqual([5, 20, 25]);
    expect(timelineBar(outline, 0, 9, SESSION)).not.toContain("\x1b[4m");
    expect(
      plain(timelineBar(outline, 0, 50, Array<ListedCommand>(20_001).fill(ran(20, { exitStatus: 1 })))),
    ).not.toContain("×");
  });
});
