// The decoders' clock: never backwards, no leap of more than 30 days.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Timeline } from "../../formats/timeline.js";
import {
  type DecodeOptions,
  FormatError,
  MAX_LEAP_NANOS,
  NANOS_PER_SECOND,
  type Warning,
} from "../../src/core/index.js";

const S = NANOS_PER_SECOND;
const DAY = 86_400 * S;

/** Recorded seconds of stamps in seconds, and the codes of the warnings. */
function place(stamps: readonly number[], options: DecodeOptions = {}) {
  const warnings: Warning[] = [];
  const timeline = new Timeline({ onWarning: (warning) => warnings.push(warning), ...options });
  const times = stamps.map((stamp, index) => timeline.absolute(stamp * S, index));
  return { seconds: times.map((time) => time / S), codes: warnings.map(({ code }) => code), last: timeline.last };
}

describe("Timeline", () => {
  it("keeps times that grow, 30 days at once at most", () => {
    const month = MAX_LEAP_NANOS / S;
    expect(place([0, 0, 1.5, month + 1.5])).toEqual({
      seconds: [0, 0, 1.5, month + 1.5],
      codes: [],
      last: MAX_LEAP_NANOS + 1.5 * S,
    });
  });

  it("adds up relative times, from 0", () => {
    const timeline = new Timeline({});
    expect([1, 0, 5].map((delta) => timeline.relative(delta, 0))).toEqual([1, 1, 6]);
    expect(timeline.last).toBe(6);
  });

  it("holds time where it runs backwards, and says so once", () => {
    expect(place([5, 3, 4, 4.5, 6, 2, 7])).toMatchObject({
      seconds: [5, 5, 5, 5, 6, 6, 7],
      codes: ["time-backwards"],
    });
    expect(place([-3, 1])).toMatchObject({ seconds: [0, 1], codes: ["time-backwards"] });
  });

  it("holds negative steps without giving them back later", () => {
    const timeline = new Timeline({});
    expect([5, -3, 2].map((delta) => timeline.relative(delta, 0))).toEqual([5, 5, 7]);
  });

  it("takes out a leap, and counts on from behind it", () => {
    expect(place([1, 40 * 86_400, 40 * 86_400 + 2])).toMatchObject({ seconds: [1, 1, 3], codes: ["time-leap"] });
    const timeline = new Timeline({});
    expect([S, 40 * DAY, 2 * S].map((delta) => timeline.relative(delta, 0))).toEqual([S, S, 3 * S]);
  });

  it("counts on from before a single stamp that was nonsense", () => {
    expect(place([1, 8e6, 2, 3])).toMatchObject({ seconds: [1, 1, 2, 3], codes: ["time-leap"] });
    expect(place([1, 8e6, 8e6 + 1, 2, 5])).toMatchObject({ seconds: [1, 1, 2, 2, 5], codes: ["time-leap"] });
  });

  it("counts on from before several stamps that were nonsense, each another", () => {
    expect(place([1, 8.5e6, 4e6, 4e6 + 1, 2, 4])).toMatchObject({
      seconds: [1, 1, 1, 2, 2, 4],
      codes: ["time-leap", "time-leap"],
    });
  });

  it("does not undo a real leap because time runs backwards a little long after it", () => {
    const after = 40 * 86_400;
    expect(place([0, after, after + 10, after + 9, after + 11])).toMatchObject({
      seconds: [0, 0, 10, 10, 11],
      codes: ["time-leap", "time-backwards"],
    });
  });

  it("makes oddities errors where decoding is strict", () => {
    expect(() => place([5, 4], { strict: true })).toThrow(FormatError);
    expect(() => place([5, 8e6], { strict: true })).toThrow("time leaps by more than 30 days at byte 1");
  });

  it("never runs backwards and never leaps, whatever the stamps", () => {
    const stamp = fc.oneof(
      fc.integer({ min: 0, max: 100 * S }),
      fc.integer({ min: 0, max: 80 * DAY }),
      fc.integer({ min: -100 * DAY, max: 100 * DAY }),
    );
    const step = fc.record({ relative: fc.boolean(), stamp });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const timeline = new Timeline({});
        let last = 0;
        for (const { relative, stamp: value } of steps) {
          const time = relative ? timeline.relative(value, 0) : timeline.absolute(value, 0);
          expect(time).toBeGreaterThanOrEqual(last);
          expect(time - last).toBeLessThanOrEqual(MAX_LEAP_NANOS);
          expect(timeline.last).toBe(time);
          last = time;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
