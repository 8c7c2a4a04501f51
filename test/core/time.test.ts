// Time: text to nanoseconds and back, exactly.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatDuration,
  NANOS_PER_SECOND,
  parseDuration,
  parsePosition,
  parseSeconds,
  secondsToNanos,
  UsageError,
} from "../../src/core/index.js";

describe("parseSeconds", () => {
  it.each([
    ["0", 0],
    ["1", 1_000_000_000],
    ["1.", 1_000_000_000],
    [" 1.5 ", 1_500_000_000],
    ["0.000000001", 1],
    ["0.0000000005", 1],
    ["0.0000000004999", 0],
    ["0.9999999999", 1_000_000_000],
    ["00012.25", 12_250_000_000],
    [".5", 500_000_000],
    ["1e3", 1_000_000_000_000],
    ["1E-3", 1_000_000],
    ["9007199.254740991", Number.MAX_SAFE_INTEGER],
  ])("%j is %i ns", (text, nanos) => {
    expect(parseSeconds(text)).toBe(nanos);
  });

  it.each([
    "",
    ".",
    "-1",
    "+1",
    "1..2",
    "abc",
    "0x10",
    "1e",
    "NaN",
    "Infinity",
    "1e400",
    "9007199.254740992",
    "1 2",
  ])("%j is no number of seconds", (text) => {
    expect(parseSeconds(text)).toBeUndefined();
  });

  it("gives back every time that was written with nine decimals", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (time) => {
        const digits = String(time).padStart(10, "0");
        expect(parseSeconds(`${digits.slice(0, -9)}.${digits.slice(-9)}`)).toBe(time);
      }),
    );
  });
});

describe("secondsToNanos", () => {
  it.each([
    [0, 0],
    [0.1, 100_000_000],
    [1 / 3, 333_333_333],
  ])("%d s are %i ns", (seconds, nanos) => {
    expect(secondsToNanos(seconds)).toBe(nanos);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e10])("%d is no time", (seconds) => {
    expect(secondsToNanos(seconds)).toBeUndefined();
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0.0s"],
    [49_999_999, "0.0s"],
    [50_000_000, "0.1s"],
    [59_949_999_999, "59.9s"],
    [59_950_000_000, "1:00.0"],
    [123_500_000_000, "2:03.5"],
    [119_900_000_000, "1:59.9"],
    [3_599_970_000_000, "1:00:00.0"],
    [3_723_500_000_000, "1:02:03.5"],
    [100 * 3600 * NANOS_PER_SECOND, "100:00:00.0"],
  ])("%i ns read %s", (time, text) => {
    expect(formatDuration(time)).toBe(text);
  });
});

describe("parsePosition", () => {
  it.each([
    ["12.5", 12.5],
    [" 90s ", 90],
    ["500ms", 0.5],
    ["2m", 120],
    ["1.5h", 5400],
    ["1d", 86_400],
    ["1:02", 62],
    ["90:00", 5400],
    ["1:02:03", 3723],
    ["0:00:00.25", 0.25],
    ["2501:59:59", 2501 * 3600 + 3599],
  ])("%j is %d seconds", (text, seconds) => {
    expect(parsePosition(text)).toEqual({ nanos: seconds * NANOS_PER_SECOND });
    expect(parseDuration(text)).toBe(seconds * NANOS_PER_SECOND);
  });

  it.each([
    ["0%", 0],
    ["40%", 0.4],
    ["12.5%", 0.125],
    ["100%", 1],
  ])("%j is a share of the duration", (text, fraction) => {
    expect(parsePosition(text)).toEqual({ fraction });
    expect(() => parseDuration(text)).toThrow(UsageError);
  });

  it.each([
    "",
    "soon",
    "-1",
    "101%",
    "%",
    "1:60",
    "1:60:00",
    "1:2:3:4",
    "1w",
    "1 s",
    ":30",
    "1e3",
    "1s s",
  ])("%j is refused by name", (text) => {
    expect(() => parsePosition(text)).toThrow(`not a position in time: "${text}"`);
  });

  it.each([
    "3000:00:00",
    "999999:00:00",
    "99999999",
    "99999999h",
    "999999999999d",
  ])("%j is refused: its nanoseconds are no exact number", (text) => {
    expect(() => parsePosition(text)).toThrow(UsageError);
  });

  it("reads everything that formatDuration writes, within its tenth of a second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), (time) => {
        expect(Math.abs(parseDuration(formatDuration(time)) - time)).toBeLessThanOrEqual(50_000_000);
      }),
    );
  });
});
