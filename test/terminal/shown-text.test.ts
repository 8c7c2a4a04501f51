// What a terminal showed, as it appeared.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Appearance, KEPT_UNITS, ShownText } from "../../src/terminal/index.js";
import { NaiveShownText } from "./naive-shown-text.js";
import type { ScreenEvent } from "./state-parts.js";
import { chunked, hostileBytes, screenEvents, screenStream } from "./streams.js";

type Size = { readonly cols: number; readonly rows: number };
type Step = string | Size;

const RUNS = 300;
const SIZE: Size = { cols: 20, rows: 4 };

/** The appearances of each event. */
function appearances(steps: readonly Step[], size = SIZE): Appearance[][] {
  const shown: Appearance[][] = [];
  let latest: Appearance[] = [];
  const follower = new ShownText(size, (appearance) => latest.push(appearance));
  const naive = new NaiveShownText(size);
  for (const step of steps) {
    latest = [];
    for (const one of [follower, naive]) {
      if (typeof step === "string") one.feed(Buffer.from(step, "utf8"));
      else one.resize(step.cols, step.rows);
      one.look();
    }
    shown.push(latest);
  }
  expect(shown.flat()).toEqual(naive.appearances);
  follower.dispose();
  naive.dispose();
  return shown;
}

/** The same with what was there before in brackets: `[$ g]i` is new text behind `$ g`. */
function told(steps: readonly Step[], size = SIZE): string[][] {
  return appearances(steps, size).map((list) =>
    list.map(({ text, prefix, suffix }) => {
      const front = prefix > 0 ? `[${text.slice(0, prefix)}]` : "";
      const back = suffix > 0 ? `[${text.slice(text.length - suffix)}]` : "";
      return `${front}${text.slice(prefix, Math.max(prefix, text.length - suffix))}${back}`;
    }),
  );
}

describe("text that is shown", () => {
  it("appears letter by letter where it is typed, each time with what was there before", () => {
    expect(told(["$ ", "g", "i", "t"])).toEqual([["$"], ["[$] g"], ["[$ g]i"], ["[$ gi]t"]]);
  });

  it("appears as the whole line, whatever colours are in it and however the cursor moved", () => {
    expect(told(["\x1b[31mre\x1b[1md\x1b[0m car"])).toEqual([["red car"]]);
    expect(told(["stat", "\x1b[1;10Hhere", "\x1b[1;5Hus"])).toEqual([
      ["stat"],
      ["[stat]     here"],
      ["[stat]us[   here]"],
    ]);
  });

  it("is all that scrolled off within an event, and what is left", () => {
    expect(told(["1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7"])).toEqual([["1", "2", "3", "4", "5", "6", "7"]]);
    expect(told(["1\r\n2", "\r\n3\r\n4\r\n5\r\n6\r\n7"])).toEqual([
      ["1", "2"],
      ["3", "4", "5", "6", "7"],
    ]);
  });

  it("counts twice where it is printed twice, and once where it stays", () => {
    expect(told(["a\r\na\r\n", "a\r\n", "\x1b[5n", "b"])).toEqual([["a", "a"], ["a"], [], ["b"]]);
    expect(told(["y\r\n".repeat(6), "y\r\n".repeat(6)]).map((list) => list.length)).toEqual([6, 6]);
  });

  it("is not new where it was redrawn on another row, erased and written again, or erased in part", () => {
    expect(told(["one\r\ntwo", "\x1b[2J\x1b[2;1Hone\r\ntwo"])).toEqual([["one", "two"], []]);
    expect(told(["one\r\ntwo", "\x1b[H\x1b[Ltop"])).toEqual([["one", "two"], ["top"]]);
    expect(told(["one two", "\r\x1b[4C\x1b[K"])).toEqual([["one two"], []]);
    expect(told(["one", "\x1b[2J\x1b[H", "one"])).toEqual([["one"], [], ["one"]]);
  });

  it("joins rows that wrapped, also where the first have scrolled off", () => {
    expect(told(["a".repeat(30)])).toEqual([["a".repeat(30)]]);
    expect(told(["a".repeat(30), "b"])).toEqual([["a".repeat(30)], [`[${"a".repeat(30)}]b`]]);
    expect(told([`${"a".repeat(95)}b`])).toEqual([[`${"a".repeat(95)}b`]]);
    const long = "0123456789".repeat(8);
    expect(told([long, "x"])).toEqual([[long], [`[${long}]x`]]);
    expect(told([long, "x", "\r\nnext"])).toEqual([[long], [`[${long}]x`], ["next"]]);
    expect(told([`${"a".repeat(19)}日本`])).toEqual([[`${"a".repeat(19)}日本`]]);
  });

  it("is what a progress bar says each time", () => {
    expect(told(["10% #", "\r20% ##", "\r\x1b[Kdone\r\n"])).toEqual([["10% #"], ["20% #[#]"], ["done"]]);
  });

  it("of the alternate buffer is new, of the normal one behind it is not", () => {
    expect(told(["sh$ vi", "\x1b[?1049h\x1b[Htext", "more", "\x1b[?1049l", "\r\nsh$"])).toEqual([
      ["sh$ vi"],
      ["text"],
      ["[text]more"],
      [],
      ["sh$"],
    ]);
    expect(told(["sh$", "\x1b[?1049h\x1b[Hx\x1b[?1049l\r\nback"])).toEqual([["sh$"], ["back"]]);
  });

  it("is new behind a reset, but for lines that come again at once", () => {
    expect(told(["one\r\ntwo", "\x1bcone\r\nnew"])).toEqual([["one", "two"], ["new"]]);
  });

  it("is not new where a resize moves or cuts it", () => {
    expect(told(["one two three\r\nfour", { cols: 7, rows: 4 }, { cols: 30, rows: 9 }, "!"])).toEqual([
      ["one two three", "four"],
      [],
      [],
      ["[four]!"],
    ]);
    expect(told(["1\r\n2\r\n3\r\n4", { cols: 20, rows: 2 }, "\r\n5"])).toEqual([["1", "2", "3", "4"], [], ["5"]]);
  });

  it("of a long line is told around what changed alone", () => {
    const size = { cols: 100, rows: 50 };
    const long = "0123456789".repeat(300);
    const [, second, third] = appearances([long, "x", "\x1b[16;1HX"], size);
    expect(second).toEqual([{ text: `${long.slice(-KEPT_UNITS)}x`, prefix: KEPT_UNITS, suffix: 0 }]);
    expect(third?.[0]).toMatchObject({ prefix: KEPT_UNITS, suffix: KEPT_UNITS });
    expect(third?.[0]?.text.length).toBe(2 * KEPT_UNITS + 1);
  });

  it("is never cut within a character", () => {
    const size = { cols: 100, rows: 50 };
    const [, cut] = appearances([`${"👍".repeat(1200)}ab`, "\x1b[10;1Hx"], size);
    for (const { text } of cut ?? []) expect(Buffer.from(text, "utf8").toString("utf8")).toBe(text);
    expect(cut?.length).toBe(1);
  });

  it("goes on as another line where a line has no end", () => {
    const lengths: number[] = [];
    const follower = new ShownText(SIZE, ({ text }) => lengths.push(text.length));
    follower.feed(Buffer.alloc(200_000, "x"));
    follower.look();
    expect(lengths.length).toBeGreaterThan(2);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(200_000);
    expect(Math.max(...lengths)).toBeLessThan(70_000);
    follower.dispose();
  });
});

describe("the follower, beside a naive one that reads all of the screen each time", () => {
  const property = (events: fc.Arbitrary<ScreenEvent[]>) =>
    fc.property(events, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }), (steps, sizes) => {
      const size = { cols: 12, rows: 4 };
      const shown: Appearance[] = [];
      const follower = new ShownText(size, (appearance) => shown.push(appearance));
      const naive = new NaiveShownText(size);
      for (const step of steps) {
        if (!(step instanceof Uint8Array)) {
          for (const one of [follower, naive]) one.resize(step.cols, step.rows);
          follower.look();
          naive.look();
          continue;
        }
        for (const chunk of chunked(step, sizes)) {
          for (const part of chunked(chunk, [17])) {
            naive.feed(part);
            follower.feed(part);
          }
          follower.look();
          naive.look();
          expect(shown).toEqual(naive.appearances);
        }
      }
      expect(shown).toEqual(naive.appearances);
      follower.dispose();
      naive.dispose();
    });

  it("tells the same of what programs write", () => {
    fc.assert(property(screenEvents(screenStream())), { numRuns: RUNS });
  });

  it("tells the same of damaged and hostile streams", () => {
    fc.assert(property(screenEvents(hostileBytes())), { numRuns: RUNS });
  });

  it("tells the same of scrolling and wrapping in margins", () => {
    const piece = fc.constantFrom(
      ..."abc|defgh|日本|\r\n|\r\n|\n|\x1b[2;3r|\x1b[1;3r|\x1b[r|\x1b[2;1H|\x1b[4;1H|\x1bM|\x1bD|\x1b[L|\x1b[M|\x1b[2S|\x1b[T|\x1b[K|\x1b[1J|\x1b[J|\x1b[?1049h|\x1b[?1049l|\x1bc|0123456789012345".split(
        "|",
      ),
    );
    const stream = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(""), "utf8"));
    fc.assert(property(screenEvents(stream)), { numRuns: RUNS * 2 });
  });
});
