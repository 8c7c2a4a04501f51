// The terminal's answers, cut anywhere and mixed with keys.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ThemeAnswerParser, themeQueries } from "../../src/terminal/index.js";
import { chunked } from "./streams.js";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

const COLOURS = Array.from({ length: 16 }, (_, index) => `\x1b]4;${index};rgb:${index.toString(16)}0/ff/0\x1b\\`);
const BASE = "\x1b]10;rgb:ffff/8080/0000\x1b\\\x1b]11;rgb:0/8/f\x07";
const VERSION = "\x1bP>|XTerm(390)\x1b\\";
const DA1 = "\x1b[?62;22c";

function parsed(input: string, sizes: readonly number[] = [4096]): ThemeAnswerParser {
  const parser = new ThemeAnswerParser();
  for (const chunk of chunked(bytesOf(input), sizes)) parser.feed(chunk);
  return parser;
}

describe("the queries", () => {
  it("ask for colours, version and, last, what every terminal answers", () => {
    const text = textOf(themeQueries());
    expect(text).toContain("\x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b]4;0;?\x1b\\");
    expect(text.endsWith("\x1b]4;15;?\x1b\\\x1b[>q\x1b[c")).toBe(true);
  });
});

describe("the answers", () => {
  it("give a theme and a version", () => {
    const parser = parsed(BASE + COLOURS.join("") + VERSION + DA1);
    expect(parser.done).toBe(true);
    const { theme, termVersion } = parser.result();
    expect(termVersion).toBe("XTerm(390)");
    expect(theme?.fg).toBe("#ff8000");
    expect(theme?.bg).toBe("#0088ff");
    expect(theme?.palette).toHaveLength(16);
    expect(theme?.palette[15]).toBe("#f0ff00");
    expect(parser.leftover()).toHaveLength(0);
  });

  it("give 8 colours where fewer than 16 were told, and no theme below 8 or without a background", () => {
    expect(parsed(BASE + COLOURS.slice(0, 12).join("") + DA1).result().theme?.palette).toHaveLength(8);
    expect(parsed(BASE + COLOURS.slice(0, 7).join("") + DA1).result()).toEqual({});
    expect(parsed(`\x1b]10;rgb:0/0/0\x07${COLOURS.join("")}`).result()).toEqual({});
  });

  it("may tell transparency and letters of either case", () => {
    const parser = parsed(`\x1b]10;rgba:FFFF/0000/0000/8000\x1b\\\x1b]11;rgb:00/00/00\x07${COLOURS.join("")}`);
    expect(parser.done).toBe(false);
    expect(parser.result().theme?.fg).toBe("#ff0000");
  });

  it("end with DA1: what follows is the user's", () => {
    const parser = parsed(`${DA1}a${VERSION}`);
    expect(parser.result()).toEqual({});
    expect(textOf(parser.leftover())).toBe(`a${VERSION}`);
    parser.feed(bytesOf("\x1b[?1c"));
    expect(textOf(parser.leftover())).toBe("\x1b[?1c");
  });
});

describe("what the user types meanwhile", () => {
  it("is kept in order, escape sequences and UTF-8 included", () => {
    const parser = parsed(`q\x1b[A${BASE}\xc3\xa9\x1b${VERSION}\x1b]x\x1bP\x1bOP${DA1}\x03`);
    expect(parser.done).toBe(true);
    expect(textOf(parser.leftover())).toBe("q\x1b[A\xc3\xa9\x1b\x1b]x\x1bP\x1bOP\x03");
    expect(textOf(parser.leftover())).toBe("");
  });

  it("is given back even if it could have become an answer", () => {
    expect(textOf(parsed("a\x1b").leftover())).toBe("a\x1b");
    expect(textOf(parsed("a\x1b[").leftover())).toBe("a\x1b[");
  });

  it("does not include an answer whose end never came", () => {
    expect(textOf(parsed("a\x1b]10;rgb:ff").leftover())).toBe("a");
    expect(textOf(parsed("a\x1bP>|XTerm").leftover())).toBe("a");
  });

  it("is the same however the bytes are cut", () => {
    const input = `x${BASE}\x1b[B${COLOURS.join("y")}${VERSION}\x1b\x1b${DA1}z\x1b[`;
    const whole = parsed(input);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }), (sizes) => {
        const parser = parsed(input, sizes);
        expect(parser.result()).toEqual(whole.result());
        expect(textOf(parser.leftover())).toBe(`x\x1b[B${"y".repeat(15)}\x1b\x1bz\x1b[`);
      }),
    );
  });
});
