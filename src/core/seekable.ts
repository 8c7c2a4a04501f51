// Recordings that can be entered anywhere: what a format with an index offers beside reading from the beginning.
import type { Batch, Event } from "./event.js";
import type { Header } from "./header.js";
import type { Histogram } from "./histogram.js";
import type { Marker } from "./markers.js";

/** A screen state stored in a recording, so that replay can start there. */
export interface Keyframe {
  /** Events of the recording that it stands behind. */
  readonly events: number;
  /** Time of the last of these, nanoseconds. */
  readonly time: number;
  /** What the terminal engine saved; only the engine that is named beside it can read it. */
  readonly state: Uint8Array;
}

/** What makes keyframes of a recording that passes by, and proves each before it gives it out. */
export interface KeyframeSource {
  /** The terminal engine whose states they are, in its own words, 255 bytes of UTF-8 at most. */
  readonly engine: string;
  /** Keyframes that did not stand the proof. */
  readonly dropped: number;
  /** Takes the next event; gives the earlier keyframe whose proof it brings to an end. */
  take(event: Event): Keyframe | undefined;
  /** The recording ends: gives the last keyframe and frees what the source holds. */
  end(): Keyframe | undefined;
}

/** A place in a recording: behind all events up to and at a time (nanoseconds), or behind so many events. */
export type Place = { readonly time: number } | { readonly events: number };

/** What is known of a recording as a whole. */
export interface Outline {
  /** Time of the last event, nanoseconds; of those read so far where it is not complete. */
  readonly duration: number;
  /** All of the recording is in it. */
  readonly complete: boolean;
  /** In order of time. */
  readonly markers: readonly Marker[];
  readonly histogram: Histogram;
}

/** A recording that is open for reading at any place. Its source stays the caller's. */
export interface SeekableRecording {
  readonly header: Header;
  /** Time of the last event, nanoseconds. */
  readonly duration: number;
  readonly outline: Outline;
  /** The engine that the keyframes are for: no other may restore them. Undefined where there are none. */
  readonly engine: string | undefined;
  /** The last keyframe at or before the place that is whole; undefined where there is none. */
  keyframe(place: Place): Promise<Keyframe | undefined>;
  /** The events from number `first` (from 0) on. Batches are views of memory that nobody writes to again. */
  batchesFrom(first: number): AsyncGenerator<Batch>;
}
