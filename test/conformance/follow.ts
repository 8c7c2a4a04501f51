// Conformance of following: what is written is given before more is, and the recording ends with its recorder.
import { expect } from "vitest";
import { createWriter, openRecording } from "../../formats/index.js";
import type { Event } from "../../src/core/index.js";
import { GrowingFolder, SteppingTarget } from "../support/growing-folder.js";
import type { FormatCase } from "./format-case.js";

const BEFORE = 3;
const AFTER = 40;

/** Each event as soon as it is written, those before `onLive` that were there first; then the end, and nothing left open. */
export async function testFollow({ format }: FormatCase): Promise<void> {
  const folder = new GrowingFolder();
  const name = `growing${format.extensions[0] ?? ""}`;
  const target = new SteppingTarget(name, (step) => step(folder));
  const writer = await createWriter(format, target, { live: true });
  const written: Event[] = [];
  const write = async (at: number) => {
    const event: Event = { kind: "output", time: at * 1_000_000, data: Buffer.from(`line ${at}\r\n`) };
    written.push(event);
    await writer.events([event]);
  };
  await writer.header({ cols: 80, rows: 24, startTime: 1_600_000_000_000_000_000n });
  for (let at = 0; at < BEFORE; at++) await write(at);

  const read: Event[] = [];
  let atLive: number | undefined;
  let arrived = () => {};
  const following = (async () => {
    const follow = {
      onLive: () => {
        atLive = read.length;
        arrived();
      },
    };
    const recording = await openRecording(folder.open(name), { follow });
    expect(recording.format).toBe(format.name);
    for await (const batch of recording.batches) {
      for (const event of batch) read.push(event);
      arrived();
    }
  })();
  const has = (condition: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      following.catch(reject);
      arrived = () => condition() && resolve();
      arrived();
    });

  await has(() => atLive !== undefined);
  if (format.supports.timeStepNanos !== Number.POSITIVE_INFINITY) expect(atLive).toBe(BEFORE);
  for (let at = BEFORE; at < BEFORE + AFTER; at++) {
    await write(at);
    await has(() => text(read) === text(written));
  }
  await writer.end();
  await target.commit();
  await following;
  expect(text(read)).toBe(text(written));
  expect([folder.openSources, folder.openWatches]).toEqual([0, 0]);
}

function text(events: readonly Event[]): string {
  return events.map((event) => (event.kind === "output" ? Buffer.from(event.data).toString("latin1") : "")).join("");
}
