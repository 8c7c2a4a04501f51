// What a player plays.
import type { SeekableRecording } from "../core/index.js";
import type { KeyframeKeeper } from "./screen-seeker.js";

/** A recording that can be played: `CachedRecording` makes one of any. */
export interface PlayableRecording extends SeekableRecording, Partial<KeyframeKeeper> {
  /** Calls back whenever the outline has grown. Gives what ends that. */
  onOutline?(listener: () => void): () => void;
  /** Reads what is not read yet, for the outline, until the signal is aborted. */
  readAll?(signal: AbortSignal): Promise<void>;
  /** Events known so far of a recording that is still being written: what comes behind them is shown as it comes. */
  readonly liveEvents?: number | undefined;
}
