// Rows as text with colours: written to another screen they look the same.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attributeNames, type Cell, Screen, styledRuns, styledText } from "../../src/terminal/index.js";
import { screenStream } from "./streams.js";

const rowsOf = (screen: Screen) => screen.snapshot().lines;
const fed = (text: string | Uint8Array, cols = 20, rows = 6): Screen => {
  const screen = new Screen({ cols, rows });
  screen.feed(typeof text === "string" ? Buffer.from(text) : text);
  return screen;
};
/** What is seen of a cell: protection and links are not written. */
const seen = ({ chars, width, fg, bg, attrs, underline, underlineColor }: Cell) => ({
  chars: chars || " ",
  width,
  fg,
  bg,
  attrs: attrs & 255,
  underline,
  // The colour of an underline that is not there is not seen: the engine keeps it in linked cells alone.
  underlineColor: underline === 0 ? -1 : underlineColor,
});

describe("styledText", () => {
  it("makes the same row on another screen, whatever made it", () => {
    fc.assert(
      fc.property(screenStream(), (stream) => {
        const screen = fed(stream);
        for (const line of rowsOf(screen)) {
          // Half of a wide character at an edge is a cell that no text makes.
          if (line.cells().some((cell, x, all) => cell.width === 2 && all[x + 1]?.width !== 0)) continue;
          if (line.cells().some((cell, x, all) => cell.width === 0 && all[x - 1]?.width !== 2)) continue;
          if (line.cells().some(({ chars }) => /^\p{M}/u.test(chars))) continue;
          const copy = fed(`\x1b[?7l${styledText(line)}`, 20, 1);
          expect(rowsOf(copy)[0]?.cells().map(seen)).toEqual(line.cells().map(seen));
          copy.dispose();
        }
        screen.dispose();
      }),
      { numRuns: 300 },
    );
  });

  it("holds no sequences where nothing has a style, and ends with none in force", () => {
    const [plain, red] = rowsOf(fed("plain\r\n\x1b[31mred\x1b[44m \x1b[0m"));
    expect([plain && styledText(plain), red && styledText(red)]).toEqual([
      "plain",
      "\x1b[0;31mred\x1b[0;31;44m \x1b[0m",
    ]);
  });
});

describe("styledRuns", () => {
  it("joins neighbours of one style, counts columns, and names attributes", () => {
    const [line] = rowsOf(fed("a日\x1b[1;4:3;38;2;1;2;3mb c\x1b[0;4;92m!"));
    const runs = line === undefined ? [] : styledRuns(line);
    expect(runs.map(({ text, width, style }) => [text, width, style.fg, attributeNames(style)])).toEqual([
      ["a日", 3, -1, []],
      ["b c", 3, 0x1000000 + 0x010203, ["bold", "underline-curly"]],
      ["!", 1, 10, ["underline"]],
    ]);
  });
});
