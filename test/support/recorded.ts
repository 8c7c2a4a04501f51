// Events of recordings on disk, as somebody else reads them.
import { openRecording } from "../../formats/index.js";
import type { Event, Header } from "../../src/core/index.js";
import { openFileSource } from "../../src/files/index.js";

/** All events of a recording, what a killed recorder left included. */
export async function eventsOf(path: string): Promise<{ readonly header: Header; readonly events: Event[] }> {
  const recording = await openRecording(await openFileSource(path), { recover: true });
  const events: Event[] = [];
  try {
    for await (const batch of recording.batches) events.push(...batch);
    return { header: recording.header, events };
  } finally {
    await recording.close();
  }
}
