// What a player tells those who listen.
import type { Event, Marker, Outline } from "../core/index.js";
import type { Screen } from "../terminal/index.js";
import type { IdleMode } from "./idle.js";
import type { PlaybackState } from "./playback-state.js";

/** The events of a player, by name, with what comes with each. Times are recorded time, nanoseconds. */
export interface PlayerEvents {
  readonly state: PlaybackState;
  /** The position has changed: with every frame, and ten times a second while nothing else happens. */
  readonly time: number;
  /** The screen has changed, at most 60 times a second, but at once after a pause. It is the player's: look at it now. */
  readonly frame: Screen;
  /** An event was shown, in playing or stepping; not in seeking. */
  readonly event: Event;
  readonly marker: Marker;
  readonly resize: { readonly cols: number; readonly rows: number };
  /** The end is shown. */
  readonly ended: undefined;
  /** The recording cannot be read any further: what is before is all there is. `run` throws it in the end. */
  readonly damage: unknown;
  readonly speed: number;
  readonly idle: IdleMode;
  readonly loop: boolean;
  /** More is known of the recording as a whole. */
  readonly outline: Outline;
  /** Where a seek that takes long is: 0 to 1. */
  readonly progress: number;
}

type Listener<Name extends keyof PlayerEvents> = (value: PlayerEvents[Name]) => void;

/** Listeners by event. */
export class PlayerEmitter {
  readonly #listeners = new Map<keyof PlayerEvents, Set<Listener<keyof PlayerEvents>>>();

  /** Calls back with every event of that name. Gives what ends that. */
  on<Name extends keyof PlayerEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as Listener<keyof PlayerEvents>);
    return () => listeners.delete(listener as Listener<keyof PlayerEvents>);
  }

  emit<Name extends keyof PlayerEvents>(name: Name, value: PlayerEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(value as never);
  }
}
