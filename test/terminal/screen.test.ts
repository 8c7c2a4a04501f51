// The screen: what it shows after which bytes, and that how they were cut changes nothing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ATTRS, Screen, TRUECOLOR } from "../../src/terminal/index.js";
import { chunked } from "./streams.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");

function screenOf(text: string, { cols = 20, rows = 4, scrollback = 0 } = {}): Screen {
  const screen = new Screen({ cols, rows, scrollback });
  screen.feed(bytesOf(text));
  return screen;
}

describe("text", () => {
  it("is that of the rows, trailing spaces trimmed", () => {
    expect(screenOf("one  \r\n\r\n  three").text()).toEqual(["one", "", "  three", ""]);
  });

  it("holds wide and combining characters, as wide as tmux has them", () => {
    const screen = screenOf("日本e\u0301👍x");
    expect(screen.text()[0]).toBe("日本e\u0301👍x");
    expect(screen.cursor.x).toBe(8);
  });

  it("survives any cut of characters and sequences", () => {
    const bytes = bytesOf("— “q” \u3000日本👩‍👩‍👧\x1b[3;5Hx\x1b]0;tïtle\x1b\\\ufeffé\x1b[1;31mé\u0301");
    const whole = new Screen({ cols: 20, rows: 4 });
    whole.feed(bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (sizes) => {
        const cut = new Screen({ cols: 20, rows: 4 });
        for (const chunk of chunked(bytes, sizes)) cut.feed(chunk);
        expect(cut.text()).toEqual(whole.text());
        expect(cut.title).toBe("tïtle");
        expect(cut.cursor).toEqual(whole.cursor);
      }),
    );
  });

  it("shows U+FFFD for what is no UTF-8", () => {
    const screen = new Screen({ cols: 20, rows: 1 });
    screen.feed(Uint8Array.from([0x41, 0xff, 0xe2, 0x82, 0x42]));
    expect(screen.text()).toEqual(["A\ufffd\ufffdB"]);
  });
});

describe("a snapshot", () => {
  it("tells each cell's style", () => {
    const { lines } = screenOf(
      '\x1b[1;2;3;5;7;8;9;53;31;48;5;200ma\x1b[0;4:3;58;2;1;2;3;38;2;10;20;30mb\x1b[0;4;97;102mc\x1b[0m\x1b[1"qd\x1b[58:5:9;21me',
    ).snapshot();
    const [a, b, c, d, e] = [0, 1, 2, 3, 4].map((x) => lines[0]?.cell(x));
    const all = Object.values(ATTRS).reduce((bits, bit) => bits | bit, 0);
    expect(a).toEqual({
      chars: "a",
      width: 1,
      fg: 1,
      bg: 200,
      attrs: all & ~ATTRS.protected,
      underline: 0,
      underlineColor: -1,
      link: 0,
    });
    expect(b).toMatchObject({ fg: TRUECOLOR | 0x0a141e, underline: 3, underlineColor: TRUECOLOR | 0x010203 });
    expect(c).toMatchObject({ fg: 15, bg: 10, underline: 1, underlineColor: -1 });
    expect(d).toMatchObject({ attrs: ATTRS.protected, fg: -1, bg: -1 });
    expect(e).toMatchObject({ underline: 2, underlineColor: 9 });
    expect(lines[0]?.cell(19)).toMatchObject({ chars: "", width: 1 });
    expect(lines[0]?.cell(999)).toMatchObject({ chars: "", width: 1, fg: -1 });
  });

  it("has both halves of wide characters", () => {
    const cells = screenOf("日").snapshot().lines[0]?.cells() ?? [];
    expect(cells).toHaveLength(20);
    expect([cells[0]?.width, cells[1]?.width, cells[1]?.chars]).toEqual([2, 0, ""]);
  });

  it("never changes", () => {
    const screen = screenOf("before\x1b]2;one\x07");
    const snapshot = screen.snapshot();
    screen.feed(bytesOf("\x1b[2J\x1b[Hafter\x1b]2;two\x07\x1b[?25l"));
    expect(snapshot.lines[0]?.text()).toBe("before");
    expect(snapshot.title).toBe("one");
    expect(snapshot.cursor).toMatchObject({ x: 6, visible: true });
  });

  it("tells which rows go on from the one above", () => {
    const { lines } = screenOf("x".repeat(25)).snapshot();
    expect(lines.map((line) => line.wrapped)).toEqual([false, true, false, false]);
  });

  it("tells cursor, modes and buffer", () => {
    const snapshot = screenOf(
      "\x1b[?1;45;66;1002;1004;1006;1049;2004;2026;6h\x1b[?7;25l\x1b[4;20h\x1b[5 q\x1b[3;20Hx",
    ).snapshot();
    expect(snapshot.alternate).toBe(true);
    expect(snapshot.cursor).toEqual({ x: 19, y: 2, visible: false, style: "bar", blink: true, pendingWrap: true });
    expect(snapshot.modes).toEqual({
      applicationCursorKeys: true,
      applicationKeypad: true,
      autowrap: false,
      bracketedPaste: true,
      focusReporting: true,
      insert: true,
      kittyKeyboard: 0,
      mouseEncoding: "sgr",
      mouseTracking: "button",
      newline: true,
      origin: true,
      reverseWraparound: true,
      synchronizedOutput: true,
    });
    expect(screenOf("\x1b[?9h\x1b[?1016h").modes).toMatchObject({ mouseTracking: "x10", mouseEncoding: "sgrPixels" });
  });
});

describe("size", () => {
  it("is bounded, whatever is asked for", () => {
    const screen = new Screen({ cols: 65_535, rows: 65_535 });
    expect([screen.cols, screen.rows]).toEqual([2000, 500]);
    screen.resize(65_535, 2);
    expect([screen.cols, screen.rows]).toEqual([2000, 2]);
    screen.resize(0, -5);
    expect([screen.cols, screen.rows]).toEqual([2, 1]);
    screen.resize(Number.NaN, Number.POSITIVE_INFINITY);
    expect([screen.cols, screen.rows]).toEqual([2, 2000]);
    screen.resize(10.7, 3.2);
    expect([screen.cols, screen.rows]).toEqual([10, 3]);
  });
});

describe("history", () => {
  it("keeps the last rows that scrolled off", () => {
    const lines = Array.from({ length: 100 }, (_, i) => `\x1b[3${i % 8}m${i}`).join("\r\n");
    const screen = screenOf(lines, { scrollback: 7 });
    expect(screen.history().map((line) => line.text())).toEqual(["89", "90", "91", "92", "93", "94", "95"]);
    expect(screen.history()[0]?.cell(0).fg).toBe(1);
    screen.dispose();
  });

  it("is empty unless asked for", () => {
    expect(screenOf("1\r\n2\r\n3\r\n4\r\n5\r\n6").history()).toEqual([]);
  });
});
