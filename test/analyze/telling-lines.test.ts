// The lines of an output that tell: which, in what order, and how bounded.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorFingerprint, STRONG_WEIGHT, tellingLines } from "../../src/analyze/index.js";

const rulesOf = (text: string, options = {}) => tellingLines(text, options).map(({ line, rule }) => [line, rule]);

describe("telling lines", () => {
  it("are the best first: by weight, then as they came", () => {
    const text =
      "make: *** [Makefile:3: main] Error 1\nb.c:2:1: error: one\na.c:1:1: error: expected ‘;’ before ‘}’\ncp: no\n";
    expect(rulesOf(text)).toEqual([
      [2, "gcc-error"],
      [3, "gcc-error"],
      [1, "make-failed"],
    ]);
  });

  it("say nothing twice, and are five at most", () => {
    const line = (name: string) => `cat: ${name}.txt: No such file or directory\n`;
    expect(rulesOf(line("a") + line("b") + line("c"))).toEqual([[1, "no-such-file"]]);
    const lines = ["one", "two", "three", "four", "five", "six"].map((word) => `fatal: ${word}\n`).join("");
    expect(tellingLines(lines)).toHaveLength(5);
    expect(tellingLines(lines, { limit: 2 }).map(({ line }) => line)).toEqual([1, 2]);
  });

  it("of a trace are the last one's", () => {
    const trace = (error: string) => `Traceback (most recent call last):\n  File "a.py", line 1\n${error}\n`;
    const text = `${trace("ValueError: bad port")}\nThe above exception was the cause:\n\n${trace("RuntimeError: no start")}`;
    expect(tellingLines(text).map(({ says }) => says)).toEqual(["RuntimeError: no start", "ValueError: bad port"]);
  });

  it("are told only where the lines behind them agree", () => {
    expect(rulesOf("TypeError: x is not a function\n    at go (a.js:1:1)\n", { minWeight: 5 })).toEqual([
      [1, "node-exception"],
    ]);
    expect(rulesOf("TypeError: x is not a function\nis a usual error\n", { minWeight: 5 })).toEqual([]);
    expect(rulesOf('fatal: [web]: FAILED! => {"rc": 1}\n...ignoring\n', { minWeight: 5 })).toEqual([]);
  });

  it("of logs are not believed where it is not known whether the command failed", () => {
    const log = "2026-01-02T10:00:01Z cp: a: Permission denied\n";
    expect(rulesOf(log, { minWeight: STRONG_WEIGHT })).toEqual([]);
    expect(rulesOf("cp: a: Permission denied\n", { minWeight: STRONG_WEIGHT })).toHaveLength(1);
  });

  it("are guessed only where that is asked for and no rule matches", () => {
    const text = "first\nthe moon is in the way\n   \n-----\n";
    expect(tellingLines(text)).toEqual([]);
    expect(tellingLines(text, { guess: true })).toEqual([
      { line: 1, text: "first", rule: undefined, family: undefined, says: "first", weight: 0, isGuess: true },
      {
        line: 2,
        text: "the moon is in the way",
        rule: undefined,
        family: undefined,
        says: "the moon is in the way",
        weight: 0,
        isGuess: true,
      },
    ]);
    expect(tellingLines("", { guess: true })).toEqual([]);
    expect(tellingLines("hm\nbash: gti: command not found", { guess: true })).toHaveLength(1);
  });

  it("have the numbers of their lines also behind what is left out of a long text", () => {
    const filler = `${"-".repeat(99)}\n`.repeat(20_000);
    const text = `fatal: one\n${filler}fatal: two\n${filler}fatal: three\n`;
    expect(tellingLines(text).map(({ line, says }) => [line, says])).toEqual([
      [1, "one"],
      [40_003, "three"],
    ]);
    expect(tellingLines(filler + filler, { guess: true })).toEqual([]);
  });

  it("are cut", () => {
    const [line] = tellingLines(`fatal: ${"x".repeat(10_000)}\n`);
    expect(line?.text).toHaveLength(500);
  });

  it("come out of any text at all, each as it stands there", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "\n",
        "\n\n",
        "error: ",
        "bash: x: command not found\n",
        "Traceback (most recent call last):\n",
        "\u0000",
        "a.c:1:1: ",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, guess) => {
        const text = pieces.join("");
        const lines = text.split("\n");
        for (const { line, text: told } of tellingLines(text, { guess }))
          expect(lines[line - 1]?.slice(0, 500).trimEnd()).toBe(told);
      }),
    );
  });
});

describe("a fingerprint", () => {
  it.each([
    ["main.c:4:18: error: ‘totl’ undeclared", "src/util/area.c:201:3: error: ‘widht’ undeclared"],
    ["cat: a.txt: No such file or directory", "cat: /var/log/b.log: No such file or directory"],
    ["2026-01-02 10:00:01 failed after 3.2 s", "2026-11-21T23:59:59.123Z failed after 10 s"],
    ["==11554==ERROR: AddressSanitizer at 0x602000000011", "==7==ERROR: AddressSanitizer at 0x7fffc3c07850"],
    ["cannot read \"one\" of 'two'", 'cannot read "three" of `four´'],
    ["fatal: bad object 8117884a78c3404bf70b9a59b", "fatal: bad object e854859d59691335298"],
    ["GET https://a.example.com/x failed", "GET http://localhost:8000/y/z?q=1 failed"],
  ])("is the same of `%s` and `%s`", (a, b) => {
    expect(errorFingerprint(a)).toBe(errorFingerprint(b));
  });

  it.each([
    ["cat: a: No such file or directory", "cat: a: Permission denied"],
    ["KeyError: 'a'", "ValueError: 'a'"],
    ["bash: x: command not found", "bash: x: unbound variable"],
  ])("differs for `%s` and `%s`", (a, b) => {
    expect(errorFingerprint(a)).not.toBe(errorFingerprint(b));
  });

  it("does not depend on numbers, quoted words and paths", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const path = fc.array(word, { minLength: 2, maxLength: 5 }).map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(fc.nat(), fc.nat(), word, word, path, path, (n, m, a, b, p, q) => {
        const line = (number: number, name: string, file: string) => `job ${number}: cannot open '${name}' in ${file}`;
        expect(errorFingerprint(line(n, a, p))).toBe(errorFingerprint(line(m, b, q)));
      }),
    );
  });

  it("is short, whatever the line", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5000 }), (line) => {
        expect(errorFingerprint(line).length).toBeLessThanOrEqual(2000);
      }),
    );
  });
});
