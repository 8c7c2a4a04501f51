import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold, foldWithStarts, originalSpan } from "../../../src/store/search/fold.js";
import { fuzzyGrams, gramsOf, gramsOfTerm } from "../../../src/store/search/grams.js";
import { decodePassage, encodePassage } from "../../../src/store/search/passage-codec.js";
import { cutSnippet, MAX_SNIPPET } from "../../../src/store/search/snippet.js";

const odd = fc.constantFrom(
  "é",
  "e\u0301",
  "ß",
  "ﬁ",
  "Σς",
  "İ",
  "ı",
  "가",
  "\u1100\u1161\u11a8",
  "ガ",
  "ｶﾞ",
  "漢",
  "😀",
  "👩‍💻",
  "\u3000",
  "\ud800",
  "\u0301",
  "½",
  "\t",
  "\n  ",
);
const texts = fc
  .array(fc.oneof(odd, fc.string({ unit: "grapheme", maxLength: 5 }), fc.string({ maxLength: 5 })))
  .map((parts) => parts.join(""));

describe("folding", () => {
  test.each([
    ["HeLLo", "hello"],
    ["a \t\n b", "a b"],
    ["STRASSE", fold("straße")],
    ["ｆｕｌｌ　ｗｉｄｔｈ", "full width"],
    ["ΌΣΟΣ", fold("όσος")],
    ["e\u0301", "é"],
    ["\ud800", "\ufffd"],
    ["ｶﾞ", "ガ"],
  ])("%j is %j", (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test("is the same with the way back, and every part leads to where it came from", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const folded = foldWithStarts(text);
        expect(folded.text).toBe(fold(text));
        expect(folded.starts).toHaveLength(folded.text.length + 1);
        let before = 0;
        for (let at = 0; at < folded.text.length; at++) {
          expect(folded.starts[at]).toBeGreaterThanOrEqual(before);
          before = folded.starts[at] ?? 0;
          const [start, end] = originalSpan(folded, at, at + 1);
          expect(fold(text.slice(start, end))).toContain(folded.text[at]);
        }
      }),
    );
  });
});

describe("grams", () => {
  test("of a term are among those of every text that it stands in", () => {
    fc.assert(
      fc.property(texts, texts, texts, (before, term, behind) => {
        const folded = fold(term);
        const grams = new Set(gramsOf(fold(before) + folded + fold(behind)).split(" "));
        for (const tokens of gramsOfTerm(folded)) expect(tokens.some((token) => grams.has(token))).toBe(true);
      }),
    );
  });

  test("of a word's parts of three are those of every text that has the part", () => {
    fc.assert(
      fc.property(texts, texts, fc.stringMatching(/^[a-z]{3,12}$/), (before, behind, word) => {
        const grams = new Set(gramsOf(`${fold(before)} ${word} ${fold(behind)}`).split(" "));
        const parts = fuzzyGrams(word);
        expect(parts.length).toBeGreaterThan(1);
        for (const tokens of parts) expect(tokens.some((token) => grams.has(token))).toBe(true);
      }),
    );
  });

  test("have nothing in them that a tokenizer would cut or change", () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const token of gramsOf(fold(text)).split(" ")) expect(token).toMatch(/^(?:[a-z0-9]|[^\u0000-\u007f])*$/u);
      }),
    );
  });

  test("of a text of many characters are those of one of few", () => {
    const many = Array.from({ length: 300 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join("");
    const grams = gramsOf(`${many}abc`).split(" ");
    expect(new Set(grams).size).toBe(grams.length);
    expect(grams).toHaveLength(303 + 302 + 301);
  });
});

describe("a passage as bytes", () => {
  test("comes back as it was", () => {
    const line = fc.record({
      timeNs: fc.nat({ max: 2 ** 52 }),
      text: texts.map((text) => text.replace(/\n|\p{Cs}/gu, "")),
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), (lines) => {
        lines.sort((one, other) => one.timeNs - other.timeNs);
        expect(decodePassage(encodePassage({ lines }))).toEqual(lines);
      }),
    );
  });

  test("that is damaged is told of, and takes no memory", () => {
    const bytes = encodePassage({ lines: [{ timeNs: 1, text: "text" }] });
    const isTold = expect.objectContaining({ code: "T2A_CODEC" });
    for (let at = 0; at < bytes.length; at++) {
      const cut = bytes.slice(0, at);
      expect(() => decodePassage(cut)).toThrow(isTold);
    }
    const huge = bytes.slice();
    huge.set([0xff, 0xff, 0xff, 0xff]);
    expect(() => decodePassage(huge)).toThrow(isTold);
  });
});

test("a snippet is bounded, and its marks are on what was found", () => {
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), fc.nat({ max: 300 }), (lead, length) => {
      const line = `${"a".repeat(lead)}${"X".repeat(length + 1)}${"b".repeat(500)}`;
      const { snippet, matches } = cutSnippet(line, [[lead, lead + length + 1]]);
      expect(snippet.length).toBeLessThanOrEqual(MAX_SNIPPET);
      expect(matches).toHaveLength(1);
      const [[start, marked]] = matches as [[number, number]];
      expect(snippet.slice(start, start + marked)).toMatch(/^X+$/);
    }),
  );
});
