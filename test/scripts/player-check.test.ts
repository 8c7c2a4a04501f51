// The parts of the comparison of t2a play with a linear replay: tmux's capture read, screens replayed, positions chosen.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as lib from "../../src/index.js";
import { output, recordingOf } from "../core/recordings.js";
import { tempDir } from "../support/temp-dir.js";

const load = (name: string) => import(new URL(`../../scripts/player-check/${name}.mjs`, import.meta.url).href);
const { parseCapture, rowsOfScreen, compareRows } = await load("styled-rows");
const { choosePositions, replay } = await load("replay");
const { TmuxPane } = await load("tmux-pane");
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
if (!hasTmux) console.warn("player-check.test.ts is skipped in part: tmux is not installed");

const SIZE = { cols: 20, rows: 5 };
const plain = (text: string) => ({ text, fg: -1, bg: -1, flags: "" });

function rowsOf(text: string) {
  const screen = new lib.Screen(SIZE);
  screen.feed(Buffer.from(text));
  return rowsOfScreen(lib, screen.snapshot().lines);
}

describe("a capture", () => {
  it("is read as code points with their styles, filled with blanks", () => {
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

  it("is refused where it is not what tmux prints", () => {
    expect(() => parseCapture("a\x1b[2Jb", SIZE)).toThrow("not what tmux prints");
  });
});

describe("comparing rows", () => {
  it("finds other text and other colours, row by row", () => {
    const expected = rowsOf("abc\r\n\x1b[31mred\x1b[m\r\nx");
    expect(compareRows(expected, expected)).toEqual([]);
    expect(compareRows(rowsOf("abd\r\n\x1b[32mred\x1b[m\r\nx"), expected)).toEqual([
      'row 1, character 3: "d" instead of "c"',
      'row 2, character 1: "r" fg 2 instead of "r" fg 1',
    ]);
    expect(compareRows(rowsOf("abc\x1b[44m \x1b[m\r\n\x1b[31mred\x1b[m\r\nx"), expected, 1)).toHaveLength(1);
  });

  it("does not mind what cannot be seen", () => {
    expect(compareRows(rowsOf("a\x1b[31;1m b"), rowsOf("a \x1b[31;1mb"))).toEqual([]);
    expect(compareRows(rowsOf("日本\x1b[1K"), rowsOf("    "))).toEqual([]);
  });
});

describe("the replay", () => {
  const recording = () =>
    recordingOf(
      [[output(1, "a"), output(1, "b"), { kind: "resize", time: 2e9, cols: 4, rows: 2 }], [output(3, "c")]],
      SIZE,
    );

  it("gives the screen at each time, an event at that very time included", async () => {
    const shown = await replay(lib, recording(), [3e9, 0, 1e9, 2.5e9, 9e9]);
    const text = (time: number) =>
      shown
        .get(time)
        .lines.map((line: lib.ScreenLine) => line.text())
        .join("|");
    expect([0, 1e9, 2.5e9, 3e9, 9e9].map(text)).toEqual(["||||", "ab||||", "ab|", "abc|", "abc|"]);
  });

  it("is asked for the same positions for the same seed, which are typed exactly", async () => {
    const positions = await choosePositions(lib, recording(), { points: 20, seed: "1" });
    expect(positions).toEqual(await choosePositions(lib, recording(), { points: 20, seed: "1" }));
    expect(positions).not.toEqual(await choosePositions(lib, recording(), { points: 20, seed: "2" }));
    for (const { nanos, text } of positions) expect(lib.parsePosition(text)).toEqual({ nanos });
    expect(await choosePositions(lib, recordingOf([]), { points: 1, seed: "1" })).toEqual([{ nanos: 0, text: "0.0" }]);
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
      const screen = new lib.Screen(SIZE);
      screen.feed(Buffer.from(stream));
      const expected = rowsOfScreen(lib, screen.snapshot().lines);
      const isThere = (capture: string) => compareRows(parseCapture(capture, SIZE), expected).length === 0;
      await pane.until(isThere, "stream");
      expect(pane.cursor()).toEqual({ x: screen.cursor.x, y: screen.cursor.y, visible: true });
      expect(pane.size).toEqual(SIZE);
      pane.keys("Escape");
      pane.type("g;");
      expect(await pane.until((capture: string) => capture.includes("done"), "end")).toContain("done");
      await expect(pane.until(() => false, "end of the world", 50)).rejects.toThrow("no end of the world in 0.05 s");
    } finally {
      pane.close();
    }
  });
});
