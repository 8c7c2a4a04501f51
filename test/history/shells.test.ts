// Histories that t2a writes, as the shells themselves list them.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldByBash } from "../../src/history/bash.js";
import { heldByFish } from "../../src/history/fish.js";
import { bashHistory, fishHistory, type HistoryEntry, type TextHistory, zshHistory } from "../../src/history/index.js";
import { missing, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";
import { entries, listedBy, readBack } from "./histories.js";

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

describe("what shells write", () => {
  /** The entries of a history that a shell itself wrote of these lines. */
  async function writtenBy(shell: "bash" | "zsh", script: string, lines: readonly string[]): Promise<HistoryEntry[]> {
    const path = tempDir();
    const args = shell === "bash" ? ["--norc", "--noprofile"] : ["-f", "-i"];
    const { status, stderr } = spawnSync(shell, [...args, "-c", script, shell, ...lines], {
      env: { PATH: process.env.PATH, HOME: path("."), LC_ALL: "C.UTF-8", WRITTEN: path("h") },
    });
    expect([status, stderr.toString()]).toEqual([0, ""]);
    return await readBack(readFileSync(path("h")));
  }

  const noBash = missing("bash");
  it.skipIf(noBash)(titled("bash, with times", noBash), async () => {
    const script = `set -o history; HISTTIMEFORMAT=%s; history -c; for i; do history -s -- "$i"; done; history -w "$WRITTEN"`;
    const lines = plain.filter((line) => !/^#[0-9]/m.test(line));
    const found = await writtenBy("bash", script, lines);
    expect(found.map(({ line }) => line)).toEqual(lines);
    expect(found.every(({ time = 0n }) => time > 1_700_000_000n * 10n ** 9n)).toBe(true);
  });

  it.skipIf(noBash)(titled("bash, without times: a line an entry", noBash), async () => {
    const script = `set -o history; history -c; for i; do history -s -- "$i"; done; history -w "$WRITTEN"`;
    const lines = plain.filter((line) => !/^#[0-9]/m.test(line));
    expect((await writtenBy("bash", script, lines)).map(({ line }) => line)).toEqual(
      lines.flatMap((line) => line.split("\n")),
    );
  });

  const noZsh = missing("zsh");
  it.skipIf(noZsh)(titled("zsh, plain and extended", noZsh), async () => {
    for (const option of ["extended_history", "no_extended_history"]) {
      const script = `HISTSIZE=1000; SAVEHIST=1000; setopt ${option}; for i; do print -rs -- "$i"; done; fc -W $WRITTEN`;
      const found = await writtenBy("zsh", script, [...plain, ":colon"]);
      expect(found.map(({ line }) => line)).toEqual([...plain, ":colon"]);
      expect(found.every(({ time }) => (time !== undefined) === (option === "extended_history"))).toBe(true);
    }
  });

  const noFish = missing("fish") ?? missing("script");
  it.skipIf(noFish)(titled("fish", noFish), async () => {
    const path = tempDir();
    // Else they are made behind the test's back.
    mkdirSync(path("fish/generated_completions"), { recursive: true });
    const lines = ["echo 'a\\nb' \\\\", "for i in 1\necho $i é\nend", "# nothing", "exit"];
    const { status } = spawnSync("script", ["-qc", "fish -i", "/dev/null"], {
      input: `${lines.join("\n")}\n`,
      env: { PATH: process.env.PATH, HOME: path("."), LC_ALL: "C.UTF-8", TERM: "xterm", XDG_DATA_HOME: path(".") },
    });
    expect(status).toBe(0);
    const found = await readBack(readFileSync(path("fish/fish_history")));
    expect(found.map(({ line }) => line)).toEqual(lines);
    expect(found.every(({ time = 0n }) => time > 1_700_000_000n * 10n ** 9n)).toBe(true);
  });
});
