// What a search looks for.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/index.js";
import { parsePattern } from "../../src/play/index.js";

describe("a pattern", () => {
  it("is plain text, every character of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 }), (text) => {
        fc.pre(!text.startsWith("\\v"));
        const match = parsePattern(text).regex.exec(`x${text}y`);
        expect([match?.index, match?.[0]]).toEqual([1, text]);
      }),
    );
  });

  it("is a regular expression behind \\v", () => {
    expect(parsePattern("\\va+").regex).toEqual(/a+/giu);
    expect(parsePattern("a+").regex).toEqual(/a\+/giu);
    expect(parsePattern("\\va+").source).toBe("\\va+");
  });

  it("minds capitals where it has any, but for those of escapes", () => {
    const flags = (text: string) => parsePattern(text).regex.flags;
    for (const text of [
      "abc",
      "äß",
      "\\v\\S+",
      "\\v\\p{Lu}x",
      "\\v\\u{1F44D}",
      "\\v\\x4Aa",
      "\\v\\u00DFa",
      "\\v\\\\x",
    ]) {
      expect([text, flags(text)]).toEqual([text, "giu"]);
    }
    for (const text of ["Abc", "aÄ", "\\vA\\s", "\\S"]) expect([text, flags(text)]).toEqual([text, "gu"]);
  });

  it("that is empty, too long or no expression is a usage error", () => {
    for (const text of ["", "\\v", "\\v(", "\\v[z-a]", "a".repeat(1001)]) {
      expect(() => parsePattern(text)).toThrow(UsageError);
    }
    expect(() => parsePattern("\\v(")).toThrow(/^not a regular expression: [^/]*$/);
  });
});
