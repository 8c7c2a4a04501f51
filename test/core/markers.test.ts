// Changing markers, as a transform.
import { describe, expect, it } from "vitest";
import {
  applyTransforms,
  changeMarkers,
  type Event,
  formatPosition,
  type MarkerChange,
  parsePosition,
} from "../../src/core/index.js";
import { eventsOf, output, recordingOf } from "./recordings.js";

const marker = (time: number, label: string): Event => ({ kind: "marker", time, label });
const EVENTS = [output(1, "a"), marker(2e9, "one"), output(2, "b"), marker(3e9, "two"), output(4, "c")];

async function changed(change: MarkerChange, batches = [EVENTS]): Promise<string[]> {
  const events = await eventsOf(applyTransforms(recordingOf(batches), [changeMarkers(change)]));
  return events.map((event) =>
    event.kind === "marker"
      ? `${event.label}@${event.time / 1e9}`
      : Buffer.from((event as { data: Uint8Array }).data).toString(),
  );
}

describe("changeMarkers", () => {
  it.each([
    [2, ["a", "one@2", "b", "new@2", "two@3", "c"]],
    [0, ["new@0", "a", "one@2", "b", "two@3", "c"]],
    [2.5, ["a", "one@2", "b", "new@2.5", "two@3", "c"]],
    [4, ["a", "one@2", "b", "two@3", "c", "new@4"]],
  ])("adds one at %d behind all that happened up to it", async (seconds, expected) => {
    const add = { time: seconds * 1e9, label: "new" };
    expect(await changed({ add })).toEqual(expected);
    expect(
      await changed(
        { add },
        EVENTS.map((event) => [event]),
      ),
    ).toEqual(expected);
  });

  it("takes away by number and leaves the others", async () => {
    expect(await changed({ remove: new Set([0]) })).toEqual(["a", "b", "two@3", "c"]);
    expect(await changed({ remove: new Set([1]), add: { time: 3e9, label: "other" } })).toEqual([
      "a",
      "one@2",
      "b",
      "other@3",
      "c",
    ]);
  });
});

describe("formatPosition", () => {
  it.each([
    [0, "0.0"],
    [12_500_000_000, "12.5"],
    [59_000_000_001, "59.000000001"],
    [62_000_000_000, "1:02.0"],
    [600_000_000_000, "10:00.0"],
    [3_723_250_000_000, "1:02:03.25"],
    [360_000_000_000_000, "100:00:00.0"],
  ])("%d ns are %s, and read back the same", (nanos, text) => {
    expect(formatPosition(nanos)).toBe(text);
    expect(parsePosition(text)).toEqual({ nanos });
  });
});
