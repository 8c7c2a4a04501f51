// Conformance of reading: chunks, oddities, refusals, sniffing, and how reading ends before its time.
import { expect } from "vitest";
import { MemorySource } from "../support/memory-io.js";
import {
  encodeEverything,
  encodeMany,
  encodeOrSample,
  everything,
  expectEqual,
  type FormatCase,
  hasTimes,
  writable,
} from "./format-case.js";
import { assertAborted, assertFormatError, decodeClean, decodeFiles, encodeBatches } from "./format-io.js";

/** What the format says of itself makes sense. */
export function testDeclaration({ format }: FormatCase): void {
  expect(format.name).toMatch(/^[a-z0-9-]+$/);
  expect(format.title).not.toBe("");
  for (const extension of format.extensions) expect(extension).toMatch(/^\.[a-z0-9]+$/);
  expect(format.supports.timeStepNanos).toBeGreaterThanOrEqual(1);
  expect(writable(format) || format.decode !== undefined, "can do something").toBe(true);
  expect(format.createEncoder !== undefined && format.createWriter !== undefined, "one way to write").toBe(false);
}

/** The same events, whatever the chunks, and from a source that can be read only once. */
export async function testChunks(options: FormatCase): Promise<void> {
  const own = writable(options.format) ? [await encodeEverything(options)] : [];
  for (const sample of [...options.samples, ...own]) {
    const whole = await decodeClean(options.format, sample);
    if ("events" in sample) expect(whole.events.length).toBe(sample.events);
    for (const chunkSize of sample.bytes.length < 200_000 ? [1, 7, 4096] : [4096]) {
      const chunked = await decodeClean(options.format, sample, { chunkSize });
      expectEqual(options.format, chunked, whole);
      const once = await decodeClean(options.format, sample, { chunkSize, restart: false });
      expectEqual(options.format, once, whole);
    }
  }
}

/** Its own output is known by content alone; that of other formats, text and noise is not. */
export async function testSniff(options: FormatCase): Promise<void> {
  const { format } = options;
  const sniff = (bytes: Uint8Array) => format.sniff?.(bytes.subarray(0, 65_536), "unknown");
  for (const sample of options.samples) expect(sniff(sample.bytes), sample.name).toBe(true);
  if (writable(format)) expect(sniff((await encodeEverything(options)).bytes), "own output").toBe(true);
  for (const other of options.others ?? []) {
    if (other.name === format.name || !writable(other)) continue;
    const { files } = await encodeBatches(other, { cols: 80, rows: 24 }, [everything(options).events]);
    expect(sniff(files.bytes), other.name).toBe(false);
  }
  const random = new Uint8Array(65_536);
  let seed = 1;
  for (let i = 0; i < random.length; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    random[i] = seed >>> 16;
  }
  const text = (string: string) => new TextEncoder().encode(string);
  const strangers: Record<string, Uint8Array> = {
    noise: random,
    "short noise": random.subarray(0, 40),
    empty: new Uint8Array(0),
    zeros: new Uint8Array(65_536),
    text: text("Lorem ipsum dolor sit amet\n".repeat(500)),
    json: text('{"name":"t2a","version":"0.1.0"}\n'),
    "other version": text('{"version":9,"width":80,"height":24}\n'),
    array: text('[1,"o","x"]\n'),
    program: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x3e, 0, 1, 0, 0, 0),
    picture: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52),
    gzip: Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  };
  for (const [name, bytes] of Object.entries(strangers)) expect(sniff(bytes), name).toBe(false);
}

/** An aborted signal stops the decoder, before and during its work. */
export async function testAbort(options: FormatCase): Promise<void> {
  const { format } = options;
  const before = await decodeFiles(format, await encodeOrSample(options), { signal: AbortSignal.abort() });
  assertAborted(before.error);
  const long = writable(format) ? await encodeMany(options, 5000) : undefined;
  if (long === undefined || !hasTimes(format)) return;
  const controller = new AbortController();
  const during = await decodeFiles(format, long, {
    chunkSize: 512,
    signal: controller.signal,
    onBatch: () => controller.abort(),
  });
  assertAborted(during.error);
  expect(during.events.length).toBeLessThan(5000);
}

/** A recording that is left early, or closed without being read, gives its streams back. */
export async function testLeaveEarly(options: FormatCase): Promise<void> {
  const files = await encodeOrSample(options);
  for (const read of [false, true]) {
    const source = new MemorySource(files.bytes, { name: files.name, chunkSize: 16, siblings: files.siblings });
    const recording = await options.format.decode?.(source, {});
    if (read) for await (const _ of recording?.batches ?? []) break;
    await recording?.close();
    for (const opened of [source, ...source.opened]) expect(opened.openStreams).toBe(0);
  }
}

/** Oddities give exactly their warnings, and `strict` makes errors of them. */
export async function testOdd({ format, odd = [] }: FormatCase): Promise<void> {
  for (const sample of odd) {
    const { warnings, error } = await decodeFiles(format, sample);
    expect(error, sample.name).toBeUndefined();
    expect(
      warnings.map((warning) => warning.code),
      sample.name,
    ).toEqual(sample.warnings);
    const strict = await decodeFiles(format, sample, { strict: true });
    assertFormatError(strict.error);
    expect(strict.warnings, "an error is not also a warning").toEqual([]);
  }
}

/** Damage is refused by its code and offset, and hostile sizes before memory is taken for them. */
export async function testBad({ format, bad = [] }: FormatCase): Promise<void> {
  for (const sample of bad) {
    for (const chunkSize of [undefined, 1]) {
      const { error } = await decodeFiles(format, sample, { chunkSize });
      assertFormatError(error);
      expect(error.code, sample.name).toBe(sample.code);
      if (sample.offset !== undefined) expect(error.offset, sample.name).toBe(sample.offset);
    }
  }
}
