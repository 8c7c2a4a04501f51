// Conformance of writing: what is written reads back as it was, but for what is counted as lost.
import fc from "fast-check";
import { expect } from "vitest";
import { createWriter, scanForAppend } from "../../formats/index.js";
import type { Event } from "../../src/core/index.js";
import { concatBytes, MemorySource, MemoryTarget } from "../support/memory-io.js";
import { arbitraryBatches, arbitraryRecording, PROPERTY_RUNS } from "./arbitraries.js";
import { encode, everything, expectEqual, expected, type FormatCase, outputLength } from "./format-case.js";
import { decodeClean } from "./format-io.js";

/** decode(encode(x)) is x without what the format says it cannot hold. */
export async function testRoundTrip(options: FormatCase): Promise<void> {
  const property = fc.asyncProperty(
    arbitraryRecording(options.arbitrary).chain((plain) =>
      fc.tuple(fc.constant(plain), arbitraryBatches(plain.events)),
    ),
    async ([plain, batches]) => {
      const { files } = await encode(options, plain.header, batches);
      const back = await decodeClean(options.format, files);
      expectEqual(options.format, back, expected(options, plain));
    },
  );
  await fc.assert(property, { numRuns: PROPERTY_RUNS });
}

/** Losses are counted exactly: none too few, none that did not happen. */
export async function testLosses(options: FormatCase): Promise<void> {
  const property = fc.asyncProperty(arbitraryRecording(options.arbitrary), async (plain) => {
    const { losses } = await encode(options, plain.header, [plain.events]);
    expect(losses).toEqual(expected(options, plain).losses);
  });
  await fc.assert(property, { numRuns: PROPERTY_RUNS });
}

/** How events are grouped into batches, and empty ones, do not show in the bytes. */
export async function testBatching(options: FormatCase): Promise<void> {
  const plain = everything(options);
  const whole = await encode(options, plain.header, [plain.events]);
  const single = await encode(options, plain.header, [[], ...plain.events.map((event) => [event]), []]);
  expect(single.losses).toEqual(whole.losses);
  expect(single.files).toEqual(whole.files);
  const empty = await encode(options, plain.header, []);
  if (options.format.decode !== undefined) {
    const back = await decodeClean(options.format, empty.files);
    expect(outputLength(back.events)).toBe(0);
  }
  const blank = await encode(options, plain.header, [
    [
      { kind: "output", time: 0, data: new Uint8Array(0) },
      { kind: "output", time: 1000, data: Uint8Array.of(65) },
    ],
  ]);
  if (options.format.decode !== undefined) {
    const back = await decodeClean(options.format, blank.files);
    expect(outputLength(back.events)).toBe(1);
  }
}

/** A recording that ends inside a character keeps the bytes, or ends in one U+FFFD and says how many bytes were lost. */
export async function testCutCharacter(options: FormatCase): Promise<void> {
  const header = { cols: 80, rows: 24 };
  const cut: Event = { kind: "output", time: 1_000_000, data: Uint8Array.of(0x61, 0xe6, 0x97) };
  const { files, losses } = await encode(options, header, [[cut]]);
  const { events } = await decodeClean(options.format, files);
  const text = new TextDecoder().decode(
    concatBytes(events.flatMap((event) => (event.kind === "output" ? event.data : []))),
  );
  expect(text).toBe("a\ufffd");
  expect(losses.invalidUtf8).toBe(options.format.supports.bytes ? undefined : 2);
}

/** Events added to a finished file read as if they had been written at once. */
export async function testAppend(options: FormatCase): Promise<void> {
  const { format } = options;
  const plain = everything(options);
  const half = Math.floor(plain.events.length / 2);
  const first = await encode(options, plain.header, [plain.events.slice(0, half)]);
  const { name, bytes } = first.files;
  const { state, formatName } = await scanForAppend(new MemorySource(bytes, { name }));
  expect(formatName).toBe(format.name);
  const target = new MemoryTarget(name);
  const writer = await createWriter(format, target, { ...options.encodeOptions, live: true }, state);
  await writer.events(plain.events.slice(half));
  await writer.end();
  const back = await decodeClean(format, { ...first.files, bytes: concatBytes([bytes, target.bytes()]) });
  expectEqual(format, back, expected(options, plain));
}
