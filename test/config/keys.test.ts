// Keys by name.
import { describe, expect, it } from "vitest";
import { parseKey } from "../../src/config/index.js";

describe("parseKey", () => {
  it.each([
    ["^\\", 0x1c],
    ["C-\\", 0x1c],
    ["ctrl-p", 0x10],
    ["^P", 0x10],
    ["c-p", 0x10],
    ["^@", 0],
    ["^[", 0x1b],
    ["^_", 0x1f],
    ["^?", 0x7f],
    ["^", 0x5e],
    ["a", 0x61],
    ["~", 0x7e],
    ["none", undefined],
    ["NONE", undefined],
    ["", undefined],
  ])("%j is %s", (text, byte) => {
    expect(parseKey(text)).toBe(byte);
  });

  it.each(["F1", "ab", " ", "^1", "^pp", "C-", "M-x", "é", "\n", "\x1c"])("%j is refused by name", (text) => {
    expect(() => parseKey(text)).toThrow(
      expect.objectContaining({ code: "T2A_CONFIG", message: expect.stringContaining(`not a key: "${text}"`) }),
    );
  });
});
