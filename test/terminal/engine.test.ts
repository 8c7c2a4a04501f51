// The mends of the engine, one by one: each test fails on the engine as it comes.
import headless from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/terminal/engine.js";
import { Screen, ScreenLine } from "../../src/terminal/index.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");

function screenOf(text: string, { cols = 10, rows = 4 } = {}): Screen {
  const screen = new Screen({ cols, rows });
  screen.feed(bytesOf(text));
  return screen;
}

/** Milliseconds that feeding took. */
function timeToFeed(text: string, size = { cols: 80, rows: 24 }): number {
  const screen = new Screen(size);
  const start = process.hrtime.bigint();
  screen.feed(bytesOf(text));
  return Number(process.hrtime.bigint() - start) / 1e6;
}

describe("the engine", () => {
  it("has the private parts that are read", () => {
    const terminal = new headless.Terminal({ allowProposedApi: true });
    expect(terminal).toHaveProperty("_core._bufferService.buffers.normal.savedCurAttrData");
    expect(terminal).toHaveProperty("_core._bufferService.buffers.normal.tabs");
    expect(terminal).toHaveProperty("_core._bufferService.buffers.normal.savedCharset");
    expect(terminal).toHaveProperty("_core._bufferService.scroll");
    expect(terminal).toHaveProperty("_core._charsetService._charsets");
    expect(terminal).toHaveProperty("_core._charsetService.glevel");
    expect(terminal).toHaveProperty("_core._oscLinkService.registerLink");
    expect(terminal).toHaveProperty("_core._inputHandler._curAttrData.extended._urlId");
    expect(terminal).toHaveProperty("_core._inputHandler._parser.precedingJoinState");
    expect(terminal).toHaveProperty("_core._inputHandler._windowTitleStack");
    expect(terminal).toHaveProperty("_core._inputHandler._dirtyRowTracker.start");
    expect(terminal).toHaveProperty("_core.coreMouseService.activeEncoding");
    expect(terminal).toHaveProperty("_core.coreService.decPrivateModes.wraparound");
    expect(terminal).toHaveProperty("_core.optionsService.rawOptions.convertEol");
    terminal.dispose();
  });
});

describe("scrolling", () => {
  it("is told beforehand, and rows that merely move with all others are not noted as touched", () => {
    const tops: (string | undefined)[] = [];
    const engine = createEngine({
      cols: 10,
      rows: 4,
      onScroll: ({ lines, ybase, scrollTop }, isWrapped) => {
        const top = lines.get(ybase + scrollTop);
        tops.push(`${top && new ScreenLine(top).text()}${isWrapped ? " wrapped" : ""}`);
      },
    });
    const { _dirtyRowTracker: touched } = engine.core._inputHandler;
    engine.parse("1\r\n2\r\n3\r\n4");
    engine.parse("\r\nlong line that wraps");
    expect([tops, touched.start, touched.end]).toEqual([["1", "2 wrapped"], 3, 3]);
    engine.parse("\x1b[2;3r\x1b[3;1H\n");
    expect([tops.at(-1), touched.start, touched.end]).toEqual(["4", 0, 3]);
    engine.dispose();
  });
});

describe("counts", () => {
  it("of scrolling, inserting, deleting, tabs and repetition cost no more than the screen is large", () => {
    for (const final of "STLMIZ") expect(timeToFeed(`x\x1b[2147483647${final}`.repeat(20))).toBeLessThan(1000);
    expect(timeToFeed("x\x1b[2147483647b")).toBeLessThan(1000);
  });

  it("within the screen keep their meaning", () => {
    expect(screenOf("a\x1b[3b").text()[0]).toBe("aaaa");
    expect(screenOf("a\r\nb\r\nc\x1b[2S").text()).toEqual(["c", "", "", ""]);
    expect(screenOf("a\r\nb\x1b[1;1H\x1b[L").text()).toEqual(["", "a", "b", ""]);
    expect(screenOf("\x1b[Ix").text()[0]).toBe("        x");
  });
});

describe("the largest counts", () => {
  it("of any control function there is, known or not, end: before the bounds, some of them took minutes", () => {
    const screen = screenOf("ab日\r\nxy");
    for (const prefix of ["", "?", ">", "<", "="]) {
      for (const intermediate of ["", " ", "!", "$", '"', "'", "*", "+"]) {
        for (let final = 0x40; final < 0x7f; final++) {
          const function_ = `${intermediate}${String.fromCharCode(final)}`;
          screen.feed(bytesOf(`\x1b[${prefix}2147483647${function_}x\x1b[${prefix}2147483647;2147483647${function_}`));
        }
      }
    }
    screen.feed(bytesOf("\x1bc\x1b[?25h\x1b[Hstill here"));
    expect(screen.text()).toEqual(["still here", "", "", ""]);
  });
});

describe("characters that the end of a chunk cuts", () => {
  it("are whole: the engine's own decoder loses those whose next byte is 0x80", () => {
    for (const character of [
      "\u2014",
      "\u201c",
      "\u3000",
      "\u0100",
      "\u4000",
      "\u{10000}",
      "\u{1f600}",
      "e\u0300",
      "\u2800",
    ]) {
      const bytes = bytesOf(`<${character}>`);
      for (let cut = 1; cut < bytes.length; cut++) {
        const screen = new Screen({ cols: 10, rows: 1 });
        screen.feed(bytes.subarray(0, cut));
        screen.feed(bytes.subarray(cut));
        expect([cut, screen.text()]).toEqual([cut, [`<${character}>`]]);
      }
    }
  });
});

describe("erasing above in the last cell", () => {
  it("erases all and does not stop the screen", () => {
    for (const erase of ["\x1b[1J", "\x1b[?1J"]) {
      const screen = screenOf(`top\x1b[4;10H${erase}`);
      expect(screen.text()).toEqual(["", "", "", ""]);
      screen.feed(bytesOf("\x1b[Hon"));
      expect(screen.text()[0]).toBe("on");
    }
  });

  it("elsewhere keeps what is below", () => {
    expect(screenOf("a\r\nbcd\r\ne\x1b[2;2H\x1b[1J").text()).toEqual(["", "  d", "e", ""]);
  });
});

describe("hyperlinks", () => {
  it("are one for each id and address", () => {
    const link = (params: string, uri: string) => `\x1b]8;${params};${uri}\x07x`;
    const screen = screenOf(
      link("", "http://a") + link("", "http://a") + link("id=1", "http://a") + link("", "http://b"),
    );
    const { lines, links } = screen.snapshot();
    const numbers = [0, 1, 2, 3].map((x) => lines[0]?.cell(x).link ?? 0);
    expect(numbers[0]).toBe(numbers[1]);
    expect(new Set(numbers).size).toBe(3);
    expect(links.get(numbers[2] ?? 0)).toEqual({ id: "1", uri: "http://a" });
  });

  it("cost no more on the thousandth line than on the first", () => {
    expect(timeToFeed(`\x1b]8;;http://a\x07${"x\r\n".repeat(100_000)}`)).toBeLessThan(3000);
  });

  it("do not pile up in memory, and are none where they are too long", () => {
    const screen = new Screen({ cols: 10, rows: 4 });
    for (let i = 0; i < 5000; i++) screen.feed(bytesOf(`\x1b]8;;http://a/${i}\x07x`));
    const { links, lines } = screen.snapshot();
    expect(links.size).toBeLessThan(1100);
    expect(links.get(lines[0]?.cell(0).link ?? 0)?.uri).toMatch(/^http:\/\/a\/4\d{3}$/);
    screen.feed(bytesOf(`\x1b]8;;http://a/${"x".repeat(5000)}\x07\x1b[Hy`));
    expect(screen.snapshot().lines[0]?.cell(0).link).toBe(0);
  });
});

describe("resizing", () => {
  it("moves no text to other rows", () => {
    const screen = screenOf("abcdefghijklmno\r\nx");
    screen.resize(5, 4);
    expect(screen.text()).toEqual(["abcde", "klmno", "x", ""]);
    screen.resize(10, 6);
    expect(screen.text()).toEqual(["abcde", "klmno", "x", "", "", ""]);
    screen.feed(bytesOf("\x1b[1;6Hnew"));
    expect(screen.text()[0]).toBe("abcdenew");
  });

  it("keeps saved cursors and tab stops within the screen", () => {
    const screen = screenOf("\x1b[4;10H\x1b7\x1b[1;9H\x1bH\x1b[H");
    screen.resize(6, 2);
    screen.feed(bytesOf("\x1b8x\x1b[H\ty"));
    expect(screen.text()).toEqual(["     y", "     x"]);
  });

  it("of the alternate buffer while it is hidden leaves it as large as the screen", () => {
    const screen = screenOf("a\x1b[?1049hb\x1b[?1049l");
    screen.resize(10, 2);
    screen.feed(bytesOf("\x1b[?1049h\x1b[H1\r\n2\r\n3"));
    expect(screen.text()).toEqual(["2", "3"]);
    screen.feed(bytesOf("\x1b[?1049l"));
    expect(screen.text()).toHaveLength(2);
  });

  it("hands out the rows that are lost at the top", () => {
    const lines: string[] = [];
    const screen = new Screen({ cols: 10, rows: 4, onHistoryLine: (line) => lines.push(line.text()) });
    screen.feed(bytesOf("1\r\n2\r\n3\r\n4"));
    screen.resize(10, 2);
    expect(lines).toEqual(["1", "2"]);
    expect(screen.text()).toEqual(["3", "4"]);
  });
});

describe("rows that scroll off", () => {
  function history(text: string, rows = 3): string[] {
    const lines: string[] = [];
    const screen = new Screen({ cols: 10, rows, onHistoryLine: (line) => lines.push(line.text()) });
    screen.feed(bytesOf(text));
    return lines;
  }

  it("are handed out in order, also with a bottom margin", () => {
    expect(history("1\r\n2\r\n3\r\n4\r\n5")).toEqual(["1", "2"]);
    expect(history("1\r\n2\r\n3\x1b[1;2r\x1b[2;1H\n")).toEqual(["1"]);
  });

  it("are none below a top margin, and none of the alternate buffer", () => {
    expect(history("1\r\n2\r\n3\x1b[2;3r\x1b[3;1H\n\n")).toEqual([]);
    expect(history("1\x1b[?1049h\r\n2\r\n3\r\n4\r\n5\r\n6")).toEqual([]);
  });

  it("are the same as the engine's own scrollback would hold", () => {
    const text = Array.from({ length: 50 }, (_, i) => `line ${i} ${"x".repeat(i % 15)}\x1b[3${i % 8}m`).join("\r\n");
    const terminal = new headless.Terminal({ cols: 10, rows: 3, scrollback: 1000, allowProposedApi: true });
    return new Promise<void>((resolve) => {
      terminal.write(text, () => {
        const { active } = terminal.buffer;
        const expected = Array.from({ length: active.baseY }, (_, y) =>
          active.getLine(y)?.translateToString(true).trimEnd(),
        );
        expect(history(text)).toEqual(expected);
        resolve();
      });
    });
  });
});

describe("a handler that throws", () => {
  it("costs the rest of its chunk, and nothing after it", () => {
    const engine = createEngine({ cols: 10, rows: 1 });
    engine.core.registerCsiHandler({ final: "y" }, () => {
      throw new Error("on purpose");
    });
    engine.parse("a\x1b[3ylost");
    engine.parse("b");
    expect(new ScreenLine(engine.core._bufferService.buffer.lines.get(0) ?? expect.fail()).text()).toBe("ab");
    engine.dispose();
  });
});
