// Painting a screen on another terminal: the same cells, by differences, whatever was there before.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ColorDepth, type PaintArea, printScreen, Screen, ScreenPainter } from "../../src/terminal/index.js";
import { shownCells } from "./painted.js";
import { hostileBytes, screenStream } from "./streams.js";

const encode = (text: string): Uint8Array => Buffer.from(text);

function wholeOf({ cols, rows }: Screen): PaintArea {
  return { x: 0, y: 0, cols, rows, left: 0, top: 0 };
}

/** A terminal that a painter paints on, as the player sets it up. */
class Terminal {
  readonly screen: Screen;
  readonly painter: ScreenPainter;

  constructor(size: { cols: number; rows: number }, depth: ColorDepth = "truecolor") {
    this.screen = new Screen(size);
    this.screen.feed(encode("\x1b[?7l"));
    this.painter = new ScreenPainter({ depth });
  }

  paint(screen: Screen, area: PaintArea = wholeOf(screen)): string {
    const bytes = this.painter.paint(screen, area);
    this.screen.feed(bytes);
    this.screen.feed(this.painter.cursor(screen, area));
    return Buffer.from(bytes).toString();
  }
}

function screenOf(text: string, size = { cols: 10, rows: 3 }): Screen {
  const screen = new Screen(size);
  screen.feed(encode(text));
  return screen;
}

function painted(text: string, depth: ColorDepth = "truecolor"): string {
  return new Terminal({ cols: 10, rows: 3 }, depth).paint(screenOf(text));
}

describe("ScreenPainter", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.oneof(screenStream(), hostileBytes()) },
    {
      weight: 1,
      arbitrary: fc.record({ cols: fc.integer({ min: 2, max: 30 }), rows: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ left: fc.nat(20), top: fc.nat(8) }) },
  );

  it("shows every frame exactly, through resizes and whatever part is shown", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.nat(3), fc.nat(2), (steps, x, y) => {
        const terminal = new Terminal({ cols: 24, rows: 8 });
        const screen = new Screen({ cols: 20, rows: 6 });
        let area = { x, y, cols: 20 - x, rows: 6 - y, left: 0, top: 0 };
        for (const next of steps) {
          if (next instanceof Uint8Array) screen.feed(next);
          else if ("cols" in next) screen.resize(next.cols, next.rows);
          else area = { ...area, ...next };
          terminal.paint(screen, area);
          const seen = { ...area, rows: Math.max(0, Math.min(area.rows, screen.rows - area.top)) };
          const expected = shownCells(screen, seen);
          const onTerminal = { ...seen, left: x, top: y, cols: expected[0]?.length ?? 0 };
          expect(shownCells(terminal.screen, onTerminal)).toEqual(expected);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("shows the cursor where it is and as it is, and hides it where it is not seen", () => {
    fc.assert(
      fc.property(fc.array(screenStream(), { maxLength: 4 }), fc.nat(8), fc.nat(3), (streams, left, top) => {
        const terminal = new Terminal({ cols: 12, rows: 4 });
        const screen = new Screen({ cols: 12, rows: 4 });
        const area = { ...wholeOf(screen), cols: 6, rows: 2, left, top };
        for (const stream of streams) screen.feed(stream);
        terminal.paint(screen, area);
        const { x, y, visible, style, blink } = screen.cursor;
        const isSeen = visible && x >= left && x < left + 6 && y >= top && y < top + 2;
        const { cursor } = terminal.screen;
        expect(cursor.visible).toBe(isSeen);
        if (isSeen) expect(cursor).toMatchObject({ x: x - left, y: y - top, style, blink });
      }),
      { numRuns: 100 },
    );
  });

  it("writes nothing where nothing changed, and only the cells that changed", () => {
    const terminal = new Terminal({ cols: 10, rows: 3 });
    const screen = screenOf("one\r\ntwo e\u0301\x1b[4:3;58;5;2mx");
    terminal.paint(screen);
    expect(terminal.paint(screen)).toBe("");
    screen.feed(encode("\x1b[2;2HW"));
    expect(terminal.paint(screen)).toMatch(/^\x1b\[2;2H\x1b\[[0-9;:]*mW\x1b\[0m$/);
  });

  it("notices a change of a combined text, of an underline's colour, and of nothing but an attribute", () => {
    const terminal = new Terminal({ cols: 10, rows: 3 });
    const screen = screenOf("e\u0301\x1b[4:3;58;5;2mx\x1b[0my");
    for (const change of ["\x1b[He\u0300", "\x1b[1;2H\x1b[4:3;58;5;9mx", "\x1b[0;7m\x1b[1;3Hy"]) {
      terminal.paint(screen);
      screen.feed(encode(change));
      expect(terminal.paint(screen)).not.toBe("");
      expect(shownCells(terminal.screen, wholeOf(screen))).toEqual(shownCells(screen, wholeOf(screen)));
    }
  });

  it("draws everything again when told to forget", () => {
    const terminal = new Terminal({ cols: 10, rows: 3 });
    const screen = screenOf("text");
    const first = terminal.paint(screen);
    terminal.painter.forget();
    expect(terminal.paint(screen)).toBe(first);
  });

  it("places the cursor anew around what terminals give different widths", () => {
    expect(painted("a♥b")).toContain("a \x1b[1;2H♥\x1b[1;3Hb");
    expect(painted("a👍b")).toContain("a  \x1b[1;2H👍\x1b[1;4Hb");
    expect(painted("日本b─é")).toContain("日本b─é");
    expect(painted("ΊΌ\u038bE")).toContain("ΊΌ \x1b[1;3H\u038b\x1b[1;4HE");
  });

  it("leaves no joiner open at the end of a cell: it would take the next cell's character along", () => {
    expect(painted("👩\u200d👧")).toContain("👩\x1b[1;3H  \x1b[1;3H👧");
    expect(painted("👩\u200d\u0301")).toContain("👩\u200d\u0301");
  });

  it("draws what stands behind a doubtful character again with it", () => {
    const terminal = new Terminal({ cols: 10, rows: 3 });
    const screen = screenOf("abc");
    terminal.paint(screen);
    screen.feed(encode("\x1b[1;1H♥"));
    expect(terminal.paint(screen)).toContain("♥\x1b[1;2Hb");
  });

  it("draws the screen's edge again where a doubtful character stood beside it", () => {
    const terminal = new Terminal({ cols: 8, rows: 3 });
    const screen = screenOf("", { cols: 4, rows: 2 });
    const area = { x: 0, y: 0, cols: 8, rows: 3, left: 0, top: 0 };
    terminal.paint(screen, area);
    screen.feed(encode("\x1b[1;4H♥"));
    expect(terminal.paint(screen, area)).toContain("♥\x1b[1;5H\x1b[2m│");
    screen.feed(encode("\x1b[1;4Hx"));
    expect(terminal.paint(screen, area)).not.toContain("│");
  });

  it("lets no control character out, whatever a cell holds", () => {
    const text = painted("a\u202eb\u2066c\u200f\u{e0041}e\u0301\ufeff");
    expect(text).not.toMatch(/[\u202e\u2066\u200f\ufeff\u{e0041}]/u);
    expect(text.replace(/\x1b\[[0-9;:]*[A-Za-z]/g, "")).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  });

  it("cuts a cell that piles up combining characters without end", () => {
    expect(painted(`a${"\u0301".repeat(100_000)}`).length).toBeLessThan(1000);
  });

  it("marks the edges of a screen smaller than its area and leaves the rest blank", () => {
    const terminal = new Terminal({ cols: 8, rows: 5 });
    terminal.screen.feed(encode("\x1b#8"));
    const screen = screenOf("abcd\r\nefgh", { cols: 4, rows: 2 });
    terminal.paint(screen, { ...wholeOf(screen), cols: 7, rows: 4 });
    expect(terminal.screen.text()).toEqual(["abcd│  E", "efgh│  E", "────┘  E", "       E", "EEEEEEEE"]);
  });

  it.each<[ColorDepth, string]>([
    ["truecolor", "\x1b[4:3;38;5;200;48;2;255;100;0;58:2::0:0:255mx"],
    ["256", "\x1b[4:3;38;5;200;48;5;202;58:5:21mx"],
    ["16", "\x1b[4;95;101mx"],
    ["none", "\x1b[4mx"],
  ])("falls back to the colours there are: %s", (depth, expected) => {
    expect(painted("\x1b[4:3;38;5;200;48;2;255;100;0;58:2::0:0:255mx", depth)).toContain(expected);
  });

  it("names the sixteen colours as the recording did, greys as greys", () => {
    expect(painted("\x1b[31;102mx")).toContain("\x1b[31;102mx");
    expect(painted("\x1b[31;102mx", "16")).toContain("\x1b[31;102mx");
    expect(painted("\x1b[38;2;128;128;128;48;2;30;60;250mx", "256")).toContain("\x1b[38;5;244;48;5;27mx");
  });

  it("changes no more of the pen than what differs", () => {
    expect(painted("\x1b[1;2;31ma\x1b[22;1mb\x1b[32mc\x1b[9md\x1b[0me")).toContain(
      "\x1b[1;2;31ma\x1b[22;1mb\x1b[32mc\x1b[9md\x1b[0me",
    );
  });

  it("sets highlights off and takes them back", () => {
    const screen = screenOf("one two");
    for (const [depth, on] of [
      ["truecolor", "\x1b[30;43mtwo\x1b[0m"],
      ["none", "\x1b[7mtwo\x1b[0m"],
    ] as const) {
      const painter = new ScreenPainter({ depth });
      painter.paint(screen, wholeOf(screen));
      const highlights = [
        { x: 4, y: 0, cols: 3 },
        { x: 0, y: 9, cols: 2 },
      ];
      expect(Buffer.from(painter.paint(screen, wholeOf(screen), highlights)).toString()).toBe(`\x1b[1;5H${on}`);
      expect(Buffer.from(painter.paint(screen, wholeOf(screen), highlights)).toString()).toBe("");
      expect(Buffer.from(painter.paint(screen, wholeOf(screen))).toString()).toBe("\x1b[1;5Htwo");
    }
  });
});

describe("printScreen", () => {
  it("prints the rows as lines with their colours, up to the last that shows anything", () => {
    const screen = screenOf("\x1b[31mred\x1b[0m\r\n日本 x\r\n\r\n", { cols: 10, rows: 6 });
    const lines = Buffer.from(printScreen(screen, { depth: "truecolor", cols: 80 })).toString();
    expect(lines).toBe("\x1b[G\x1b[31mred\x1b[0m\r\n\x1b[G日本 x\r\n");
  });

  it("cuts rows at the terminal's edge and says nothing of a blank screen", () => {
    const text = Buffer.from(printScreen(screenOf("abcdefgh"), { depth: "none", cols: 4 })).toString();
    expect(text).toBe("\x1b[Gabcd\r\n");
    expect(printScreen(screenOf("   "), { depth: "none", cols: 4 })).toHaveLength(0);
  });

  it("prints the same cells that the screen shows", () => {
    fc.assert(
      fc.property(screenStream(), (stream) => {
        const screen = new Screen({ cols: 20, rows: 6 });
        screen.feed(stream);
        const terminal = new Screen({ cols: 20, rows: 7 });
        terminal.feed(printScreen(screen, { depth: "truecolor", cols: 20 }));
        expect(shownCells(terminal, wholeOf(screen))).toEqual(shownCells(screen, wholeOf(screen)));
      }),
      { numRuns: 100 },
    );
  });
});
