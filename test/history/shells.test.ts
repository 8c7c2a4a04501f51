// Histories that t2a writes, as the shells themselves list them.
import { mkdirSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldByBash } from "../../src/history/bash.js";
import { heldByFish } from "../../src/history/fish.js";
import { bashHistory, fishHistory, type HistoryEntry, type TextHistory, zshHistory } from "../../src/history/index.js";
import { missing, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";
import { entries, listedBy } from "./histories.js";

function encoded(history: TextHistory, list: readonly HistoryEntry[]): Buffer {
  const encode = history.createEncoder?.();
  return Buffer.concat(list.map((entry) => encode?.(entry) ?? new Uint8Array()));
}

const RUNS = { numRuns: 50 };
const plain = [
  "echo one",
  "for i in 1 2\ndo\n  echo $i\ndone",
  "cat <<'E'\n#1700000000\n#12 x\nE",
  "printf 'a\\tb' \\\n  | od -c \\ ",
  "echo \u00e0\u0083 日本 \x07\x1b[m \x83",
  "echo 'ends with a backslash' \\",
  "# a comment",
  "#1700000001",
  "  echo spaces  ",
];
const list = plain.map((line, index) => ({ line, time: BigInt(1_700_000_000 + index) * 10n ** 9n }));

describe("bash", () => {
  const lacking = missing("bash");
  const listed = (text: readonly HistoryEntry[]) => {
    const path = tempDir();
    writeFileSync(path("h"), encoded(bashHistory, text));
    return listedBy("bash", path("h"), path("."));
  };
  /** bash leaves out empty lines. */
  const asBash = (line: string) => heldByBash(line).replace(/\n{2,}/g, "\n");

  it.skipIf(lacking)(titled("lists what was written", lacking), () => {
    expect(listed(list)).toEqual(plain.map(asBash));
    expect(plain.map(asBash).filter((line, index) => line !== plain[index])).toHaveLength(2); // those with times in them
  });

  it.skipIf(lacking)(titled("lists whatever was written", lacking), () => {
    fc.assert(
      fc.property(entries(), (any) => {
        expect(listed(any)).toEqual(any.map(({ line }) => asBash(line)).filter((line) => line !== ""));
      }),
      RUNS,
    );
  });
});

describe("zsh", () => {
  const lacking = missing("zsh");
  const listed = (text: readonly HistoryEntry[]) => {
    const path = tempDir();
    writeFileSync(path("h"), encoded(zshHistory, text));
    return listedBy("zsh", path("h"), path("."));
  };

  it.skipIf(lacking)(titled("lists what was written", lacking), () => expect(listed(list)).toEqual(plain));

  it.skipIf(lacking)(titled("lists whatever was written", lacking), () => {
    fc.assert(
      fc.property(entries(), (any) => {
        expect(listed(any)).toEqual(any.map(({ line }) => line.replace(/\n+$/, "")));
      }),
      RUNS,
    );
  });
});

describe("fish", () => {
  const lacking = missing("fish");
  const listed = (text: readonly HistoryEntry[]) => {
    const path = tempDir();
    mkdirSync(path("fish"));
    writeFileSync(path("fish/fish_history"), encoded(fishHistory, text));
    return listedBy("fish", path("fish/fish_history"), path("."));
  };

  it.skipIf(lacking)(titled("lists what was written", lacking), () => expect(listed(list)).toEqual(plain));

  it.skipIf(lacking)(titled("lists whatever was written, each line once", lacking), () => {
    fc.assert(
      fc.property(entries(), (any) => {
        const lines = any.map(({ line }) => heldByFish(line)).filter((line) => line.trim() !== "");
        expect(listed(any)).toEqual(lines.filter((line, index) => lines.lastIndexOf(line) === index));
      }),
      RUNS,
    );
  });
});
