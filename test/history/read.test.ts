// Histories that t2a reads: what each kind holds comes back, what shells wrote is understood, what is none is refused.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldByBash } from "../../src/history/bash.js";
import { heldByFish } from "../../src/history/fish.js";
import {
  bashHistory,
  fishHistory,
  type HistoryEntry,
  MAX_HISTORY_ENTRY_BYTES,
  openHistory,
  type TextHistory,
  zshHistory,
} from "../../src/history/index.js";
import { MemorySource } from "../support/memory-io.js";
import { entries, readBack } from "./histories.js";

const SECOND = 10n ** 9n;

function encoded(history: TextHistory, list: readonly HistoryEntry[]): Buffer {
  const encode = history.createEncoder?.();
  return Buffer.concat(list.map((entry) => encode?.(entry) ?? new Uint8Array()));
}

const wholeSeconds = ({ time = 0n }: HistoryEntry) => (time / SECOND) * SECOND;

describe("what a history can hold comes back", () => {
  it("bash: lines and seconds", async () => {
    await fc.assert(
      fc.asyncProperty(entries(), fc.integer({ min: 1, max: 60 }), async (list, chunkSize) => {
        const expected = list
          .map((entry) => ({ line: heldByBash(entry.line), time: wholeSeconds(entry) }))
          .filter(({ line }) => line !== "");
        expect(await readBack(encoded(bashHistory, list), { shell: "bash", chunkSize })).toEqual(expected);
      }),
    );
  });

  it("bash without times: each line is an entry", async () => {
    await fc.assert(
      fc.asyncProperty(entries(), async (list) => {
        const untimed = list.map(({ line }) => ({ line }));
        const expected = untimed.flatMap(({ line }) => heldByBash(line).split("\n")).filter((line) => line !== "");
        const found = await readBack(encoded(bashHistory, untimed), { shell: "bash" });
        expect(found.map(({ line }) => line)).toEqual(expected);
      }),
    );
  });

  it("zsh: lines, seconds, seconds it took", async () => {
    await fc.assert(
      fc.asyncProperty(entries(), fc.integer({ min: 1, max: 60 }), async (list, chunkSize) => {
        const expected = list.map((entry) => ({
          line: entry.line.replace(/\n+$/, ""),
          time: wholeSeconds(entry),
          duration: Math.floor((entry.duration ?? 0) / 1e9) * 1e9 || undefined,
        }));
        expect(await readBack(encoded(zshHistory, list), { shell: "zsh", chunkSize })).toEqual(expected);
      }),
    );
  });

  it("fish: lines and seconds", async () => {
    await fc.assert(
      fc.asyncProperty(entries(), fc.integer({ min: 1, max: 60 }), async (list, chunkSize) => {
        const expected = list
          .map((entry) => ({ line: heldByFish(entry.line), time: wholeSeconds(entry) }))
          .filter(({ line }) => line.trim() !== "");
        expect(await readBack(encoded(fishHistory, list), { shell: "fish", chunkSize })).toEqual(expected);
      }),
    );
  });
});

describe("what shells wrote", () => {
  const lines = async (...args: Parameters<typeof readBack>) => (await readBack(...args)).map(({ line }) => line);

  it("bash: without times, and with times begun later", async () => {
    expect(await readBack("ls\n\nfor i in 1\r\n#1700000000\ndone\nx")).toEqual([
      { line: "ls", time: undefined },
      { line: "for i in 1", time: undefined },
      { line: "done", time: 1_700_000_000n * SECOND },
      { line: "x", time: undefined },
    ]);
  });

  it("bash: a comment that begins with a number is what was typed", async () => {
    expect(await lines("#1700000000\n#1st try\n#1700000001\nls\n")).toEqual(["#1st try", "ls"]);
  });

  it("zsh: plain, extended, both in one file", async () => {
    expect(await readBack(": 1700000000:7;a\\\nb\\\\ \n\\:x\nplain\n: 1700000001:0;c\n")).toEqual([
      { line: "a\nb\\\\", time: 1_700_000_000n * SECOND, duration: 7e9 },
      { line: ":x" },
      { line: "plain" },
      { line: "c", time: 1_700_000_001n * SECOND, duration: undefined },
    ]);
    expect(await readBack(Buffer.from("echo \xe6\x83\xb7\x83\xa5\n", "latin1"))).toMatchObject([
      { line: "echo \u65c5" },
    ]);
  });

  it("fish: paths are passed over, times may be missing", async () => {
    const text = "- cmd: vim a\\nb\\\\n\n  when: 1700000000\n  paths:\n    - a\n    - b\n- cmd: ls\n";
    expect(await readBack(text)).toEqual([{ line: "vim a\nb\\n", time: 1_700_000_000n * SECOND }, { line: "ls" }]);
  });

  it("nushell: a line an entry", async () => {
    expect(await lines("ls\ndef x [] {<\\n>  1<\\n>}\n", { name: "x" })).toEqual(["ls", "def x [] {\n  1\n}"]);
    const source = new MemorySource(Buffer.from("ls\n"), { name: "/a/history.txt" });
    expect((await openHistory(source)).name).toBe("nushell");
  });

  it.each([
    ["- cmd: ls\n  when: 5\n", "x", "fish"],
    ["ls\n: 1700000000:0;ls\n#1700000000\n", "x", "zsh"],
    ["ls\n#1700000000\n: 1700000000:0;ls\n", "x", "bash"],
    ["ls\n", "/home/ann/.zsh_history", "zsh"],
    ["ls\n", "/home/zsh/.bash_history", "bash"],
    ["", "x", "bash"],
  ])("the kind is told by content, and by name where content does not tell: %j in %s", async (text, name, kind) => {
    expect((await openHistory(new MemorySource(Buffer.from(text), { name }))).name).toBe(kind);
  });

  it("bytes that are no UTF-8 are replaced", async () => {
    expect(await lines(Buffer.from("echo \xff\n", "latin1"))).toEqual(["echo \ufffd"]);
  });
});

describe("what is too much", () => {
  const long = "x".repeat(MAX_HISTORY_ENTRY_BYTES);
  const read = async (text: string, shell: "bash" | "zsh" | "fish" | "nushell") => {
    let cut = 0;
    const source = new MemorySource(Buffer.from(text), { chunkSize: 100_000 });
    const history = await openHistory(source, { shell, onCut: () => cut++ });
    const lengths: number[] = [];
    for await (const { line } of history.entries) lengths.push(line.length);
    return [lengths, cut];
  };

  it("an entry is cut at its bound, and told of; what is just as long is whole", async () => {
    for (const shell of ["bash", "zsh", "nushell"] as const) {
      expect(await read(`${long}\nls\n`, shell)).toEqual([[MAX_HISTORY_ENTRY_BYTES, 2], 0]);
      expect(await read(`${long}y\nls\n`, shell)).toEqual([[MAX_HISTORY_ENTRY_BYTES, 2], 1]);
      expect(await read(`${long}${long}`, shell)).toEqual([[MAX_HISTORY_ENTRY_BYTES], 1]);
    }
    expect(await read(`- cmd: ${long}\n- cmd: ls\n`, "fish")).toEqual([[MAX_HISTORY_ENTRY_BYTES - 7, 2], 1]);
  });

  it("an entry of many lines is bounded as a whole", async () => {
    const half = "x".repeat(MAX_HISTORY_ENTRY_BYTES / 2);
    const [[bashLength], bashCut] = (await read(`#5\n${half}\n${half}\n${half}\n#6\nls\n`, "bash")) as [
      number[],
      number,
    ];
    expect([bashLength, bashCut]).toEqual([MAX_HISTORY_ENTRY_BYTES, 1]);
    const [[zshLength, next], zshCut] = (await read(`${half}\\\n${half}\\\n${half}\nls\n`, "zsh")) as [
      number[],
      number,
    ];
    expect([zshLength, next, zshCut]).toEqual([MAX_HISTORY_ENTRY_BYTES, 2, 1]);
  });
});

describe("what is no history", () => {
  it("is refused, and its source closed", async () => {
    const source = new MemorySource(Buffer.from("a\0b"));
    await expect(openHistory(source)).rejects.toMatchObject({ code: "T2A_UNKNOWN_FORMAT" });
    expect(source.closed).toBe(1);
    const notAtuin = new MemorySource(Buffer.from("ls\n"));
    await expect(openHistory(notAtuin, { shell: "atuin" })).rejects.toThrow("atuin keeps a database, and it is none");
    const piped = new MemorySource(Buffer.from("SQLite format 3\0"));
    await expect(openHistory(piped)).rejects.toMatchObject({ code: "T2A_USAGE" });
  });
});
