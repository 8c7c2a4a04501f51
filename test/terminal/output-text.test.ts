import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeptLines, OutputText, TextLog } from "../../src/terminal/index.js";

const SIZE = { cols: 20, rows: 4 };

function linesOf(chunks: readonly string[], Reader: typeof OutputText | typeof TextLog = OutputText, cols = 20) {
  const lines: string[] = [];
  const reader = new Reader({ ...SIZE, cols, onLine: (line) => lines.push(line) });
  for (const chunk of chunks) reader.feed(Buffer.from(chunk));
  reader.end();
  return lines;
}

describe("the text of output", () => {
  it("is its lines without colours, with tabs as blanks", () => {
    expect(linesOf(["a\tb\r\n\x1b[1;31mred\x1b[0m  \r\n\r\nend\r\n\r\n"])).toEqual(["a       b", "red", "", "end"]);
  });

  it("is what the screen shows in the end where the cursor moves", () => {
    expect(linesOf(["one\r\n10%\r20%\r", "100%\r\n\x1b[2A\x1b[KONE\r\n"])).toEqual(["ONE", "100%"]);
  });

  it("has no lines that only the alternate buffer showed", () => {
    expect(linesOf(["before\r\n\x1b[?1049hvim\x1b[?1049lafter\r\n"])).toEqual(["before", "after"]);
  });

  it("is the same as a screen's, however it is cut", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "\r\n",
        "\t",
        "\x1b[31m",
        "\x1b[0m",
        "a",
        "word ",
        "    ",
        "x".repeat(20),
        "y".repeat(39),
        "\r\r\n",
      ),
      fc.constantFrom(
        "\r",
        "\n",
        "\b",
        "\x1b[A",
        "\x1b[K",
        "\x1b[2J",
        "\u00e9",
        "\u4e2d",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b",
      ),
    );
    const plain = fc.array(
      fc.constantFrom(
        "\r\n",
        "\t",
        "\x1b[32m",
        "text",
        "  ",
        "z".repeat(19),
        "\r",
        "\x1b[K",
        "\x1b[2K",
        "\b",
        "\x1b]0;t\x07",
        "\x1b[?25l",
        "ab",
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: plain.map((parts) => parts.join("")) }, piece), { maxLength: 30 }),
        (chunks) => {
          const whole = [chunks.join("")];
          expect(linesOf(chunks)).toEqual(linesOf(whole, TextLog));
          expect(linesOf([...chunks.join("")])).toEqual(linesOf(whole, TextLog));
        },
      ),
      { numRuns: Number(process.env.T2A_FUZZ_RUNS ?? 200) },
    );
  });
});

describe("kept lines", () => {
  const kept = (count: number, maxUnits: number) => {
    const lines = new KeptLines(maxUnits);
    for (let i = 0; i < count; i++) lines.push(`line ${i}`);
    return lines;
  };

  it("are all of few", () => {
    expect(kept(3, 100).all()).toEqual(["line 0", "line 1", "line 2"]);
  });

  it("are the first and the last of many, with a line that says how many are not there", () => {
    const lines = kept(100_000, 100);
    expect(lines.all()).toEqual([
      "line 0",
      "line 1",
      "line 2",
      "[99991 lines left out]",
      ...[6, 5, 4, 3, 2, 1].map((back) => `line ${100_000 - back}`),
    ]);
    expect(lines.leftOut).toBe(99_991);
  });
});
