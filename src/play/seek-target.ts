// Where a seek can go, and what that is in the recording at hand.
import { type Marker, NANOS_PER_SECOND, type Place } from "../core/index.js";
import { settledOrAborted } from "./interruptible.js";
import type { PlayableRecording } from "./playable-recording.js";
import type { TextPattern, TextSearch } from "./text-search.js";

/** Where to go. Times are recorded time, nanoseconds; what is out of the recording is moved to its start or end. */
export type SeekTarget =
  | Place
  /** Share of the duration, 0 to 1. */
  | { readonly fraction: number }
  /** From where one is, or from where a seek goes that has not arrived yet. */
  | { readonly by: number }
  | { readonly byFraction: number }
  /** A neighbour of the position, or the first of that label. */
  | { readonly marker: "next" | "previous" | { readonly label: string } }
  /** The nearest moment at which such text appeared, forward (1) or backward (-1). */
  | { readonly text: TextPattern; readonly direction: 1 | -1; readonly inclusive?: boolean };

/** While playing, going to the previous marker passes over one that was passed just now. Nanoseconds. */
const JUST_PASSED = NANOS_PER_SECOND;

/** What a target is resolved against. */
export interface SeekContext {
  readonly recording: PlayableRecording;
  readonly search: TextSearch | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (share: number) => void;
  /** Where one is, nanoseconds, or where a seek goes that has not arrived yet. */
  readonly position: number;
  /** Events that the screen has seen. */
  readonly events: number;
  readonly isPlaying: boolean;
  /** Nothing behind it is gone to, nanoseconds. */
  readonly endAt: number;
}

/** The place that a target means; undefined where there is none, or where the signal was aborted. */
export async function resolveTarget(target: SeekTarget, context: SeekContext): Promise<Place | undefined> {
  const { position, endAt } = context;
  const bounded = (time: number): Place => ({ time: Math.max(0, Math.min(Math.round(time), endAt)) });
  if ("time" in target) return bounded(target.time);
  if ("events" in target) return { events: target.events };
  if ("by" in target) return bounded(position + target.by);
  if ("fraction" in target) return bounded(target.fraction * (await knownDuration(context)));
  if ("byFraction" in target) return bounded(position + target.byFraction * (await knownDuration(context)));
  if ("marker" in target) return await findMarker(target.marker, context);
  return await findText(target, context);
}

async function findText(
  { text, direction, inclusive }: Extract<SeekTarget, { readonly text: TextPattern }>,
  { search, events: from, signal, onProgress, endAt }: SeekContext,
): Promise<Place | undefined> {
  const finding = search?.find(text, { from, direction, inclusive, signal, onProgress });
  if (finding === undefined) return undefined;
  await settledOrAborted(finding, signal);
  const hit = signal.aborted ? undefined : await finding;
  return hit === undefined || hit.time > endAt ? undefined : { events: hit.events };
}

/** A share of the recording can only be told when all of it was seen; of one that is still being written, what there is. */
async function knownDuration(context: SeekContext): Promise<number> {
  await untilKnown(context, () => false);
  return context.recording.outline.duration;
}

async function findMarker(
  which: "next" | "previous" | { readonly label: string },
  context: SeekContext,
): Promise<Place | undefined> {
  const { recording, position, isPlaying, endAt } = context;
  const placeOf = (marker: Marker | undefined) =>
    marker === undefined || marker.time > endAt ? undefined : { time: marker.time };
  const limit = isPlaying ? position - JUST_PASSED : position;
  if (which === "previous") return placeOf(recording.outline.markers.findLast(({ time }) => time < limit));
  const isMeant =
    which === "next" ? ({ time }: Marker) => time > position : ({ label }: Marker) => label === which.label;
  const find = () => recording.outline.markers.find(isMeant);
  await untilKnown(context, () => find() !== undefined);
  return placeOf(find());
}

/** Waits until enough is known of the recording, or all that there is. */
async function untilKnown({ recording, signal }: SeekContext, isEnough: () => boolean): Promise<void> {
  const isOpen = () => !recording.outline.complete && recording.liveEvents === undefined && !signal.aborted;
  if (!isOpen() || isEnough()) return;
  const reading = new AbortController();
  recording.readAll?.(reading.signal).catch(() => {}); // what is damaged is met where it is played
  while (isOpen() && !isEnough()) await outlineGrown(recording, signal);
  reading.abort();
}

function outlineGrown(recording: PlayableRecording, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      forget?.();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const forget = recording.onOutline?.(finish);
    signal.addEventListener("abort", finish);
  });
}
