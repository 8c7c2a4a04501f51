// Text of recordings as it is searched.
import { describe, expect, test } from "vitest";
import { indexRecordings } from "../../src/library/index.js";
import { recordingText, type TextSource } from "../../src/library/recording-text.js";
import type { Passage } from "../../src/store/index.js";
import { tempDir } from "../support/temp-dir.js";
import { addFile, openTestLibrary, writeCast } from "./libraries.js";

const known = { sessionId: "s", recordingId: "r", title: "", startMs: 0 };

async function textOf(outputs: readonly string[], failure?: Error): Promise<readonly Passage[]> {
  const source: TextSource = {
    header: { cols: 80, rows: 24 } as TextSource["header"],
    batches: (async function* () {
      yield outputs.map((text, at) => ({ kind: "output" as const, time: at * 1e9, data: Buffer.from(text) }));
      if (failure !== undefined) throw failure;
    })(),
  };
  const passages: Passage[] = [];
  for await (const passage of recordingText(source, known).passages) passages.push(passage);
  return passages;
}

const lines = (passages: readonly Passage[]) => passages.flatMap((passage) => passage.lines.map(({ text }) => text));

describe("the text of a recording", () => {
  test("is what its screen showed, with the times", async () => {
    const passages = await textOf(["one\r\n", "\x1b[31mtw\x1b[0mo\r\n세션"]);
    expect(passages).toEqual([
      {
        lines: [
          { timeNs: 0, text: "one" },
          { timeNs: 1e9, text: "two" },
          { timeNs: 1e9, text: "세션" },
        ],
      },
    ]);
  });

  test("has a line that was typed once, as it was in the end", async () => {
    expect(lines(await textOf(["$ ", ..."make test"]))).toEqual(["$ make test"]);
  });

  test("has little of what is drawn again and again", async () => {
    const bar = Array.from({ length: 100 }, (_, at) => `\r[${"#".repeat(at).padEnd(50).slice(0, 50)}] ${at}% done`);
    expect(lines(await textOf([...bar, "\r\nthe end"])).length).toBeLessThan(10);
    expect(lines(await textOf(Array.from({ length: 50 }, () => "the same\r\n")))).toEqual(["the same"]);
  });

  test("is cut into passages", async () => {
    const passages = await textOf(Array.from({ length: 300 }, (_, at) => `line number ${at}\r\n`));
    expect(lines(passages)).toHaveLength(300);
    for (const passage of passages) expect(passage.lines.length).toBeLessThanOrEqual(160);
  });

  test("is not hidden by what is no damage of the recording", async () => {
    await expect(textOf(["a\r\n"], new Error("a fault"))).rejects.toThrow("a fault");
  });
});

test("what is not indexed yet is read once", async () => {
  const path = tempDir();
  const library = await openTestLibrary(path("lib"));
  await addFile(library, writeCast(path("a.cast"), { output: "some words\r\n" }));
  await addFile(library, writeCast(path("b.cast"), { output: "other words\r\n" }));
  await indexRecordings(library.store);
  expect(await indexRecordings(library.store)).toBe(0);
  const query = { all: [{ text: "words", match: "anywhere" as const }], none: [], sessions: {} };
  expect((await library.store.index.search(query)).map(({ snippet }) => snippet).sort()).toEqual([
    "other words",
    "some words",
  ]);
});
