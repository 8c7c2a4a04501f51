// Files to damage, and what has to hold of whatever is recovered from them.
import { expect } from "vitest";
import { CanonicalWriter } from "../../../formats/t2r/canonical.js";
import { T2rEncoder } from "../../../formats/t2r/encoder.js";
import { t2r } from "../../../formats/t2r/index.js";
import { customEvent, type Event, GAP_CODE, type Header, T2aError } from "../../../src/core/index.js";
import { type Decoded, decodeFiles, type Files } from "../../conformance/format-io.js";
import { copyBytes, MemoryTarget } from "../../support/memory-io.js";

/** A header with something to lose. */
export const HEADER: Header = { cols: 100, rows: 30, title: "to be damaged" };

/** Events of every kind, so many milliseconds apart, each unlike all others. */
export function variedEvents(count: number, millis: number, bytes = 30): Event[] {
  return Array.from({ length: count }, (_, at): Event => {
    const time = at * millis * 1_000_000;
    const data = Buffer.from(`${at} `.padEnd(bytes, String.fromCharCode(65 + (at % 26))));
    if (at % 11 === 2) return { kind: "input", time, data };
    if (at % 11 === 4) return { kind: "resize", time, cols: 50 + at, rows: 20 };
    if (at % 11 === 6) return { kind: "marker", time, label: `marker ${at}` };
    if (at % 11 === 8) return { ...customEvent(time, "x", { at }), meta: Object.freeze({ at }) };
    return { kind: "output", time, data };
  });
}

/** A .t2r of these blocks, and of each its bytes; before them the header, behind them the index and END. */
export function encodeBlocks(blocks: readonly (readonly Event[])[]): Uint8Array[] {
  const encoder = new T2rEncoder();
  const parts = [copyBytes(encoder.header(HEADER))];
  for (const block of blocks) {
    const canonical = new CanonicalWriter();
    for (const event of block) canonical.event(event);
    encoder.add(block, canonical.view());
    parts.push(copyBytes(encoder.flush()));
  }
  return [...parts, copyBytes(encoder.end())];
}

/** What a recorder that died leaves: the file and its journal. */
export function recorded(events: readonly Event[]): Required<Files> {
  const target = new MemoryTarget("live.t2r");
  const writer = t2r.createLiveWriter?.(target);
  void writer?.header(HEADER);
  for (const event of events) void writer?.events([event]);
  return { name: target.name, bytes: target.bytes(), siblings: target.siblingBytes() };
}

/** An event as a word: equal events have equal ones. */
export function keyOf(event: Event): string {
  const canonical = new CanonicalWriter();
  canonical.event(event);
  return Buffer.from(canonical.view()).toString("latin1");
}

/** What was recovered, beside what was recorded. */
export interface Recovered extends Decoded {
  /** Numbers of the events that are there, in order. */
  readonly kept: readonly number[];
  /** What the gaps say. */
  readonly gaps: readonly { startNs?: number; endNs?: number; events?: number; outputBytes?: number }[];
}

/** Recovers, and checks what must hold whatever the damage: no event that was not recorded, none twice, none out of order. */
export async function recovered(files: Files, original: readonly Event[]): Promise<Recovered> {
  const numbers = new Map(original.map((event, at) => [keyOf(event), at]));
  const decoded = await decodeFiles(t2r, files, { recover: true, chunkSize: 700 });
  if (decoded.error !== undefined && !(decoded.error instanceof T2aError)) throw decoded.error;
  const kept: number[] = [];
  const gaps: Recovered["gaps"][number][] = [];
  for (const event of decoded.events) {
    if (event.kind === "custom" && event.code === GAP_CODE) {
      const { reason, ...gap } = JSON.parse(Buffer.from(event.data).toString());
      expect(reason).toBe("damage");
      gaps.push(gap);
      continue;
    }
    const number = numbers.get(keyOf(event)) ?? -1;
    if (number <= (kept.at(-1) ?? -1)) throw new Error(`event ${number} behind event ${kept.at(-1)}`);
    kept.push(number);
  }
  return { ...decoded, kept, gaps };
}

/** The numbers of `count` events but for those from `from` to before `to`. */
export function without(count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, at) => at).filter((at) => at < from || at >= to);
}

export function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = copyBytes(bytes);
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
}
