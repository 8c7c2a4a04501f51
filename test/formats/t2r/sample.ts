// Recordings as .t2r for the tests of the format.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { json } from "../../../formats/json/index.js";
import { buildFrame, frameSize } from "../../../formats/t2r/frame.js";
import { t2r } from "../../../formats/t2r/index.js";
import type { Batch, Event, Header } from "../../../src/core/index.js";
import { decodeFiles, encodeBatches } from "../../conformance/format-io.js";
import { concatBytes, MemorySource } from "../../support/memory-io.js";

/** The events and header of fixtures/demo.json: every kind of event, bytes that are not UTF-8. */
export async function demo(): Promise<{ header: Header; events: readonly Event[] }> {
  const path = fileURLToPath(new URL("../../../fixtures/demo.json", import.meta.url));
  const { header, events } = await decodeFiles(json, { name: "demo.json", bytes: readFileSync(path) });
  if (header === undefined) throw new Error("the fixture has no header");
  return { header, events };
}

/** A whole .t2r of these events. */
export async function encode(header: Header, batches: readonly Batch[]): Promise<Uint8Array> {
  return (await encodeBatches(t2r, header, batches)).files.bytes;
}

/** Two blocks of output, a marker between them, some seconds. */
export async function twoBlocks(): Promise<Uint8Array> {
  const part = (time: number, fill: number): Event => ({
    kind: "output",
    time,
    data: new Uint8Array(700_000).fill(fill),
  });
  return await encode({ cols: 80, rows: 24 }, [
    [part(1000, 65), { kind: "marker", time: 2000, label: "between" }, part(4_000_002_000, 66), part(5e9, 67)],
  ]);
}

/** Where each frame of a file begins, skippable ones of t2a alone. */
export function frameOffsets(file: Uint8Array): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < file.length; at++) {
    const size = frameSize(file.subarray(at, at + 16));
    if (size === undefined) continue;
    offsets.push(at);
    at += size - 1;
  }
  return offsets;
}

/** A file as its skippable frames, each with the zstd frame behind it. */
export function pieces(file: Uint8Array): Uint8Array[] {
  const offsets = frameOffsets(file);
  return offsets.map((offset, index) => file.subarray(offset, offsets[index + 1] ?? file.length));
}

/** The frame with other contents; its checksum holds. */
export function rebuilt(frame: Uint8Array, change: (payload: Buffer) => void): Uint8Array {
  const size = frameSize(frame) ?? 0;
  const payload = Buffer.from(frame.subarray(16, size - 8));
  change(payload);
  return concatBytes([buildFrame(frame[12] ?? 0, payload, frame[14]), frame.subarray(size)]);
}

export const source = (bytes: Uint8Array) => new MemorySource(bytes, { name: "sample.t2r", chunkSize: 50_000 });
