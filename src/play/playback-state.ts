// The player's state machine, as the table it runs on.

/**
 * What a player is doing. `idle`: not begun, or stopped. `playing`: events are shown at their times. `paused`: the screen stands.
 * `seeking`: on the way to another place. `ended`: the end is shown; playing or seeking goes on from there.
 */
export type PlaybackState = "idle" | "playing" | "paused" | "seeking" | "ended";

/**
 * What moves a player from state to state. `seek`: a place is sought, to play on there if it was playing before; `step`: one is
 * sought to stand there. `arrive-playing` and `arrive-paused`: it is reached. `marker`: one to pause on was passed. `end`: nothing
 * comes any more.
 */
export type PlaybackCause = "play" | "pause" | "seek" | "stop" | "arrive-playing" | "arrive-paused" | "marker" | "end";

/** Which state follows. What is not in the table does nothing. */
export const PLAYBACK_TRANSITIONS: Readonly<
  Record<PlaybackState, Readonly<Partial<Record<PlaybackCause, PlaybackState>>>>
> = {
  idle: { play: "playing", pause: "paused", seek: "seeking" },
  playing: { pause: "paused", seek: "seeking", stop: "idle", marker: "paused", end: "ended" },
  paused: { play: "playing", seek: "seeking", stop: "idle" },
  seeking: { "arrive-playing": "playing", "arrive-paused": "paused", end: "ended", stop: "idle", seek: "seeking" },
  ended: { play: "seeking", seek: "seeking", stop: "idle" },
};

/** The state that follows, undefined where the table has none: then nothing is done. */
export function findTransition(state: PlaybackState, cause: PlaybackCause): PlaybackState | undefined {
  return PLAYBACK_TRANSITIONS[state][cause];
}
