// Gap events: what they say is read back, and nothing else is taken for one.
import { describe, expect, it } from "vitest";
import { customEvent, GAP_CODE, gapEvent, parseGap } from "../../src/core/index.js";

describe("a gap event", () => {
  it("says what is known and no more", () => {
    const event = gapEvent(5, "damage", { startTime: 3, events: 7 });
    expect(event).toMatchObject({ kind: "custom", time: 5, code: "t2a.gap" });
    expect(Buffer.from(event.data).toString()).toBe('{"reason":"damage","startNs":3,"events":7}');
    expect(parseGap(event)).toEqual({ reason: "damage", startTime: 3, events: 7 });
    expect(Buffer.from(gapEvent(0, "disk-full").data).toString()).toBe('{"reason":"disk-full"}');
    const all = { startTime: 1, endTime: 2, events: 3, outputBytes: 4 };
    expect(parseGap(gapEvent(1, "damage", all))).toEqual({ reason: "damage", ...all });
  });

  it("is not what only looks like one", () => {
    expect(parseGap({ kind: "marker", time: 0, label: GAP_CODE })).toBeUndefined();
    expect(parseGap(customEvent(0, "x", { reason: "damage" }))).toBeUndefined();
    for (const value of [null, 1, {}, { reason: 3 }]) expect(parseGap(customEvent(0, GAP_CODE, value))).toBeUndefined();
    expect(parseGap({ ...customEvent(0, GAP_CODE, 1), data: Buffer.from("{") })).toBeUndefined();
    expect(parseGap(customEvent(0, GAP_CODE, { reason: "x", startNs: -1, events: "2" }))).toEqual({ reason: "x" });
  });
});
