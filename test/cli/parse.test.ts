// Option values that several commands share.
import { describe, expect, it } from "vitest";
import { parseSpeed, parseWindowSize } from "../../src/cli/parse.js";
import { UsageError } from "../../src/core/index.js";

describe("parseSpeed", () => {
  it.each([
    ["1", 1],
    ["0.01", 0.01],
    ["1000", 1000],
    [" 2 ", 2],
    ["1e2", 100],
  ])("%j is %d", (text, speed) => {
    expect(parseSpeed(text)).toBe(speed);
  });

  it.each(["", " ", "0", "-1", "0.009", "1001", "fast", "2x", "NaN", "Infinity"])("refuses %j by name", (text) => {
    expect(() => parseSpeed(text)).toThrow(UsageError);
    expect(() => parseSpeed(text)).toThrow(`not a speed: "${text}"`);
  });
});

describe("parseWindowSize", () => {
  it.each([
    ["80x24", { cols: 80, rows: 24 }],
    ["80x", { cols: 80 }],
    ["x24", { rows: 24 }],
    ["65535x1", { cols: 65_535, rows: 1 }],
  ])("%j is %j", (text, size) => {
    expect(parseWindowSize(text)).toEqual(size);
  });

  it.each([
    "",
    "x",
    "80",
    "0x24",
    "80x0",
    "65536x1",
    "1x65536",
    "-1x24",
    "80X24",
    "80x24x2",
    "a x b",
  ])("refuses %j by name", (text) => {
    expect(() => parseWindowSize(text)).toThrow(UsageError);
    expect(() => parseWindowSize(text)).toThrow(`not a window size: "${text}"`);
  });
});
