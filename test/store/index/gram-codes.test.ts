// Numbers that texts are found by: a text has all of any part of it, and they are packed and unpacked the same.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codesOf, codesOfTerm, codesOfThree, packCodes } from "../../../src/store/index/gram-codes.js";
import { fold } from "../../../src/store/search/fold.js";

const TEXT = fc.array(fc.constantFrom("a", "b", "error ", "세션", "漢", "é", "😀", "x9", "\n", "\u0001", "ß"), {
  maxLength: 60,
});

/** What the SQL function does. */
function unpack(bytes: Buffer): readonly number[] {
  const codes: number[] = [];
  let code = 0;
  for (const byte of bytes) {
    code += byte < 224 ? byte : 224 * 2 ** (byte - 224);
    if (byte < 224) codes.push(code);
  }
  return codes;
}

describe("numbers of grams", () => {
  it("are all in a text for any part of it", () => {
    fc.assert(
      fc.property(TEXT, fc.nat(), fc.integer({ min: 1, max: 40 }), (parts, from, length) => {
        const folded = fold(parts.join(""));
        const start = folded.length === 0 ? 0 : from % folded.length;
        const codes = new Set(codesOf(folded));
        const term = codesOfTerm(folded.slice(start, start + length));
        for (const code of term.all) expect(codes.has(code)).toBe(true);
        for (const some of term.oneOf) expect(some.some((code) => codes.has(code))).toBe(true);
      }),
    );
  });

  it("tell a text from others", () => {
    const codes = new Set(codesOf("connection refused: 세션 漢字"));
    for (const word of ["refuzed", "x", "zz", "漢漢", "connexion"]) {
      expect(codesOfTerm(word).all.every((code) => codes.has(code))).toBe(false);
    }
    expect(codesOfThree("zzz").some((code) => codes.has(code))).toBe(false);
    expect(codesOfTerm("")).toEqual({ all: [], oneOf: [] });
    expect(codesOf("")).toHaveLength(0);
  });

  it("are packed into about a byte each", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 20 })), (some) => {
        const codes = Int32Array.from(some).sort();
        expect(unpack(packCodes(codes))).toEqual([...codes]);
      }),
    );
  });
});
