// What stands before a dump on a terminal that was used: it makes a fresh one of whatever there was.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Screen } from "../../src/terminal/index.js";
import type { ScreenEvent } from "./state-parts.js";
import { hostileBytes, screenEvents, screenStream } from "./streams.js";

const SIZE = { cols: 20, rows: 6 };
const RUNS = Number(process.env.T2A_FUZZ_RUNS ?? 300);
const NOTHING = new Uint8Array(0);

function screenAfter(events: readonly ScreenEvent[]): Screen {
  const screen = new Screen(SIZE);
  for (const event of events) {
    if (event instanceof Uint8Array) screen.feed(event);
    else screen.resize(event.cols, event.rows);
  }
  return screen;
}

describe("the reset before a dump", () => {
  it.each([
    ["programs' output", screenStream()],
    ["arbitrary bytes", hostileBytes()],
  ])("makes a fresh screen of any, for %s and resizes", (_name, stream) => {
    fc.assert(
      fc.property(screenEvents(stream), (events) => {
        const used = screenAfter(events);
        used.feed(used.reset());
        expect(used.isExactDump(NOTHING)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["titles and a stack of them", "\x1b]0;one\x07\x1b[22;0t\x1b[22;1t\x1b[22;2t\x1b[22;2t\x1b]2;two\x07"],
    ["colours", "\x1b]4;1;#111;200;#222\x07\x1b]10;#fff\x07\x1b]11;#123\x07\x1b]12;#456\x07"],
    ["keyboards of both buffers", "\x1b[=5u\x1b[>1u\x1b[>31u\x1b[?1049h\x1b[>3u\x1b[=8;2u"],
    ["the keyboard and cursor of a hidden buffer", "\x1b[?1049h\x1b[3;3H\x1b7\x1b[>3u\x1b[?1049l"],
    ["tab stops, one behind the last column", "\x1b[1;20Hxx\x1b[1;20Hx\x1bH\x1b[1;5H\x1bH"],
    ["no tab stops", "\x1b[3g"],
    ["modes that a full reset keeps", "\x1b[?25l\x1b[20h\x1b[?12h"],
    ["charsets, one restored with the cursor", "\x1b(0\x1b7\x1b(B\x1b*A\x1bn\x1b8"],
    ["a link, an underline and protection", '\x1b]8;;http://x\x07\x1b[4:3;58;5;1m\x1b[1"qab'],
    ["a title that is not complete", "\x1b]2;ti"],
    ["a device control string that is not complete", "\x1bP$q"],
    ["half a sequence", "\x1b[1;3"],
    ["half a character", "\xf0\x9f\x98"],
  ])("takes back %s", (_name, text) => {
    const used = screenAfter([Buffer.from(text, "latin1")]);
    used.feed(used.reset());
    expect(used.isExactDump(NOTHING)).toBe(true);
  });

  it("leaves alone what a user may have set and the output did not touch", () => {
    const text = Buffer.from(screenAfter([Buffer.from("text\x1b[1m")]).reset()).toString();
    for (const sequence of ["\x1bc", "\x18", "\x1b]0;", "\x1b]1", "t", "\x1b[3g", "u", "?47"]) {
      expect(text).not.toContain(sequence);
    }
  });

  it("lets any dump be that screen, whatever there was", () => {
    let exact = 0;
    fc.assert(
      fc.property(screenEvents(screenStream()), screenStream(), (before, after) => {
        const used = screenAfter(before);
        const shown = new Screen({ cols: used.cols, rows: used.rows });
        shown.feed(after);
        const dump = shown.dump();
        used.feed(used.reset());
        used.feed(dump);
        if (!shown.isExactDump(dump)) return;
        exact++;
        expect(shown.isExactDump(used.dump())).toBe(true);
      }),
      { numRuns: RUNS },
    );
    expect(exact).toBeGreaterThan(RUNS * 0.95);
  });
});
