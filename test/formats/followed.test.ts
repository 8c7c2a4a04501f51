// Following formats that are one run of bytes: how it ends where it does not end well.
import { expect, it } from "vitest";
import { openRecording } from "../../formats/index.js";
import type { DecodeOptions, Event } from "../../src/core/index.js";
import { GrowingFolder } from "../support/growing-folder.js";

const NAME = "live.cast";

/** A cast that somebody writes, with one event. */
function begun(): GrowingFolder {
  const folder = new GrowingFolder();
  folder.write(NAME, Buffer.from('{"version":2,"width":80,"height":24}\n[0,"o","one"]\n'));
  folder.lock(NAME, true);
  return folder;
}

async function follow(folder: GrowingFolder, options: DecodeOptions = {}) {
  const events: Event[] = [];
  let error: unknown;
  try {
    const recording = await openRecording(folder.open(NAME), { follow: {}, ...options });
    for await (const batch of recording.batches) for (const event of batch) events.push(event);
  } catch (caught) {
    error = caught;
  }
  expect([folder.openSources, folder.openWatches]).toEqual([0, 0]);
  return { events: events.length, error };
}

it("waits for the rest of a line, and calls it cut where its writer is gone", async () => {
  const folder = begun();
  folder.write(NAME, Buffer.from('[1,"o",'));
  folder.onWait = () => {
    folder.onWait = () => folder.lock(NAME, false);
    folder.write(NAME, Buffer.from('"two"]\n[2,"o"'));
  };
  const { events, error } = await follow(folder);
  expect(events).toBe(2);
  expect(error).toMatchObject({ code: "T2A_FORMAT_DAMAGED", message: expect.stringContaining("cut short") });
});

it("says so where the file is cut short meanwhile", async () => {
  const folder = begun();
  folder.onWait = () => folder.truncate(NAME, 3);
  const { events, error } = await follow(folder);
  expect(events).toBe(1);
  expect(error).toMatchObject({ message: expect.stringContaining("cut short while it was followed") });
});

it("ends when it is aborted, before it waits and while it does", async () => {
  const controller = new AbortController();
  const folder = begun();
  folder.onWait = () => controller.abort();
  const aborted = expect.objectContaining({ code: "T2A_ABORTED" });
  expect(await follow(folder, { signal: controller.signal })).toEqual({ events: 1, error: aborted });
  expect(await follow(begun(), { signal: controller.signal })).toEqual({ events: 0, error: aborted });
});
