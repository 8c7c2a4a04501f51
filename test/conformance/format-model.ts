// What must be left of a recording after a format held it, and which losses must have been counted: the model that the
// conformance suite compares every format with. It follows from `supports` alone.
import type { Event, FormatSupports, Header, LossKind } from "../../src/core/index.js";
import type { Plain } from "./format-io.js";

/** A recording as a format can hold it. */
export interface Reduced {
  readonly header: Header;
  readonly events: readonly Event[];
  /** Losses that must have been counted; zeros are left out. */
  readonly losses: Readonly<Partial<Record<LossKind, number>>>;
}

/**
 * The rules: an event whose kind is not held is one loss of that kind and no other; one that is held counts once for a
 * time that is no multiple of the step and once for meta that is dropped. Text formats hold a cut character back until
 * the next event of its stream, and count each byte that is no UTF-8. The header is taken as held whole.
 */
export function reduce({ header, events }: Plain, supports: FormatSupports): Reduced {
  const losses: Partial<Record<LossKind, number>> = {};
  const lose = (kind: LossKind, count: number) => {
    if (count > 0) losses[kind] = (losses[kind] ?? 0) + count;
  };
  const streams = { output: new TextStream(), input: new TextStream() };
  const kept: Event[] = [];
  for (const event of events) {
    if (event.kind !== "output" && !supports[event.kind]) {
      lose(event.kind, 1);
      continue;
    }
    const time = roundTime(event.time, supports.timeStepNanos);
    if (event.time % supports.timeStepNanos !== 0) lose("time", 1);
    if (event.meta !== undefined && !supports.meta) lose("meta", 1);
    const { meta, ...rest } = event;
    const bare: Event = { ...rest, time };
    const whole: Event = meta !== undefined && supports.meta ? { ...bare, meta } : bare;
    if (supports.bytes || (whole.kind !== "output" && whole.kind !== "input")) {
      kept.push(whole);
      continue;
    }
    const { data, invalid } = streams[whole.kind].push(whole.data);
    lose("invalidUtf8", invalid);
    if (data.length > 0) kept.push({ ...whole, data });
  }
  return { header, events: kept, losses };
}

/** The nearest time a format can hold: of the absolute time, so that errors never add up. */
export function roundTime(time: number, stepNanos: number): number {
  return stepNanos === Number.POSITIVE_INFINITY ? 0 : Math.round(time / stepNanos) * stepNanos;
}

/** A stream of UTF-8 that comes in pieces: whole characters go on, a cut one waits. */
class TextStream {
  #held: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): { data: Uint8Array; invalid: number } {
    const joined = new Uint8Array(this.#held.length + bytes.length);
    joined.set(this.#held);
    joined.set(bytes, this.#held.length);
    const { end, invalid } = scanUtf8(joined);
    this.#held = joined.slice(end);
    // Both ways ignoreBOM: a BOM in the middle of output is a character like any other.
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(joined.subarray(0, end));
    return { data: new TextEncoder().encode(text), invalid };
  }
}

/** Where whole characters end, and how many bytes before that belong to none. Written from the Unicode standard, table 3-7. */
export function scanUtf8(bytes: Uint8Array): { end: number; invalid: number } {
  let invalid = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === "cut") return { end: at, invalid };
    if (length > 0) at += length;
    else {
      at -= length;
      invalid -= length;
    }
  }
  return { end: at, invalid };
}

/** Bytes of the character at `at`; negative: of an ill-formed piece (its maximal subpart); `cut` where the bytes end in it. */
function characterLength(bytes: Uint8Array, at: number): number | "cut" {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const size =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (size === 0) return -1;
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i];
    if (next === undefined) return "cut";
    const low = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (next < low || next > high) return -i;
  }
  return size;
}

/** Events in a form that compares well: data as latin1 text (custom data as its JSON value), empty data left out. */
export function comparable(events: readonly Event[]): unknown[] {
  return events
    .filter((event) => !((event.kind === "output" || event.kind === "input") && event.data.length === 0))
    .map((event) => {
      if (event.kind === "custom") return { ...event, data: JSON.parse(new TextDecoder().decode(event.data)) };
      return "data" in event ? { ...event, data: latin1(event.data) } : { ...event };
    });
}

/** All output in one event at time 0: what is left where a format has no times. */
export function withoutTimes(events: readonly Event[]): unknown[] {
  const output = events.filter((event) => event.kind === "output").map((event) => latin1(event.data));
  return [output.join("")];
}

/** Whether `part` is the beginning of `whole`; its last piece of output or input may itself be cut. */
export function isPrefix(part: readonly Event[], whole: readonly Event[]): boolean {
  return part.every((event, i) => {
    const twin = whole[i];
    if (twin === undefined) return false;
    if (i < part.length - 1 || !("data" in event) || !("data" in twin) || event.kind === "custom")
      return same(event, twin);
    return (
      same({ ...event, data: twin.data }, twin) &&
      latin1(twin.data).startsWith(latin1(event.data)) &&
      event.data.length > 0
    );
  });
}

/** Whether all of `part` is in `whole`, in the same order. */
export function isSubsequence(part: readonly Event[], whole: readonly Event[]): boolean {
  let at = 0;
  for (const event of whole) if (at < part.length && same(part[at] ?? event, event)) at++;
  return at === part.length;
}

function same(a: Event, b: Event): boolean {
  return JSON.stringify(comparable([a])) === JSON.stringify(comparable([b]));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
