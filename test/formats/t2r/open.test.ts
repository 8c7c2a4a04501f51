// Opening a .t2r by its end: nothing else is read, and what cannot be trusted is not opened.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { openT2r } from "../../../formats/t2r/reader.js";
import type { Event, Source } from "../../../src/core/index.js";
import { concatBytes, MemorySource } from "../../support/memory-io.js";
import { demo, encode, pieces } from "./sample.js";

function counting(bytes: Uint8Array): { source: Source; read(): number } {
  const source = new MemorySource(bytes);
  let read = 0;
  const readRange = source.readRange.bind(source);
  source.readRange = (start, length) => {
    read += length;
    return readRange(start, length);
  };
  source.stream = () => {
    throw new Error("it was streamed");
  };
  return { source, read: () => read };
}

/** Incompressible output in many blocks. */
async function large(): Promise<Uint8Array> {
  const noise = (at: number) => createHash("shake256", { outputLength: 300_000 }).update(`${at}`).digest();
  const events = Array.from({ length: 12 }, (_, at): Event => ({ kind: "output", time: at * 2e9, data: noise(at) }));
  return await encode({ cols: 80, rows: 24, title: "large" }, [events]);
}

it("reads the header and the end, and nothing of the blocks", async () => {
  const bytes = await large();
  const { source, read } = counting(bytes);
  const open = await openT2r(source);
  expect(open?.header).toEqual({ cols: 80, rows: 24, title: "large" });
  expect(open?.index).toMatchObject({
    duration: 22e9,
    largestGap: 2e9,
    outputBytes: 3_600_000,
    events: { output: 12 },
  });
  expect(open?.index.blocks.length).toBe(4);
  expect(bytes.length).toBeGreaterThan(3_000_000);
  expect(read()).toBeLessThan(4000);
});

it("does not open what is unfinished, damaged at its ends, of another size, or no .t2r", async () => {
  const { header, events } = await demo();
  const bytes = await encode(header, [events]);
  expect(await openT2r(new MemorySource(bytes))).toBeDefined();
  const flipped = (at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const parts = pieces(bytes);
  for (const [name, other] of Object.entries({
    "without END": bytes.subarray(0, bytes.length - 44),
    "cut END": bytes.subarray(0, bytes.length - 1),
    "flipped END": flipped(bytes.length - 3),
    "flipped INDEX": flipped(bytes.length - 60),
    "flipped HEADER": flipped(20),
    "a frame missing": concatBytes(parts.filter((_, at) => at !== 1)),
    "something before": concatBytes([Uint8Array.of(1), bytes]),
    text: Buffer.from("[0.1, ".repeat(30)),
    nothing: new Uint8Array(0),
  })) {
    expect([name, await openT2r(new MemorySource(other))]).toEqual([name, undefined]);
  }
});
