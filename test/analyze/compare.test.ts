// Comparing recordings: what is the same in two lists by brute force and by diff(1), which command is which, cells, verdicts.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignCommands, likenessOf } from "../../src/analyze/align-commands.js";
import { createBudget, diffSequences } from "../../src/analyze/diff-sequences.js";
import { diffText, type TextDiff } from "../../src/analyze/diff-text.js";
import { type CompareOptions, compareRecordings, compareScreens, readCompared } from "../../src/analyze/index.js";
import type { Event } from "../../src/core/index.js";
import { Screen } from "../../src/terminal/index.js";
import { recordingOf } from "../play/recordings.js";
import { missing, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";
import { output, SHELL } from "./sessions.js";

/** Length of the longest common subsequence, the slow way. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  const best = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const [row, next] = [best[i] as number[], best[i + 1] as number[]];
      row[j] = a[i] === b[j] ? 1 + (next[j + 1] as number) : Math.max(next[j] as number, row[j + 1] as number);
    }
  return best[0]?.[0] ?? 0;
}

const items = fc.array(fc.constantFrom("a", "b", "c", "dd"), { maxLength: 14 });

describe("diffSequences", () => {
  it("finds as much that is the same as there is, in stretches that cover both lists", () => {
    fc.assert(
      fc.property(items, items, (a, b) => {
        const { stretches, isRough } = diffSequences(a, b, createBudget());
        const sum = (...kinds: string[]) =>
          stretches.filter(({ kind }) => kinds.includes(kind)).reduce((total, { count }) => total + count, 0);
        expect([sum("same"), sum("same", "removed"), sum("same", "added"), isRough]).toEqual([
          commonLength(a, b),
          a.length,
          b.length,
          false,
        ]);
        let [i, j] = [0, 0];
        for (const { kind, count } of stretches) {
          if (kind === "same") expect(a.slice(i, i + count)).toEqual(b.slice(j, j + count));
          if (kind !== "added") i += count;
          if (kind !== "removed") j += count;
        }
        const kinds = stretches.map(({ kind }) => kind).join(" ");
        expect(kinds).not.toMatch(/(same same|added removed|added added|removed removed)/);
      }),
    );
  });

  it("gives the same the other way round, removed and added exchanged", () => {
    const other = { same: "same", removed: "added", added: "removed" } as const;
    const sorted = (stretches: ReturnType<typeof diffSequences>["stretches"]) => {
      const runs: string[] = [];
      let run: string[] = [];
      for (const { kind, count } of stretches) {
        if (kind !== "same") run.push(`${kind} ${count}`);
        else {
          runs.push(run.sort().join(), `same ${count}`);
          run = [];
        }
      }
      return [...runs, run.sort().join()];
    };
    fc.assert(
      fc.property(items, items, (a, b) => {
        const there = diffSequences(a, b, createBudget()).stretches;
        const back = diffSequences(b, a, createBudget()).stretches.map(({ kind, count }) => ({
          kind: other[kind],
          count,
        }));
        expect(sorted(back)).toEqual(sorted(there));
      }),
    );
  });

  it("is rough where it would cost too much, and still keeps what begins and ends the same", () => {
    const side = (prefix: string) => Array.from({ length: 9000 }, (_, n) => (n % 3 === 0 ? `${n}` : `${prefix}${n}`));
    const [a, b] = [
      ["first", ...side("a"), "last"],
      ["first", ...side("b"), "last"],
    ];
    const { stretches, isRough } = diffSequences(a, b, createBudget());
    expect(isRough).toBe(true);
    expect(stretches[0]).toEqual({ kind: "same", count: 2 }); // "first" and "0"
    expect(stretches.at(-1)).toEqual({ kind: "same", count: 1 });
    const nothingLeft = { steps: 0, lines: 0 };
    expect(diffSequences(["x", "a"], ["a", "y"], nothingLeft).isRough).toBe(true);
    expect(diffSequences(["x"], ["y"], nothingLeft).isRough).toBe(false); // nothing in common is no work
  });
});

/** The second text, made of the first one and the difference. */
function apply(text: string, { hunks }: TextDiff): string {
  const lines = text === "" ? [] : text.split("\n");
  const made: string[] = [];
  let at = 0;
  for (const { aStart, aLines, lines: shown } of hunks) {
    made.push(...lines.slice(at, aStart - 1));
    made.push(...shown.filter(({ kind }) => kind !== "removed").map(({ text: line }) => line));
    at = aStart - 1 + aLines;
  }
  return [...made, ...lines.slice(at)].join("\n");
}

describe("diffText", () => {
  const noDiff = missing("diff");

  const text = fc
    .array(fc.constantFrom("one", "two", "", "three", "f"), { maxLength: 40 })
    .map((lines) => lines.join("\n"));

  it("makes the second text of the first one, with three lines around what differs", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const diff = diffText(a, b, createBudget());
        expect(apply(a, diff)).toBe(b);
        expect(diff.hunks.length === 0).toBe(a === b);
        for (const { lines, aLines, bLines } of diff.hunks) {
          expect(lines.filter(({ kind }) => kind !== "added")).toHaveLength(aLines);
          expect(lines.filter(({ kind }) => kind !== "removed")).toHaveLength(bLines);
          expect(lines.findIndex(({ kind }) => kind !== "same")).toBeLessThanOrEqual(3);
          expect([...lines].reverse().findIndex(({ kind }) => kind !== "same")).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it.skipIf(noDiff)(titled("differs where diff(1) differs, in as many lines", noDiff), () => {
    const inFolder = tempDir();
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [left, right] = [inFolder("a"), inFolder("b")];
        writeFileSync(left, a === "" ? "" : `${a}\n`);
        writeFileSync(right, b === "" ? "" : `${b}\n`);
        const { status, stdout } = spawnSync("diff", ["--minimal", "-U3", left, right], { encoding: "utf8" });
        const lines = stdout.split("\n").slice(2);
        const diff = diffText(a, b, createBudget());
        const isDifferent = diff.removed + diff.added > 0;
        expect(isDifferent).toBe(status === 1);
        expect(diff.removed).toBe(lines.filter((line) => line.startsWith("-")).length);
        expect(diff.added).toBe(lines.filter((line) => line.startsWith("+")).length);
      }),
      { numRuns: 60 },
    );
  });

  it("gives no more lines than can be read, and says how many there are", () => {
    const a = Array.from({ length: 5000 }, (_, n) => `a${n}`).join("\n");
    const diff = diffText(a, "b", createBudget());
    expect([diff.removed, diff.added, diff.leftOut]).toEqual([5000, 1, 3001]);
    expect(diff.hunks.flatMap(({ lines }) => lines)).toHaveLength(2000);
  });
});

describe("alignCommands", () => {
  const lines = fc.array(fc.constantFrom("make", "ls", "ls -l", "git status", "git statu", undefined), {
    maxLength: 9,
  });

  it("pairs as many commands of the same line as there are in the same order, and each command once", () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const { pairs } = alignCommands(a, b, createBudget());
        const both = pairs.filter((pair) => pair.a !== undefined && pair.b !== undefined);
        const same = both.filter((pair) => a[pair.a as number] === b[pair.b as number]);
        const key = (line: string | undefined) => line ?? "\n";
        expect(same).toHaveLength(commonLength(a.map(key), b.map(key)));
        expect(pairs.flatMap((pair) => pair.a ?? [])).toEqual(a.map((_, n) => n));
        expect(pairs.flatMap((pair) => pair.b ?? [])).toEqual(b.map((_, n) => n));
      }),
    );
  });

  it("finds the same pairs whichever recording comes first", () => {
    const bothOf = (pairs: ReturnType<typeof alignCommands>["pairs"], isBack: boolean) =>
      pairs
        .filter((pair) => pair.a !== undefined && pair.b !== undefined)
        .map((pair) => (isBack ? [pair.b, pair.a] : [pair.a, pair.b]));
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const there = bothOf(alignCommands(a, b, createBudget()).pairs, false);
        expect(bothOf(alignCommands(b, a, createBudget()).pairs, true)).toEqual(there);
      }),
    );
  });

  it("takes lines that are alike for the same command edited", () => {
    const { pairs } = alignCommands(
      ["cd src", "make test", "rm -rf build", "exit"],
      ["cd src", "ls", "make tests", "exit "],
      createBudget(),
    );
    expect(pairs).toEqual([
      { a: 0, b: 0 },
      { a: undefined, b: 1 },
      { a: 1, b: 2 },
      { a: 2, b: undefined },
      { a: 3, b: 3 },
    ]);
  });

  it.each([
    ["ls", "ls -l", true],
    ["git commit -m one", "git commit -m two", true],
    ["./configure --prefix=/usr", "sudo ./configure --prefix=/usr", true],
    ["make", "rm", false],
    ["echo a b c d e", "echo v w x y z", false],
  ])("%j and %j", (a, b, isAlike) => {
    expect(likenessOf(a, b) > 0).toBe(isAlike);
    expect(likenessOf(b, a)).toBe(likenessOf(a, b));
  });
});

describe("compareScreens", () => {
  const screenOf = (text: string, size = { cols: 10, rows: 3 }) => {
    const screen = new Screen(size);
    screen.feed(Buffer.from(text));
    return screen.snapshot();
  };

  it("tells text from style, wide characters, sizes and the cursor", () => {
    const diff = compareScreens(screenOf("abc\x1b[31mdef\x1b[0m\r\n日本 x"), screenOf("aXcdef\r\n日木 x \x1b[A"));
    expect(diff.differences).toEqual([
      { row: 0, from: 1, to: 2, kind: "text", a: "b", b: "X" },
      { row: 0, from: 3, to: 6, kind: "style", a: "def", b: "def" },
      { row: 1, from: 2, to: 3, kind: "text", a: "本", b: "木" },
    ]);
    expect([diff.cells, diff.cursors]).toEqual([5, { a: { x: 6, y: 1 }, b: { x: 7, y: 0 } }]);
    const sizes = compareScreens(screenOf("a"), screenOf("a", { cols: 12, rows: 4 }));
    expect([sizes.cells, sizes.differences, sizes.isSame]).toEqual([18, [], false]);
    expect(compareScreens(screenOf("\x1b[?25la"), screenOf("\x1b[?25l a\x1b[Ha \x1b[K")).isSame).toBe(true);
  });

  it("counts the cells that differ one by one", () => {
    const stream = fc
      .array(fc.constantFrom("a", "b", "日", "\x1b[31m", "\x1b[1m", "\x1b[m", "\r\n", "\x1b[H", "\x1b[K"), {
        maxLength: 30,
      })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(stream, stream, (one, other) => {
        const [a, b] = [screenOf(one), screenOf(other)];
        const look = ({ chars, width, fg, bg, attrs }: ReturnType<(typeof a.lines)[number]["cell"]>) =>
          JSON.stringify([width === 0 ? "" : chars || " ", fg, bg, attrs]);
        let cells = 0;
        for (let y = 0; y < 3; y++)
          for (let x = 0; x < 10; x++) {
            const [left, right] = [a.lines[y]?.cell(x), b.lines[y]?.cell(x)];
            if (left && right && look(left) !== look(right)) cells++;
          }
        expect(compareScreens(a, b).cells).toBe(cells);
        expect(compareScreens(b, a).cells).toBe(cells);
        expect(compareScreens(a, a).isSame).toBe(true);
      }),
    );
  });
});

/** A session of commands, each [line, output, status, seconds]. */
type Ran = readonly [string, string, number, number?];
const session = (ran: readonly Ran[]): Event[] => {
  let time = 0;
  const { A, B, C, D } = SHELL;
  const after = (seconds: number, text: string) => {
    time += seconds * 1e9;
    return output(time, text);
  };
  return ran.flatMap(([line, printed, status, seconds = 1]) => [
    after(1, `${A}$ ${B}${line}\r\n${C}`),
    after(0.001, printed.replaceAll("\n", "\r\n")),
    after(seconds, D(status)),
  ]);
};

const END = Number.POSITIVE_INFINITY;

async function compare(a: readonly Event[], b: readonly Event[], options: CompareOptions = {}, moments = [END]) {
  const [left, right] = [
    await readCompared(recordingOf(a), { moments }),
    await readCompared(recordingOf(b), { moments }),
  ];
  return compareRecordings(
    left,
    right,
    moments.map((time) => ({ a: time, b: time })),
    options,
  );
}

describe("compareRecordings", () => {
  const ran: fc.Arbitrary<Ran> = fc.tuple(
    fc.constantFrom("make", "ls -l", "cat a", "cat b"),
    fc.constantFrom("", "one\n", "one\ntwo\n", "\x1b[31mred\x1b[0m\n"),
    fc.constantFrom(0, 1),
    fc.constantFrom(0.1, 1, 5),
  );
  const sessions = fc.array(ran, { maxLength: 6 });

  it("finds every recording the same as itself, and says the same the other way round", async () => {
    await fc.assert(
      fc.asyncProperty(sessions, sessions, async (a, b) => {
        expect((await compare(session(a), session(a), { durations: true })).isSame).toBe(true);
        const [there, back] = [await compare(session(a), session(b)), await compare(session(b), session(a))];
        expect(back.isSame).toBe(there.isSame);
        const counts = ({ pairs }: typeof there, kind: string) => pairs.filter((pair) => pair.kind === kind).length;
        for (const [kind, other] of [
          ["same", "same"],
          ["changed", "changed"],
          ["added", "removed"],
        ] as const)
          expect(counts(back, kind)).toBe(counts(there, other));
        const strip = (all: readonly Ran[]) => JSON.stringify(all.map(([line, text, status]) => [line, text, status]));
        if (strip(a) === strip(b)) expect(there.isSame).toBe(true);
        else expect(there.isSame).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it("says of each command whether it is there, how it ended, what it printed and how long it took", async () => {
    const a = session([
      ["make", "ok\n", 0, 2],
      ["ls", "a\nb\n", 0],
      ["rm x", "", 0],
      ["true", "", 0],
    ]);
    const b = session([
      ["make", "ok\n", 2, 9],
      ["ls", "a\nc\n", 0],
      ["true", "", 0],
      ["pwd", "/\n", 0],
    ]);
    const { pairs, isSame, countsCommands } = await compare(a, b);
    expect(pairs.map(({ kind, differs, pace, output: diff }) => [kind, differs, pace, diff?.added])).toEqual([
      ["changed", ["status"], "slower", undefined],
      ["changed", ["output"], undefined, 1],
      ["removed", [], undefined, undefined],
      ["same", [], undefined, undefined],
      ["added", [], undefined, undefined],
    ]);
    expect([isSame, countsCommands]).toEqual([false, true]);
  });

  it("counts durations only where asked, and only those that differ by a quarter and 0.2 s", async () => {
    const of = (seconds: number) => session([["make", "", 0, seconds]]);
    for (const [a, b, isSame] of [
      [0.1, 0.25, true],
      [0.1, 0.35, false],
      [10, 12, true],
      [10, 14, false],
    ] as const) {
      expect((await compare(of(a), of(b))).isSame).toBe(true);
      expect((await compare(of(a), of(b), { durations: true })).isSame).toBe(isSame);
    }
    expect((await compare([output(0, "x")], [output(0, "x"), output(9e9, "")], { durations: true })).isSame).toBe(
      false,
    );
  });

  it("takes what one does not tell for no difference", async () => {
    const { A, B, C, D } = SHELL;
    const told = [output(0, `${A}$ ${B}make\r\n${C}ok\r\n${D(2)}`)];
    const untold = [output(0, `${A}$ ${B}make\r\n${C}ok\r\n`)];
    const comparison = await compare(told, untold);
    expect([comparison.isSame, comparison.pairs[0]?.kind]).toEqual([true, "same"]);
  });

  it("compares all text where one of them does not mark its commands", async () => {
    const marked = session([["make", "ok\n", 0]]);
    const plain = [output(0, "$ make\r\nok\r\n")];
    const comparison = await compare(marked, plain);
    expect([comparison.isSame, comparison.countsCommands, comparison.text?.isSame]).toEqual([true, false, true]);
    const other = await compare(plain, [output(0, "$ make\r\nno\r\n")], { screens: false });
    expect([other.isSame, other.text?.diff?.removed, other.screens]).toEqual([false, 1, []]);
    expect((await compare(plain, [output(0, "$ make\r\nno\r\n")], { screens: false, output: false })).isSame).toBe(
      true,
    );
  });

  it("looks at the screens at the moments asked for, an event at the very time included", async () => {
    const a = [output(0, "a"), output(5e9, "b"), output(9e9, "\x1b[H\x1b[2Jend")];
    const b = [output(0, "a"), output(5e9, "c"), output(9e9, "\x1b[H\x1b[2Jend")];
    const { screens } = await compare(a, b, {}, [END, 5e9 - 1, 5e9, 0]);
    expect(screens.map(({ a: time, diff }) => [time, diff.cells])).toEqual([
      [END, 0],
      [5e9 - 1, 0],
      [5e9, 1],
      [0, 0],
    ]);
  });

  it("keeps memory flat: of a great output the first and the last lines, and beyond a bound none", async () => {
    const huge = (mark: string) => [...Array<string>(40_000).fill("x".repeat(99)), mark, ""].join("\n");
    const same = await compare(session([["cat", huge("end"), 0]]), session([["cat", huge("end"), 0]]));
    expect(same.isSame).toBe(true);
    const other = await compare(session([["cat", huge("end"), 0]]), session([["cat", huge("END"), 0]]));
    expect(other.pairs[0]?.output).toMatchObject({ removed: 1, added: 1, isRough: false });
    const longer = await compare(session([["cat", huge("end"), 0]]), session([["cat", `x\n${huge("end")}`, 0]]));
    expect(longer.pairs[0]?.differs).toEqual(["output"]);
  });
});
