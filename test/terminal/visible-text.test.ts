// Text from outside on one line: no raw escape may survive.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visibleText } from "../../src/terminal/index.js";

describe("visibleText", () => {
  it.each([
    ["plain text", "ls -la 日本 👍", "ls -la 日本 👍"],
    ["styles", "\x1b[1;31mred\x1b[0m \x1b[38:2::1:2:3mx\x1b[m", "red x"],
    ["other sequences", "\x1b[2J\x1b]0;title\x07 home", "␛[2J␛]0;title␇ home"],
    ["a sequence that a style would swallow", "\x1b[2Jhello me", "␛[2Jhello me"],
    ["an escape hidden behind a style", "\x1b\x1b[31m[2J", "␛[2J"],
    ["line ends and DEL", "a\tb\r\nc\x7f", "a␉b␍␊c␡"],
    ["C1 controls", "a\u0085\u009b31m", "a\\x85\\x9b31m"],
    ["bidirectional overrides and separators", "a\u202eb\u2066c\u2028d\ufeff", "a\\u202eb\\u2066c\\u2028d\\ufeff"],
    ["tag characters and lone surrogates", "a\u{e0041}b\ud800c", "a\\u{e0041}b\ufffdc"],
  ])("shows %s", (_name, input, expected) => {
    expect(visibleText(input)).toBe(expected);
  });

  it("shortens by whole characters", () => {
    expect(visibleText("👍👍👍👍", { maxLength: 3 })).toBe("👍👍…");
    expect(visibleText("👍👍👍", { maxLength: 3 })).toBe("👍👍👍");
    expect(visibleText("abc", { maxLength: 0 })).toBe("…");
    expect(visibleText("a".repeat(2000))).toHaveLength(1000);
  });

  it("says that it left out what it did not look at", () => {
    expect(visibleText("\x1b[0m".repeat(10_000))).toBe("…");
  });

  it("takes damaged input of any length in little time", () => {
    const start = process.hrtime.bigint();
    visibleText("\x1b[".repeat(5_000_000));
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(1000);
  });

  it("never lets a control character out", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."\x1b[]m0;a\u009b\n\u202e\x07"), maxLength: 60 }), (input) => {
        expect(visibleText(input)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
      }),
    );
  });
});
