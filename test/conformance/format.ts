// The conformance suite of on-disk formats. Every format's test file calls testFormat; what is asked of it follows from
// what the format says it `supports`. Skips are named, carry a reason, and are printed.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Batch,
  customEvent,
  type EncodeOptions,
  type ErrorCode,
  EVENT_KINDS,
  type Event,
  type EventKind,
  type Format,
  type Header,
  type Source,
  type Warning,
} from "../../src/core/index.js";
import { concatBytes, copyBytes, MemorySource } from "../support/memory-io.js";
import { type ArbitraryOptions, arbitraryBatches, arbitraryRecording, PROPERTY_RUNS } from "./arbitraries.js";
import {
  assertAborted,
  assertFormatError,
  decodeClean,
  decodeFiles,
  type Encoded,
  encodeBatches,
  type Files,
  type Plain,
} from "./format-io.js";
import { comparable, isPrefix, type Reduced, reduce, withoutTimes } from "./format-model.js";

export type { Files, Plain } from "./format-io.js";
export type { Reduced } from "./format-model.js";

/** A recording on disk that decodes without error or warning. */
export interface Sample extends Files {
  /** How many events it has, where that is known from elsewhere. */
  readonly events?: number;
}

/** A recording with something odd in it: it decodes with these warnings, and `strict` refuses it. */
export interface OddSample extends Files {
  readonly warnings: readonly Warning["code"][];
}

/** A recording that must be refused. */
export interface BadSample extends Files {
  readonly code: ErrorCode;
  /** Byte offset that the error must name. */
  readonly offset?: number;
}

/** The tests, by the names that skips use. */
export type FormatTest =
  | "declaration"
  | "round trip"
  | "losses"
  | "batching"
  | "cut character"
  | "chunks"
  | "cut anywhere"
  | "crash safe"
  | "append"
  | "odd input"
  | "bad input"
  | "endless input"
  | "garbage"
  | "sniff"
  | "abort"
  | "leave early";

/** A format and what the suite needs to know to test it. */
export interface FormatCase {
  readonly format: Format;
  /** Real recordings. Those up to 3,000 bytes are cut at every byte; larger ones are only chunked. */
  readonly samples: readonly Sample[];
  readonly odd?: readonly OddSample[];
  readonly bad?: readonly BadSample[];
  /** Formats whose own output must not be taken for this one. */
  readonly others?: readonly Format[];
  readonly encodeOptions?: EncodeOptions;
  readonly arbitrary?: ArbitraryOptions;
  /**
   * What the format further takes away, which `supports` cannot say: header fields (with the `header` loss), a time base.
   * Gets the recording already reduced by `supports`, and what was encoded.
   */
  readonly reduce?: (reduced: Reduced, original: Plain) => Reduced;
  readonly skip?: readonly { readonly test: FormatTest; readonly reason: string }[];
}

/** Runs the suite over one format. */
export function testFormat(options: FormatCase): void {
  const { format } = options;
  describe(`${format.name} conforms`, () => {
    const tests: Record<FormatTest, (() => void | Promise<void>) | undefined> = {
      declaration: () => testDeclaration(options),
      "round trip": writable(format) && format.decode ? () => testRoundTrip(options) : undefined,
      losses: writable(format) ? () => testLosses(options) : undefined,
      batching: writable(format) ? () => testBatching(options) : undefined,
      "cut character": writable(format) && format.decode ? () => testCutCharacter(options) : undefined,
      chunks: format.decode ? () => testChunks(options) : undefined,
      "cut anywhere": format.decode ? () => testCuts(options) : undefined,
      "crash safe":
        writable(format) && format.decode && format.supports.crashSafe ? () => testCrashes(options) : undefined,
      append: format.createEncoder && format.decode && format.supports.append ? () => testAppend(options) : undefined,
      "odd input": format.decode && options.odd ? () => testOdd(options) : undefined,
      "bad input": format.decode && options.bad ? () => testBad(options) : undefined,
      "endless input": format.decode ? () => testEndless(options) : undefined,
      garbage: format.decode ? () => testGarbage(options) : undefined,
      sniff: format.sniff ? () => testSniff(options) : undefined,
      abort: format.decode ? () => testAbort(options) : undefined,
      "leave early": format.decode ? () => testLeaveEarly(options) : undefined,
    };
    for (const [name, run] of Object.entries(tests)) {
      const skipped = options.skip?.find((skip) => skip.test === name);
      if (skipped !== undefined) it.skip(`${name} (skipped: ${skipped.reason})`, () => {});
      else if (run !== undefined) it(name, run, 120_000);
    }
  });
}

function testDeclaration({ format }: FormatCase): void {
  expect(format.name).toMatch(/^[a-z0-9-]+$/);
  expect(format.title).not.toBe("");
  for (const extension of format.extensions) expect(extension).toMatch(/^\.[a-z0-9]+$/);
  expect(format.supports.timeStepNanos).toBeGreaterThanOrEqual(1);
  expect(writable(format) || format.decode !== undefined, "can do something").toBe(true);
  expect(format.createEncoder !== undefined && format.createWriter !== undefined, "one way to write").toBe(false);
}

/** decode(encode(x)) is x without what the format says it cannot hold. */
async function testRoundTrip(options: FormatCase): Promise<void> {
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
async function testLosses(options: FormatCase): Promise<void> {
  const property = fc.asyncProperty(arbitraryRecording(options.arbitrary), async (plain) => {
    const { losses } = await encode(options, plain.header, [plain.events]);
    expect(losses).toEqual(expected(options, plain).losses);
  });
  await fc.assert(property, { numRuns: PROPERTY_RUNS });
}

/** How events are grouped into batches, and empty ones, do not show in the bytes. */
async function testBatching(options: FormatCase): Promise<void> {
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
async function testCutCharacter(options: FormatCase): Promise<void> {
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

/** The same events, whatever the chunks, and from a source that can be read only once. */
async function testChunks(options: FormatCase): Promise<void> {
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

/** Cut at every byte of every file of it: a prefix of the events, then an error or a clean end; `recover` never throws. */
async function testCuts(options: FormatCase): Promise<void> {
  const own = writable(options.format) ? [await encodeEverything(options)] : [];
  for (const sample of [...options.samples.filter(isSmall), ...own]) {
    const whole = await decodeClean(options.format, sample);
    for (const cut of cuts(sample)) await checkCut(options.format, cut, whole.events, isPrefix);
    // Where a file beside is short, the events of other files may go on.
    for (const cut of siblingCuts(sample)) await checkCut(options.format, cut, whole.events, isPrefixByKind);
  }
}

async function checkCut(
  format: Format,
  cut: Files,
  whole: readonly Event[],
  isBeginning: (part: readonly Event[], whole: readonly Event[]) => boolean,
): Promise<void> {
  const result = await decodeFiles(format, cut, { chunkSize: 64 });
  if (result.error !== undefined) assertFormatError(result.error);
  const holds = hasTimes(format) ? isBeginning(result.events, whole) : sameOutput(result.events, whole);
  if (!holds) throw new Error(`${describeCut(cut)}: not a prefix of the events`);
  const recovered = await decodeFiles(format, cut, { chunkSize: 64, recover: true });
  expect(recovered.events, "recover gives the same events").toEqual(result.events);
  if (result.error === undefined) return;
  // Where not even the header is there, there is nothing to recover.
  if (recovered.header === undefined) return assertFormatError(recovered.error);
  expect(recovered.error).toBeUndefined();
  expect(recovered.warnings.map((warning) => warning.code)).toContain("truncated");
}

/** All events whose bytes are complete on disk are read, wherever a crash cuts what comes after. */
async function testCrashes(options: FormatCase): Promise<void> {
  const plain = everything(options);
  const before = await encodeUntil(options, plain, plain.events.length - 2);
  const after = await encodeUntil(options, plain, plain.events.length - 1);
  const held = await decodeFiles(options.format, before);
  for (const cut of growing(before, after)) {
    const { events } = await decodeFiles(options.format, cut, { recover: true });
    expect(isPrefix(held.events, events) || sameOutput(held.events, events), describeCut(cut)).toBe(true);
  }
}

/** The main file on its way from one state to the next, then each file beside it. */
function* growing(before: Files, after: Files): Generator<Files> {
  for (let length = before.bytes.length; length <= after.bytes.length; length++) {
    yield { ...before, bytes: after.bytes.subarray(0, length) };
  }
  for (const [name, bytes] of Object.entries(after.siblings ?? {})) {
    for (let length = before.siblings?.[name]?.length ?? 0; length <= bytes.length; length++) {
      yield { ...after, siblings: { ...after.siblings, [name]: bytes.subarray(0, length) } };
    }
  }
}

/** Events added to a finished file read as if they had been written at once. */
async function testAppend(options: FormatCase): Promise<void> {
  const { format } = options;
  const plain = everything(options);
  const half = Math.floor(plain.events.length / 2);
  const first = await encode(options, plain.header, [plain.events.slice(0, half)]);
  const { header } = await decodeClean(format, first.files);
  const lastTime = plain.events[half - 1]?.time ?? 0;
  const encoder = await format.createEncoder?.(options.encodeOptions ?? {}, { header, lastTime, complete: true });
  if (encoder === undefined) throw new Error("no encoder");
  const rest = [copyBytes(encoder.events(plain.events.slice(half))), copyBytes(encoder.end())];
  const back = await decodeClean(format, { ...first.files, bytes: concatBytes([first.files.bytes, ...rest]) });
  expectEqual(format, back, expected(options, plain));
}

/** Oddities give exactly their warnings, and `strict` makes errors of them. */
async function testOdd({ format, odd = [] }: FormatCase): Promise<void> {
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
async function testBad({ format, bad = [] }: FormatCase): Promise<void> {
  for (const sample of bad) {
    for (const chunkSize of [undefined, 1]) {
      const { error } = await decodeFiles(format, sample, { chunkSize });
      assertFormatError(error);
      expect(error.code, sample.name).toBe(sample.code);
      if (sample.offset !== undefined) expect(error.offset, sample.name).toBe(sample.offset);
    }
  }
}

/** More than any bound on a line or a frame, so that what keeps to its bounds is told from what does not. */
const ENDLESS_BYTES = 96 * 1024 * 1024;
const RETAINED_BYTES = 80 * 1024 * 1024;
/** No measurement: linear work takes a second, quadratic work would take hours. */
const ENDLESS_MS = 30_000;

/** Endless input without structure neither grows in memory nor hangs: an error, or events that are let go. */
async function testEndless(options: FormatCase): Promise<void> {
  const sample = options.samples[0] ?? (await encodeEverything(options));
  for (const filler of ["\0", "a", "\n", "[", "9", "\xff", '"']) {
    const before = retained();
    let worst = 0;
    let deadline = 0;
    const watch = () => {
      if (Date.now() > deadline) throw new Error(`endless ${JSON.stringify(filler)} takes too long`);
      worst = Math.max(worst, retained() - before);
      if (worst > RETAINED_BYTES) throw new Error(`${worst} bytes kept of endless ${JSON.stringify(filler)}`);
    };
    for (const head of [new Uint8Array(0), sample.bytes.subarray(0, 4096)]) {
      deadline = Date.now() + ENDLESS_MS;
      const source = endless(sample, head, filler.charCodeAt(0), watch);
      try {
        const recording = await options.format.decode?.(source, { recover: false });
        for await (const _ of recording?.batches ?? []);
      } catch (error) {
        assertFormatError(error);
      }
    }
  }
}

function endless(files: Files, head: Uint8Array, filler: number, watch: () => void): Source {
  const chunk = new Uint8Array(64 * 1024).fill(filler);
  return {
    name: files.name,
    supports: { restart: false, ranges: false, siblings: false },
    async *stream() {
      yield head;
      for (let at = 0, i = 1; at < ENDLESS_BYTES; at += chunk.length, i++) {
        yield chunk;
        if (i % 64 === 0) watch();
      }
    },
    size: async () => undefined,
    readRange: () => Promise.reject(new Error("no ranges")),
    sibling: () => Promise.reject(new Error("no siblings")),
    close: async () => {},
  };
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Bytes that live after a collection. */
function retained(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Random bytes, and recordings with random damage, end in FormatError or events that make sense. */
async function testGarbage(options: FormatCase): Promise<void> {
  const { format } = options;
  const base = options.samples.find(isSmall) ?? (await encodeEverything(options));
  const damaged = fc
    .array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 })
    .map((edits) => ({ ...base, ...withEdits(base, edits) }));
  const random = fc.uint8Array({ maxLength: 600 }).map((bytes) => ({ ...base, bytes }));
  const glued = fc.uint8Array({ maxLength: 80 }).map((tail) => ({ ...base, bytes: concatBytes([base.bytes, tail]) }));
  const property = fc.asyncProperty(fc.oneof(damaged, random, glued), async (files) => {
    const { error } = await decodeFiles(format, files, { chunkSize: 50 });
    if (error !== undefined) assertFormatError(error);
    const recovered = await decodeFiles(format, files, { recover: true });
    if (recovered.error !== undefined) assertFormatError(recovered.error);
    if (recovered.header !== undefined) expect(recovered.error).toBeUndefined();
    const strict = await decodeFiles(format, files, { strict: true });
    if (strict.error !== undefined) assertFormatError(strict.error);
  });
  await fc.assert(property, { numRuns: PROPERTY_RUNS * 3 });
}

function withEdits(base: Files, edits: readonly (readonly [number, number])[]): Files {
  const files = [base.bytes, ...Object.values(base.siblings ?? {})].map(copyBytes);
  for (const [at, value] of edits) {
    const file = files[at % files.length];
    if (file !== undefined && file.length > 0) file[Math.floor(at / files.length) % file.length] = value;
  }
  const names = Object.keys(base.siblings ?? {});
  const siblings = Object.fromEntries(names.map((name, i) => [name, files[i + 1] ?? new Uint8Array(0)]));
  return { name: base.name, bytes: files[0] ?? new Uint8Array(0), siblings };
}

/** Its own output is known by content alone; that of other formats, text and noise is not. */
async function testSniff(options: FormatCase): Promise<void> {
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
async function testAbort(options: FormatCase): Promise<void> {
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
async function testLeaveEarly(options: FormatCase): Promise<void> {
  const files = await encodeOrSample(options);
  for (const read of [false, true]) {
    const source = new MemorySource(files.bytes, { name: files.name, chunkSize: 16, siblings: files.siblings });
    const recording = await options.format.decode?.(source, {});
    if (read) for await (const _ of recording?.batches ?? []) break;
    await recording?.close();
    for (const opened of [source, ...source.opened]) expect(opened.openStreams).toBe(0);
  }
}

function writable(format: Format): boolean {
  return format.createEncoder !== undefined || format.createWriter !== undefined;
}

function encode(options: FormatCase, header: Header, batches: readonly Batch[]): Promise<Encoded> {
  return encodeBatches(options.format, header, batches, options.encodeOptions);
}

async function encodeEverything(options: FormatCase): Promise<Files> {
  const { header, events } = everything(options);
  return (await encode(options, header, [events])).files;
}

async function encodeOrSample(options: FormatCase): Promise<Files> {
  return options.samples[0] ?? encodeEverything(options);
}

async function encodeMany(options: FormatCase, count: number): Promise<Files> {
  const events = Array.from({ length: count }, (_, i): Event => {
    return { kind: "output", time: i * 1_000_000, data: new TextEncoder().encode(`line ${i}\r\n`) };
  });
  return (await encode(options, { cols: 80, rows: 24 }, [events])).files;
}

/** The bytes on disk after so many events, without the end: what a crash leaves at best. */
async function encodeUntil(options: FormatCase, plain: Plain, count: number): Promise<Files> {
  const unended: Format = withoutEnd(options.format);
  const { files } = await encodeBatches(unended, plain.header, [plain.events.slice(0, count)], options.encodeOptions);
  return files;
}

function withoutEnd(format: Format): Format {
  const { createEncoder, createWriter } = format;
  const nothing = new Uint8Array(0);
  return {
    ...format,
    ...(createEncoder && {
      createEncoder: async (options) => {
        const encoder = await createEncoder(options);
        return {
          losses: encoder.losses,
          header: (header) => encoder.header(header),
          events: (batch) => encoder.events(batch),
          end: () => nothing,
        };
      },
    }),
    ...(createWriter && {
      createWriter: (target, options) => {
        const writer = createWriter(target, options);
        return {
          losses: writer.losses,
          header: (header) => writer.header(header),
          events: (batch) => writer.events(batch),
          end: () => {},
        };
      },
    }),
  };
}

/** One of each, with all that is awkward, in few bytes: it is cut at every one of them. */
function everything(options: FormatCase): Plain {
  const text = (string: string) => new TextEncoder().encode(string);
  const output = (time: number, data: Uint8Array): Event => ({ kind: "output", time, data });
  const exit: Event = { kind: "exit", time: 5_000_000_000, status: 3 };
  const events: Event[] = [
    output(0, text("\x1b[1mbold\x1b[0m\r\n")),
    output(1_500, Uint8Array.of(0xe6, 0x97)),
    output(2_000_000, Uint8Array.of(0xa5, 0x41, 0xff, 0x00)),
    { kind: "input", time: 2_000_000, data: text("ls\r") },
    { kind: "resize", time: 1_000_000_000, cols: 100, rows: 30 },
    { kind: "marker", time: 1_000_000_001, label: "" },
    { kind: "marker", time: 1_100_000_000, label: 'ü "1"' },
    customEvent(1_200_000_000, "t2a.gap", { from: 1 }),
    { ...output(3_000_000_999, text("日本\n")), meta: Object.freeze({ "t2a.who": "x" }) },
    output(4_000_000_000, text("end")),
  ];
  const header: Header = { cols: 90, rows: 25, termType: "vt100", startTime: 1_700_000_000_123_456_789n, title: "Ü" };
  return {
    header,
    events:
      options.arbitrary?.exit === "last"
        ? [...events, exit]
        : [...events.slice(0, -1), exit, ...events.slice(-1).map((event) => ({ ...event, time: exit.time }))],
  };
}

function expected(options: FormatCase, plain: Plain): Reduced {
  const reduced = reduce(plain, options.format.supports);
  return options.reduce?.(reduced, plain) ?? reduced;
}

function expectEqual(format: Format, actual: Plain, wanted: Plain): void {
  if (!hasTimes(format)) {
    expect(withoutTimes(actual.events)).toEqual(withoutTimes(wanted.events));
    return;
  }
  expect(comparable(actual.events)).toEqual(comparable(wanted.events));
  expect(actual.header).toEqual(wanted.header);
}

function isPrefixByKind(part: readonly Event[], whole: readonly Event[]): boolean {
  const only = (events: readonly Event[], kind: EventKind) => events.filter((event) => event.kind === kind);
  return EVENT_KINDS.every((kind) => isPrefix(only(part, kind), only(whole, kind)));
}

function hasTimes(format: Format): boolean {
  return format.supports.timeStepNanos !== Number.POSITIVE_INFINITY;
}

function describeCut({ name, bytes, siblings = {} }: Files): string {
  return [[name, bytes] as const, ...Object.entries(siblings)]
    .map(([file, data]) => `${file} ${data.length}`)
    .join(", ");
}

/** Whether all output of `part` begins that of `whole`. */
function sameOutput(part: readonly Event[], whole: readonly Event[]): boolean {
  return String(withoutTimes(whole)[0]).startsWith(String(withoutTimes(part)[0]));
}

function* cuts(files: Files): Generator<Files> {
  for (let length = 0; length < files.bytes.length; length++)
    yield { ...files, bytes: files.bytes.subarray(0, length) };
}

function* siblingCuts(files: Files): Generator<Files> {
  for (const [name, bytes] of Object.entries(files.siblings ?? {})) {
    for (let length = 0; length < bytes.length; length++) {
      yield { ...files, siblings: { ...files.siblings, [name]: bytes.subarray(0, length) } };
    }
  }
}

function isSmall(files: Files): boolean {
  return files.bytes.length <= 3000;
}

function outputLength(events: readonly Event[]): number {
  return events.reduce((sum, event) => sum + (event.kind === "output" ? event.data.length : 0), 0);
}
