// Steps: what one goes over, and where one leads backward.
import { type Event, NANOS_PER_SECOND, type SeekableRecording } from "../core/index.js";

/** What a step goes over: one event that changes the screen, or all that come within {@link FRAME_NANOS}. */
export type StepUnit = "event" | "frame";

/** What comes within so many nanoseconds is one frame: a sixtieth of a second. */
export const FRAME_NANOS = Math.round(NANOS_PER_SECOND / 60);

/** Whether an event can change the screen. */
export function isVisible(event: Event): boolean {
  return event.kind === "output" || event.kind === "resize";
}

/** Number of the events behind which the screen stands one step before it stands behind `events` of them. */
export async function previousStop(recording: SeekableRecording, events: number, unit: StepUnit): Promise<number> {
  let end = events;
  let burst: { readonly first: number; readonly time: number } | undefined;
  while (end > 0) {
    const start = (await recording.keyframe({ events: end - 1 }))?.events ?? 0;
    const found = await visibleEvents(recording, start, end);
    for (const { number, time } of found.reverse()) {
      if (burst !== undefined && burst.time - time >= FRAME_NANOS) return burst.first;
      burst = { first: number, time: burst?.time ?? time };
      if (unit === "event") return number;
    }
    end = start;
  }
  return burst?.first ?? 0;
}

async function visibleEvents(recording: SeekableRecording, start: number, end: number) {
  const found: { readonly number: number; readonly time: number }[] = [];
  let number = start;
  for await (const batch of recording.batchesFrom(start)) {
    for (const event of batch) {
      if (number === end) return found;
      if (isVisible(event)) found.push({ number, time: event.time });
      number++;
    }
  }
  return found;
}
