// Holding passages against a question: words that are nearly the one asked for are all found, as by looking at each word.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold } from "../../../src/store/search/fold.js";
import { PassageMatcher, passageText } from "../../../src/store/search/match-passage.js";
import { isNearly } from "../../../src/store/search/nearly.js";

const word = fc.stringMatching(/^[abc]{1,7}$/);
const other = fc.constantFrom("kubectl", "kubctl", "漢字", "é", "_", "-", "a.b", "세션이", "x\u0301");
const text = fc
  .array(fc.tuple(fc.oneof(word, other), fc.constantFrom(" ", "\n", "/", "  ")), { maxLength: 40 })
  .map((parts) => parts.flat().join(""));

describe("near words in a passage", () => {
  test("are as many as are found by looking at every word", () => {
    fc.assert(
      fc.property(text, fc.oneof(word, fc.constantFrom("kubectl", "kubeclt", "漢字", "a b")), (passage, term) => {
        const folded = fold(passage);
        fc.pre(!folded.includes(term));
        const words = folded.match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
        const expected = words.filter((one) => isNearly(one, term)).length;
        const query = { all: [{ text: term, match: "anywhere" as const }], none: [], isFuzzy: true };
        const worth = new PassageMatcher(query).test(passageText([{ timeNs: 0, text: passage }]));
        expect(worth?.count ?? 0).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("words that must not be there", () => {
  test("are found where the folded text has them, whatever marks and letters stand beside them", () => {
    const parts = fc.array(
      fc.constantFrom("info", "INFO", "in", "fo", "\u0301", "İ", "K", "\uff49", " ", "\n", "é", "漢"),
      {
        maxLength: 20,
      },
    );
    const unwanted = fc.constantFrom("info", "k", "in fo", "INFO", "é", "i");
    fc.assert(
      fc.property(parts, unwanted, fc.constantFrom("anywhere" as const, "prefix" as const), (some, term, match) => {
        const text = some.join("");
        const matcher = new PassageMatcher({ all: [], none: [{ text: term, match }] });
        const without = new PassageMatcher({ all: [{ text: term, match }], none: [] });
        const passage = passageText([{ timeNs: 0, text }]);
        expect(matcher.test(passage) === undefined).toBe(without.test(passage) !== undefined);
      }),
      { numRuns: 2000 },
    );
  });
});
