// Conformance of reading what is damaged: cut at every byte, by a crash, at random.
import fc from "fast-check";
import { expect } from "vitest";
import { EVENT_KINDS, type Event, type EventKind, type Format, GAP_CODE } from "../../src/core/index.js";
import { concatBytes, copyBytes, MemoryTarget } from "../support/memory-io.js";
import { PROPERTY_RUNS } from "./arbitraries.js";
import { encodeEverything, everything, type FormatCase, hasTimes, isSmall, writable } from "./format-case.js";
import { assertFormatError, decodeClean, decodeFiles, encodeBatches, type Files, type Plain } from "./format-io.js";
import { isPrefix, isSubsequence, withoutTimes } from "./format-model.js";

/** Cut at every byte of every file of it: a prefix of the events, then an error or a clean end; `recover` never throws. */
export async function testCuts(options: FormatCase): Promise<void> {
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
  const kept = recovered.events.filter((event) => !isDamageGap(event));
  expect(kept.slice(0, result.events.length), "recover gives the same events").toEqual(result.events);
  const more = kept.slice(result.events.length);
  expect(isSubsequence(more, whole.slice(result.events.length)), "and behind the damage no others").toBe(true);
  if (result.error === undefined) return;
  // Where not even the header is there, there is nothing to recover.
  if (recovered.header === undefined) return assertFormatError(recovered.error);
  expect(recovered.error).toBeUndefined();
  expect(recovered.warnings.map((warning) => warning.code)).toContain("truncated");
}

/** What a decoder says that goes on behind damage. */
function isDamageGap(event: Event): boolean {
  return event.kind === "custom" && event.code === GAP_CODE && Buffer.from(event.data).includes('"reason":"damage"');
}

/** All events whose bytes are complete on disk are read, wherever a crash cuts what comes after. */
export async function testCrashes(options: FormatCase): Promise<void> {
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

/** The bytes on disk after so many events, without the end: what a crash leaves at best. */
async function encodeUntil(options: FormatCase, plain: Plain, count: number): Promise<Files> {
  if (options.format.createLiveWriter !== undefined) return await recordUntil(options.format, plain, count);
  const unended: Format = withoutEnd(options.format);
  const { files } = await encodeBatches(unended, plain.header, [plain.events.slice(0, count)], options.encodeOptions);
  return files;
}

/** As a recorder writes it, read by read. */
async function recordUntil(format: Format, plain: Plain, count: number): Promise<Files> {
  const target = new MemoryTarget(`sample${format.extensions[0] ?? ""}`);
  const writer = format.createLiveWriter?.(target);
  await writer?.header(plain.header);
  for (const event of plain.events.slice(0, count)) await writer?.events([event]);
  return { name: target.name, bytes: target.bytes(), siblings: target.siblingBytes() };
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

/** Random bytes, and recordings with random damage, end in FormatError or events that make sense. */
export async function testGarbage(options: FormatCase): Promise<void> {
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

function isPrefixByKind(part: readonly Event[], whole: readonly Event[]): boolean {
  const only = (events: readonly Event[], kind: EventKind) => events.filter((event) => event.kind === kind);
  return EVENT_KINDS.every((kind) => isPrefix(only(part, kind), only(whole, kind)));
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
