// The text of a recording, searched while it is read and afterwards.
import { describe, expect, it } from "vitest";
import type { Batch, Event } from "../../src/core/index.js";
import { parsePattern, type TextHit, TextIndex } from "../../src/play/index.js";
import { textIndexFromBytes, textIndexToBytes } from "../../src/play/text-index-bytes.js";
import { ShownText } from "../../src/terminal/index.js";
import { marker, output, recordingOf, resize } from "./recordings.js";

function indexOf(events: readonly Event[], options = {}): TextIndex {
  return TextIndex.build(recordingOf(events, { batchEvents: 7 }), options);
}

async function allOf(index: TextIndex, pattern: string): Promise<TextHit[]> {
  const hits: TextHit[] = [];
  for await (const hit of index.all(parsePattern(pattern))) hits.push(hit);
  return hits;
}

/** Each hit as `events: before[found]after`. */
async function told(events: readonly Event[], pattern: string): Promise<string[]> {
  return (await allOf(indexOf(events), pattern)).map(
    ({ events: at, line, start, length }) =>
      `${at}: ${line.slice(0, start)}[${line.slice(start, start + length)}]${line.slice(start + length)}`,
  );
}

const typed = (text: string, from = 0): Event[] => [...text].map((letter, at) => output(from + at / 10, letter));

/** Prints `line N`, three lines an event, with `needle` in some: enough for several chunks. */
function longRecording(events: number, needle = (line: number) => line % 9973 === 5): Event[] {
  return Array.from({ length: events }, (_, at) => {
    const lines = [0, 1, 2].map((n) => {
      const line = at * 3 + n;
      return `line ${line} ${"x".repeat(line % 40)}${needle(line) ? " Needle" : ""}\r\n`;
    });
    return output(at / 100, lines.join(""));
  });
}

describe("a search in a recording", () => {
  it("finds each text once, at the moment it is complete", async () => {
    expect(await told(typed("$ git status\r\nclean\r\n"), "git")).toEqual(["5: $ [git]"]);
    expect(await told(typed("$ git status\r\nclean\r\n"), "status")).toEqual(["12: $ git [status]"]);
    expect(await told(typed("gigit"), "git")).toEqual(["5: gi[git]"]);
    expect(await told(typed("aaa"), "aa")).toEqual(["2: [aa]", "3: a[aa]"]);
    expect(await told([output(0, "retry... "), output(1, "retry... ")], "retry")).toEqual([
      "1: [retry]...",
      "2: retry... [retry]...",
    ]);
  });

  it("finds text that colours, cursor movements and resizes went through", async () => {
    const events = [
      output(0, "\x1b[31mwo\x1b[32mrd\x1b[0m"),
      resize(1, 40, 10),
      output(2, "\x1b[1;10Hend\x1b[1;5H of "),
    ];
    expect(await told(events, "word")).toEqual(["1: [word]"]);
    expect(await told(events, "word of")).toEqual(["3: [word of]  end"]);
    expect(await told(events, "end")).toEqual(["3: word of  [end]"]);
  });

  it("counts all events and knows their times", async () => {
    const events = [marker(0.5, "start"), output(1, "one"), marker(2, "one"), output(3, " two")];
    expect(await allOf(indexOf(events), "two")).toEqual([
      { events: 4, time: 3_000_000_000, line: "one two", start: 4, length: 3 },
    ]);
  });

  it("takes regular expressions by the line", async () => {
    const events = [output(0, "one\r\ntwo three\r\n12 boxes\r\n")];
    expect(await told(events, "\\v^t.*e$")).toEqual(["1: [two three]"]);
    expect(await told(events, "\\v[0-9]+ \\w+")).toEqual(["1: [12 boxes]"]);
    expect(await told(events, "\\ve\\s+t")).toEqual([]);
    expect(await told(events, "\\vx*")).toEqual(["1: 12 bo[x]es"]);
  });

  it("finds wide characters, and letters whatever their case", async () => {
    const events = [output(0, "日本語 ÄÖÜ\r\nNot ascii: ─\r\n")];
    expect(await told(events, "本語")).toEqual(["1: 日[本語] ÄÖÜ"]);
    expect(await told(events, "äöü")).toEqual(["1: 日本語 [ÄÖÜ]"]);
    expect(await told(events, "not")).toEqual(["1: [Not] ascii: ─"]);
    expect(await told(events, "NOT")).toEqual([]);
  });

  it("goes forward and backward from anywhere, across chunks", async () => {
    const index = indexOf(longRecording(20_000));
    const pattern = parsePattern("needle");
    const hits = await allOf(index, "needle");
    expect(hits.length).toBe(7);
    expect(index.isComplete).toBe(true);
    expect(index.content.chunks.length).toBeGreaterThan(4);
    for (const from of [0, 1, 2, 3324, 3325, 3326, 3327, 12_345, 20_000]) {
      for (const inclusive of [false, true]) {
        const behind = hits.find(({ events }) => (inclusive ? events >= from : events > from));
        const before = hits.filter(({ events }) => (inclusive ? events <= from : events < from)).at(-1);
        expect(await index.find(pattern, { from, direction: 1, inclusive })).toEqual(behind);
        expect(await index.find(pattern, { from, direction: -1, inclusive })).toEqual(before);
      }
    }
  });

  it("finds what a look at each appearance finds", async () => {
    const events = [...longRecording(3000), ...typed("make test\r\n", 40), ...longRecording(10)];
    const expected: string[] = [];
    let at = 0;
    const shown = new ShownText({ cols: 80, rows: 24 }, ({ text, prefix, suffix }) => {
      for (let start = 0; start < text.length; start++) {
        const isNew = start + 3 > prefix && start < text.length - suffix;
        if (isNew && /^1[0-9]1/.test(text.slice(start))) {
          expected.push(`${at} ${start} ${text}`);
          break;
        }
      }
    });
    for (const event of events) {
      at++;
      if (event.kind === "output") shown.feed(event.data);
      shown.look();
    }
    const hits = await allOf(indexOf(events), "\\v1[0-9]1");
    expect(hits.map(({ events: place, start, line }) => `${place} ${start} ${line}`)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(100);
  });
});

describe("an index that is still being built", () => {
  /** A recording whose events come when they are let through. */
  function gated(batches: readonly (readonly Event[])[]) {
    const gates = batches.map(() => {
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      return { opened, open };
    });
    async function* read(): AsyncGenerator<Batch> {
      for (const [at, batch] of batches.entries()) {
        await gates[at]?.opened;
        yield batch;
      }
    }
    return { header: { cols: 80, rows: 24 }, batches: read(), open: (at: number) => gates[at]?.open() };
  }

  it("gives a hit as soon as it is read, forward and backward", async () => {
    const recording = gated([[output(0, "one\r\n")], [output(1, "two\r\n")], [output(2, "three\r\n")]]);
    const index = TextIndex.build(recording, { duration: 2e9 });
    recording.open(0);
    expect(await index.find(parsePattern("one"), { from: 0, direction: 1 })).toMatchObject({ events: 1 });
    expect(await index.find(parsePattern("one"), { from: 1, direction: -1, inclusive: true })).toMatchObject({
      events: 1,
    });
    const two = index.find(parsePattern("two"), { from: 0, direction: 1 });
    const backward = index.find(parsePattern("one"), { from: 3, direction: -1 });
    recording.open(1);
    expect(await two).toMatchObject({ events: 2 });
    expect(await backward).toMatchObject({ events: 1 });
    expect(index.share).toBe(0.5);
    recording.open(2);
    await index.done;
    expect([index.isComplete, index.share]).toEqual([true, 1]);
    expect(await index.find(parsePattern("four"), { from: 0, direction: 1 })).toBeUndefined();
  });

  it("ends a search that is called off, and tells how far it is", async () => {
    const recording = gated([[output(0, "one\r\n")], [output(1, "two")]]);
    const index = TextIndex.build(recording, { duration: 2e9 });
    recording.open(0);
    const shares: number[] = [];
    const calledOff = new AbortController();
    const { signal } = calledOff;
    const onProgress = (share: number) => {
      shares.push(share);
      calledOff.abort();
    };
    expect(await index.find(parsePattern("x"), { from: 0, direction: 1, signal, onProgress })).toBeUndefined();
    expect(shares.length).toBeGreaterThan(0);
    expect(await index.find(parsePattern("one"), { from: 9, direction: -1, signal })).toBeUndefined();
    expect(await index.find(parsePattern("one"), { from: 0, direction: 1, signal })).toBeUndefined();
  });

  it("ends where its signal is aborted", async () => {
    const ending = new AbortController();
    const index = indexOf(longRecording(5000), { signal: ending.signal, sliceMs: 0 });
    const search = index.find(parsePattern("no such text"), { from: 0, direction: 1 });
    ending.abort();
    await index.done;
    expect(index.isComplete).toBe(false);
    expect(await search).toBeUndefined();
    expect(index.content.events).toBeLessThan(5000);
  });

  it("has what came before the damage, and tells of it where a search comes there", async () => {
    const failure = new Error("damaged");
    const index = TextIndex.build(recordingOf([output(0, "one"), output(1, " two")], { failure }));
    await expect(index.done).rejects.toBe(failure);
    expect(await index.find(parsePattern("two"), { from: 0, direction: 1 })).toMatchObject({ events: 2 });
    expect(await index.find(parsePattern("two"), { from: 2, direction: -1, inclusive: true })).toMatchObject({
      events: 2,
    });
    await expect(index.find(parsePattern("three"), { from: 0, direction: 1 })).rejects.toBe(failure);
    await expect(index.find(parsePattern("one"), { from: 9, direction: -1 })).rejects.toBe(failure);
  });

  it("takes large events in parts", async () => {
    const lines = Array.from({ length: 5000 }, (_, at) => `line ${at}\r\n`).join("");
    const hits = await allOf(indexOf([output(0, lines)], { sliceMs: 0 }), "line 4999");
    expect(hits).toEqual([{ events: 1, time: 0, line: "line 4999", start: 0, length: 9 }]);
  });
});

describe("an index as bytes", () => {
  it("is the same index again", async () => {
    const index = indexOf(longRecording(20_000));
    await index.done;
    const again = await textIndexFromBytes(await textIndexToBytes(index));
    expect(await allOf(again ?? index, "needle")).toEqual(await allOf(index, "needle"));
    expect(again?.content.events).toBe(20_000);
    expect(again).not.toBe(index);
    const empty = indexOf([]);
    await empty.done;
    expect((await textIndexFromBytes(await textIndexToBytes(empty)))?.isComplete).toBe(true);
  });

  it("is none where a byte is another, one is missing, or one too many is there", async () => {
    const index = indexOf(longRecording(300));
    await index.done;
    const bytes = await textIndexToBytes(index);
    for (let at = 0; at < bytes.length; at += at < 70 ? 1 : 97) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      expect(await textIndexFromBytes(damaged)).toBeUndefined();
    }
    for (const size of [0, 7, 31, 32, 59, bytes.length - 1]) {
      expect(await textIndexFromBytes(bytes.slice(0, size))).toBeUndefined();
    }
    expect(await textIndexFromBytes(Buffer.concat([bytes, Buffer.from("x")]))).toBeUndefined();
  });

  it("is none where its figures cannot be, though its sum is right", async () => {
    const { crc32 } = await import("../../src/codec/index.js");
    const index = indexOf(longRecording(300));
    await index.done;
    const bytes = Buffer.from(await textIndexToBytes(index));
    for (const at of [32, 36, 40]) {
      const forged = Buffer.from(bytes);
      forged.writeUInt32LE(0xffff_ffff, at);
      forged.writeUInt32LE(crc32(forged.subarray(12)), 8);
      expect(await textIndexFromBytes(forged)).toBeUndefined();
    }
  });
});
