// The parts of the comparison of t2a play with a linear replay: tmux's capture read, screens replayed, moves planned.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as lib from "../../src/index.js";
import { output, recordingOf } from "../core/recordings.js";
import { tempDir } from "../support/temp-dir.js";

const load = (name: string) => import(new URL(`../../scripts/player-check/${name}.mjs`, import.meta.url).href);
const { parseCapture, rowsOfScreen, compareRows } = await load("styled-rows");
const { readMoments, replay } = await load("replay");
const { planMoves } = await load("moves");
const { Picture, View } = await load("picture");
const { TmuxPane } = await load("tmux-pane");
const { TmuxWidths } = await load("tmux-widths");
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
if (!hasTmux) console.warn("player-check.test.ts is skipped in part: tmux is not installed");

const SIZE = { cols: 20, rows: 5 };
const WHOLE = { left: 0, top: 0, ...SIZE };
const plain = (text: string) => ({ text, fg: -1, bg: -1, flags: "" });

function shot(text: string, size = SIZE) {
  const screen = new lib.Screen(size);
  screen.feed(Buffer.from(text));
  return screen.snapshot();
}

function rowsOf(text: string, area = WHOLE, size = SIZE) {
  return rowsOfScreen(lib, shot(text, size), area);
}

const textOf = (row: readonly { text: string }[]) => row.map(({ text }) => text).join("");

describe("a capture", () => {
  it("is read as cells with their styles, filled with blanks", () => {
    const rows = parseCapture("a\x1b[1;31mb\x1b[0m\n\x1b[38;5;200;48;2;1;2;3mc", { cols: 3, rows: 3 });
    expect(rows).toEqual([
      [plain("a"), { text: "b", fg: 1, bg: -1, flags: "bold" }, plain(" ")],
      [{ text: "c", fg: 200, bg: "#010203", flags: "" }, plain(" "), plain(" ")],
      [plain(" "), plain(" "), plain(" ")],
    ]);
  });

  it("knows every colour and style that tmux prints, line drawing and links", () => {
    const [row] = parseCapture(
      "\x1b[97;103;4:3;9;53;7;58:2::1:2:3mx\x1b[39;49;24;29;55;27my\x1b[38:2::9:8:7;48:5:7mz\x1b[1;2m.\x1b[22;4:0m!\x1b[m\x0eq\x0f\x1b]8;;http://x\x1b\\l",
      { cols: 7, rows: 1 },
    );
    expect(
      row.map(({ text, fg, bg, flags }: Record<string, unknown>) => `${text} ${fg} ${bg} ${flags}`.trim()),
    ).toEqual([
      "x 15 11 inverse overline strikethrough underline",
      "y -1 -1",
      "z #090807 7",
      ". #090807 7 bold dim",
      "! #090807 7",
      "─ -1 -1",
      "l -1 -1",
    ]);
  });

  it("is laid out in columns, wide characters in two, marks with what they stand on", () => {
    const widthOf = (character: string) => ({ 日: 2, "\u0301": 0 })[character] ?? 1;
    const [row] = parseCapture("日e\u0301x", { cols: 5, rows: 1 }, widthOf);
    expect(row.map(({ text }: { text: string }) => text)).toEqual(["日", "", "e\u0301", "x", " "]);
    expect(textOf(parseCapture("\x1b[5:3mx", { cols: 1, rows: 1 })[0])).toBe("x");
  });

  it("is refused where it is not what tmux prints", () => {
    expect(() => parseCapture("a\x1b[2Jb", SIZE)).toThrow("not what tmux prints");
  });
});

describe("comparing rows", () => {
  it("finds other text and other colours, row by row", () => {
    const expected = rowsOf("abc\r\n\x1b[31mred\x1b[m\r\nx");
    expect(compareRows(expected, expected)).toEqual([]);
    const other = rowsOf("abd\r\n\x1b[32mred\x1b[m\r\nx");
    expect(compareRows(other, expected)).toEqual([
      'row 1, column 3: "d" instead of "c"',
      'row 2, column 1: "r" fg 2 instead of "r" fg 1',
    ]);
    expect(compareRows(other, expected, (y: number) => y === 1)).toHaveLength(1);
    expect(compareRows(rowsOf("日"), rowsOf("a"))).toEqual(['row 1, column 1: "日" instead of "a"']);
  });

  it("does not mind what cannot be seen", () => {
    expect(compareRows(rowsOf("a\x1b[31;1m b"), rowsOf("a \x1b[31;1mb"))).toEqual([]);
    expect(compareRows(rowsOf("日本\x1b[1K"), rowsOf("    "))).toEqual([]);
    expect(compareRows(rowsOf("👩\u200d"), rowsOf("👩"))).toEqual([]);
  });
});

describe("a part of a screen", () => {
  it("has halves of wide characters as spaces and the screen's edge as a thin line", () => {
    const rows = rowsOf("日本語x", { left: 1, top: 0, cols: 4, rows: 1 }, { cols: 8, rows: 2 });
    expect(textOf(rows[0])).toBe(" 本 ");
    expect(rowsOf("ab", { left: 0, top: 0, cols: 4, rows: 4 }, { cols: 2, rows: 2 }).map(textOf)).toEqual([
      "ab│ ",
      "  │ ",
      "──┘ ",
      "    ",
    ]);
  });

  it("goes with the cursor no further than it must, and not with a hidden one", () => {
    const view = new View();
    const part = { cols: 5, rows: 2 };
    const at = (text: string) => view.follow(shot(text), part);
    expect(at("\x1b[2;5H")).toMatchObject({ left: 0, top: 0 });
    expect(at("\x1b[3;8H")).toMatchObject({ left: 3, top: 1 });
    expect(at("\x1b[2;5H")).toMatchObject({ left: 3, top: 1 });
    expect(at("\x1b[1;1H\x1b[?25l")).toMatchObject({ left: 3, top: 1 });
    expect(at("\x1b[1;1H")).toMatchObject({ left: 0, top: 0 });
    expect(view.follow(shot("", { cols: 4, rows: 1 }), part)).toMatchObject({ left: 0, top: 0 });
  });
});

describe("the replay", () => {
  const recording = () =>
    recordingOf(
      [
        [output(1, "a"), output(1, "b"), { kind: "resize", time: 2e9, cols: 4, rows: 2 }],
        [{ kind: "marker", time: 2.5e9, label: "m" }, output(3, "c")],
      ],
      SIZE,
    );

  it("gives the screen behind so many events", async () => {
    const shown = await replay(lib, recording(), [0, 5, 1, 4, 2]);
    const text = (count: number) => shown.get(count).lines.map((line: lib.ScreenLine) => line.text());
    expect([0, 1, 2, 4, 5].map((count) => text(count).join("|"))).toEqual(["||||", "a||||", "ab||||", "ab|", "abc|"]);
    expect(shown.has(3)).toBe(false);
  });

  it("is asked for the same moves for the same seed, which are typed exactly", async () => {
    const moments = await readMoments(recording());
    const moves = planMoves(lib, moments, { points: 20, seed: "1" });
    expect(moves).toEqual(planMoves(lib, moments, { points: 20, seed: "1" }));
    expect(moves).not.toEqual(planMoves(lib, moments, { points: 20, seed: "2" }));
    for (const { typed } of moves.filter((move: { typed?: string }) => move.typed !== undefined)) {
      const { events, time } = moves.find((move: { typed?: string }) => move.typed === typed);
      expect(lib.parsePosition(typed)).toEqual({ nanos: time });
      expect(events).toBe(moments.filter((moment: { time: number }) => moment.time <= time).length);
    }
    expect(planMoves(lib, [], { points: 1, seed: "1" })).toEqual([{ name: "g 0.0", typed: "0.0", events: 0, time: 0 }]);
  });

  it("counts steps by the events that change the screen", async () => {
    const moments = await readMoments(recording());
    const steps = planMoves(lib, moments, { points: 40, seed: "1" }).filter(({ key }: { key?: string }) => key === ",");
    expect(steps.length).toBe(24);
    // Before the last output stands the marker; before the marker, which shows nothing, the resize is stepped over.
    for (const { events, time } of steps)
      expect(["0 0", "1 1000000000", "2 1000000000", "4 2500000000"]).toContain(`${events} ${time}`);
  });
});

describe.skipIf(!hasTmux)("a pane", () => {
  it("shows what a screen shows, text, colours and cursor, and takes keys", async () => {
    const path = tempDir();
    const stream =
      "\x1b[1;31mred\x1b[m \x1b[38;5;200mpink\x1b[48;2;1;2;3m on dark\x1b[m\r\n日本語 e\u0301 \x1b[4;3mx\x1b[m" +
      "\x1b[44m  \x1b[m\x1b[7m  \x1b[m\r\n\x1b[9;2mdim\x1b[m\x1b[5;4H\x1b[97;102mlast\x1b[m\x1b[4;2H";
    writeFileSync(path("stream"), stream);
    const command = `stty raw -echo; cat '${path("stream")}'; printf '\\033]2;there\\033\\\\'; head -c 3 > '${path("keys")}'; printf done`;
    const pane = new TmuxPane(["sh", "-c", command], SIZE);
    try {
      const widths = new TmuxWidths();
      await widths.measure(["日本語\u0301│"]);
      const picture = new Picture(lib, shot(stream), WHOLE, widths);
      await pane.until((look: unknown) => picture.differences(look).length === 0, "stream");
      expect(picture.unshown).toEqual([]);
      const moved = new Picture(lib, shot(`${stream}\x1b[H`), WHOLE, widths);
      expect(moved.differences(pane.look())).toEqual([
        "cursor in row 4, column 2 instead of cursor in row 1, column 1",
      ]);
      expect(pane.size).toEqual(SIZE);
      pane.keys("Escape");
      pane.type("g;");
      await pane.until(({ capture }: { capture: string }) => capture.includes("done"), "end");
      await expect(pane.until(() => false, "end of the world", 50)).rejects.toThrow("no end of the world in 0.05 s");
    } finally {
      pane.close();
    }
  });
  it("tells how wide characters are in it, and what it cannot show", async () => {
    const widths = new TmuxWidths();
    await widths.measure(["é日\u0301\u038b👍", "\u200d"]);
    expect(["a", "é", "日", "\u0301", "\u038b", "👍", "\u200d"].map(widths.of)).toEqual([1, 1, 2, 0, 0, 2, 0]);
    expect([widths.canShow("日", 2), widths.canShow("e\u0301", 1), widths.canShow("\u038b", 1)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(widths.canShow("👍🏽", 2)).toBe(false);
    const picture = new Picture(lib, shot("\u038bx"), WHOLE, widths);
    expect(picture.unshown).toEqual(["\u038b"]);
    const look = { capture: " x", cursor: { x: 2, y: 0, visible: true } };
    expect(picture.differences(look)).toEqual([]);
    expect(picture.differences({ ...look, capture: "  " })).toEqual(['row 1, column 2: " " instead of "x"']);
  });
});
