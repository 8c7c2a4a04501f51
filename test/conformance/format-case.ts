// What the conformance suite is told of a format, and the recordings that all its tests are made from.
import { expect } from "vitest";
import {
  type Batch,
  customEvent,
  type EncodeOptions,
  type ErrorCode,
  type Event,
  type Format,
  type Header,
  type Warning,
} from "../../src/core/index.js";
import type { ArbitraryOptions } from "./arbitraries.js";
import { type Encoded, encodeBatches, type Files, type Plain } from "./format-io.js";
import { comparable, type Reduced, reduce, withoutTimes } from "./format-model.js";

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
  | "follow"
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

/** Whether the format can be written at all. */
export function writable(format: Format): boolean {
  return format.createEncoder !== undefined || format.createWriter !== undefined;
}

/** Whether the format keeps times. */
export function hasTimes(format: Format): boolean {
  return format.supports.timeStepNanos !== Number.POSITIVE_INFINITY;
}

/** Encodes as the case says. */
export function encode(options: FormatCase, header: Header, batches: readonly Batch[]): Promise<Encoded> {
  return encodeBatches(options.format, header, batches, options.encodeOptions);
}

/** {@link everything} as files. */
export async function encodeEverything(options: FormatCase): Promise<Files> {
  const { header, events } = everything(options);
  return (await encode(options, header, [events])).files;
}

/** A recording as files, also of formats that cannot be written. */
export async function encodeOrSample(options: FormatCase): Promise<Files> {
  return options.samples[0] ?? encodeEverything(options);
}

/** So many lines of output as files. */
export async function encodeMany(options: FormatCase, count: number): Promise<Files> {
  const events = Array.from({ length: count }, (_, i): Event => {
    return { kind: "output", time: i * 1_000_000, data: new TextEncoder().encode(`line ${i}\r\n`) };
  });
  return (await encode(options, { cols: 80, rows: 24 }, [events])).files;
}

/** One of each, with all that is awkward, in few bytes: it is cut at every one of them. */
export function everything(options: FormatCase): Plain {
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

/** What must be left of a recording, and which losses must have been counted. */
export function expected(options: FormatCase, plain: Plain): Reduced {
  const reduced = reduce(plain, options.format.supports);
  return options.reduce?.(reduced, plain) ?? reduced;
}

/** Fails unless the two are the same as far as the format keeps anything. */
export function expectEqual(format: Format, actual: Plain, wanted: Plain): void {
  if (!hasTimes(format)) {
    expect(withoutTimes(actual.events)).toEqual(withoutTimes(wanted.events));
    return;
  }
  expect(comparable(actual.events)).toEqual(comparable(wanted.events));
  expect(actual.header).toEqual(wanted.header);
}

/** Bytes of output. */
export function outputLength(events: readonly Event[]): number {
  return events.reduce((sum, event) => sum + (event.kind === "output" ? event.data.length : 0), 0);
}

/** Small enough to be cut at every byte. */
export function isSmall(files: Files): boolean {
  return files.bytes.length <= 3000;
}
