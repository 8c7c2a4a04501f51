// What a player plays.
import type { SeekableRecording } from "../core/index.js";

/** A recording that wants to know the screens that were passed on the way, to start there another time. */
export interface KeyframeKeeper {
  /** `span` events lie between it and the place before it where a seek could have started. */
  keep(keyframe: { readonly events: number; readonly time: number; saveState(): Uint8Array }, span: number): void;
}

/** A recording that can be played: `CachedRecording` makes one of any. */
export interface PlayableRecording extends SeekableRecording, Partial<KeyframeKeeper> {
  /** Calls back whenever the outline has grown. Gives what ends that. */
  onOutline?(listener: () => void): () => void;
  /** Reads what is not read yet, for the outline, until the signal is aborted; as far as can be done unasked. */
  readAhead?(signal: AbortSignal): Promise<void>;
  /** The same to the end, because somebody needs to know all of it. */
  readAll?(signal: AbortSignal): Promise<void>;
  /** Events known so far of a recording that is still being written: what comes behind them is shown as it comes. */
  readonly liveEvents?: number | undefined;
}
