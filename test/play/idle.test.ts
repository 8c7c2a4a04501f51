// How long pauses are shown.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NANOS_PER_SECOND } from "../../src/core/index.js";
import { shownPause } from "../../src/play/index.js";

const SECOND = NANOS_PER_SECOND;

describe("log time", () => {
  it("shows a minute as 2 seconds, an hour as 5, a day as 8, and a second as it was", () => {
    const shown = [0.5, 1, 60, 3600, 86_400].map((s) => shownPause({ mode: "log" }, s * SECOND) / SECOND);
    expect(shown).toEqual([0.5, 1, 2, 5, 8]);
    expect(shownPause({ mode: "log" }, 30 * 86_400 * SECOND)).toBeLessThan(13 * SECOND);
  });

  it("never shows a longer pause shorter, nor any longer than it was", () => {
    const pause = fc.integer({ min: 0, max: 40 * 86_400 }).map((seconds) => seconds * SECOND);
    fc.assert(
      fc.property(pause, pause, (one, other) => {
        const [short, long] = one < other ? [one, other] : [other, one];
        expect(shownPause({ mode: "log" }, short)).toBeLessThanOrEqual(shownPause({ mode: "log" }, long));
        expect(shownPause({ mode: "log" }, long)).toBeLessThanOrEqual(long);
      }),
    );
  });
});

describe("a limit and skipping", () => {
  it("shorten what is longer and leave the rest", () => {
    const limit = { mode: "limit", limit: 2 * SECOND } as const;
    expect([1, 2, 3].map((s) => shownPause(limit, s * SECOND) / SECOND)).toEqual([1, 2, 2]);
    expect([0.9, 1, 1.1].map((s) => shownPause({ mode: "skip" }, s * SECOND) / SECOND)).toEqual([0.9, 1, 0]);
    expect(shownPause({ mode: "off" }, 1e15)).toBe(1e15);
  });
});
