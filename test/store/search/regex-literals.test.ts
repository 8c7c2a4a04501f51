import fc from "fast-check";
import { expect, test } from "vitest";
import { fold } from "../../../src/store/search/fold.js";
import { regexLiterals } from "../../../src/store/search/regex-literals.js";

test.each([
  [/error/u, ["erro"]],
  [/Error: .* at line \d+/u, ["error:", "at line"]],
  [/a|b/u, []],
  [/(foo|bar)bazz/u, ["baz"]],
  [/fo+bar/u, ["ba"]],
  [/colou?rs/u, ["col", "r"]],
  [/ab{0,2}cde/u, ["cd"]],
  [/\.log\b/u, [".lo"]],
  [/[a-z(]xyz/u, ["xy"]],
  [/\p{L}x\u{41}yz/u, ["y"]],
  [/漢字の/u, ["漢字"]],
  [/a\/bc/u, ["a/b"]],
  [/^$/u, []],
] as const)("%s", (pattern, literals) => {
  expect(regexLiterals(pattern)).toEqual(literals);
});

test("every line that matches has them, as it is folded", () => {
  const atom = fc.constantFrom(
    "a",
    "B",
    "c ",
    "漢",
    "é",
    "\\.",
    "[ab]",
    "(?:ab|c)",
    "\\w",
    ".",
    "x+",
    "y*",
    "z?",
    "k{1,2}",
    "^",
    "s",
  );
  const line = fc.array(
    fc.constantFrom(
      "a",
      "A",
      "b",
      "B",
      "c",
      " ",
      "漢",
      "é",
      "e\u0301",
      "\u0301",
      ".",
      "x",
      "y",
      "k",
      "K",
      "ſ",
      "s",
      "z",
    ),
  );
  fc.assert(
    fc.property(
      fc.array(atom, { maxLength: 6 }),
      fc.constantFrom("u", "iu"),
      fc.array(line, { maxLength: 30 }),
      (atoms, flags, lines) => {
        const pattern = new RegExp(atoms.join(""), flags);
        const literals = regexLiterals(pattern);
        for (const text of lines.map((parts) => parts.join(""))) {
          if (pattern.test(text)) for (const literal of literals) expect(fold(text)).toContain(literal);
        }
      },
    ),
    { numRuns: 500 },
  );
});
