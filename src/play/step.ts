// Steps: what one goes over, and where one leads backward.
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Event, NANOS_PER_SECOND, type SeekableRecording } from "../core/index.js";
import { interruptible, settledOrAborted } from "./interruptible.js";
import type { ScreenSeeker } from "./screen-seeker.js";

/** What a step goes over: one event that changes the screen, or all that come within {@link FRAME_NANOS}. */
export type StepUnit = "event" | "frame";

/** What comes within so many nanoseconds is one frame: a sixtieth of a second. */
export const FRAME_NANOS = Math.round(NANOS_PER_SECOND / 60);

/** Whether an event can change the screen. */
function isVisible(event: Event): boolean {
  return event.kind === "output" || event.kind === "resize";
}

/** How to step. */
export interface StepOptions {
  /** Nothing behind it is stepped to, nanoseconds. */
  readonly endAt: number;
  readonly signal: AbortSignal;
  onEvent(event: Event): void;
}

/**
 * Shows the next step to a seeker's screen; at the end nothing.
 * @throws what the recording's batches throw.
 */
export async function stepForward(
  seeker: ScreenSeeker,
  unit: StepUnit,
  { endAt, signal, onEvent }: StepOptions,
): Promise<void> {
  let last = endAt;
  while (!signal.aborted) {
    const { head } = seeker;
    if (head === undefined) {
      if (seeker.ended || seeker.isLive) return;
      await settledOrAborted(seeker.fill(), signal);
    } else if (head.time > last) return;
    else {
      const event = seeker.advance();
      if (event === undefined) {
        await nextTurn(); // a large one, in pieces
        continue;
      }
      onEvent(event);
      if (!isVisible(event)) continue;
      if (unit === "event") return;
      last = Math.min(last, event.time + FRAME_NANOS);
    }
  }
}

/**
 * Number of the events behind which the screen stands one step before it stands behind `events` of them; undefined where the
 * signal was aborted.
 * @throws what the recording's batches throw.
 */
export async function previousStop(
  recording: SeekableRecording,
  events: number,
  unit: StepUnit,
  signal: AbortSignal,
): Promise<number | undefined> {
  const last = await lastVisible(recording, events, signal);
  if (last === undefined || unit === "event" || signal.aborted) return signal.aborted ? undefined : (last?.number ?? 0);
  // A frame: all that came within its time. Where that begins needs not be behind the same keyframe.
  const before = last.time - FRAME_NANOS;
  const start = (await recording.keyframe({ time: before }))?.events ?? 0;
  for await (const { number, time } of visibleEvents(recording, start, events, signal)) {
    if (time > before) return number;
  }
  return undefined;
}

/** The last event before number `end` that changes the screen, sought from keyframe to keyframe. */
async function lastVisible(recording: SeekableRecording, end: number, signal: AbortSignal) {
  for (let before = end; before > 0 && !signal.aborted; ) {
    const start = (await recording.keyframe({ events: before - 1 }))?.events ?? 0;
    let last: { readonly number: number; readonly time: number } | undefined;
    for await (const event of visibleEvents(recording, start, before, signal)) last = event;
    if (last !== undefined) return last;
    before = start;
  }
  return undefined;
}

/** Numbers and times of what changes the screen; ends early where the signal is aborted. Others get their turn between. */
async function* visibleEvents(recording: SeekableRecording, start: number, end: number, signal: AbortSignal) {
  let number = start;
  if (number >= end) return;
  for await (const batch of interruptible(recording.batchesFrom(start), signal)) {
    for (const event of batch) {
      if (isVisible(event)) yield { number, time: event.time };
      if (++number >= end) return; // more may be long in coming
    }
    await nextTurn();
  }
}
