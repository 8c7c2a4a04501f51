// Finding what a screen shows, in cells.
import { describe, expect, it } from "vitest";
import { findOnScreen, Screen } from "../../src/terminal/index.js";

function find(text: string, regex: RegExp, size = { cols: 10, rows: 4 }) {
  const screen = new Screen(size);
  screen.feed(Buffer.from(text));
  return findOnScreen(screen, regex);
}

describe("findOnScreen", () => {
  it("finds every place, also with a pattern for one", () => {
    const places = [
      { x: 0, y: 0, cols: 3 },
      { x: 4, y: 0, cols: 3 },
      { x: 2, y: 2, cols: 3 },
    ];
    expect(find("one one\r\n\r\n  one", /one/)).toEqual(places);
    expect(find("one one\r\n\r\n  one", /one/gu)).toEqual(places);
  });

  it("finds text that colours and cursor movement cut, and none in the blanks of a row's end", () => {
    expect(find("o\x1b[31mn\x1b[0m\x1b[1;3He", /one/)).toEqual([{ x: 0, y: 0, cols: 3 }]);
    expect(find("one", / /)).toEqual([]);
  });

  it("counts wide and combined characters as the columns they take", () => {
    expect(find("日本e\u0301x語", /本e\u0301x/u)).toEqual([{ x: 2, y: 0, cols: 4 }]);
    expect(find("a👍b", /👍/u)).toEqual([{ x: 1, y: 0, cols: 2 }]);
  });

  it("finds over rows that were wrapped, a place in each, and not over those that were ended", () => {
    expect(find("0123456789abc", /89ab/)).toEqual([
      { x: 8, y: 0, cols: 2 },
      { x: 0, y: 1, cols: 2 },
    ]);
    expect(find("01234567\r\n89", /789/)).toEqual([]);
  });

  it("passes over matches of nothing", () => {
    expect(find("abc", /x*/)).toEqual([]);
  });
});
