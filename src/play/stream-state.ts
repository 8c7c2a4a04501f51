// The stream player's state machine, as the table it runs on.

/**
 * What a player is doing. `idle`: not begun. `playing`: events are shown at their times. `paused`: nothing is shown.
 * `seeking`: what lies before the place asked for is shown at once, then paused. `ended`: over, for good.
 */
export type StreamState = "idle" | "playing" | "paused" | "seeking" | "ended";

/** What a player can be told. `toggle` pauses or plays on; `step` and `marker` go to the next output or marker. */
export type StreamCommand = "play" | "pause" | "toggle" | "step" | "marker" | "stop";

/** What happens to a player by itself: the place sought is reached; a marker to pause on; no events are left, and playback ends or begins anew. */
export type StreamHappening = "arrive" | "pause-on-marker" | "end" | "restart";

type Row = Readonly<Partial<Record<StreamCommand | StreamHappening, StreamState>>>;

/** Which state follows. What is not in the table does nothing. */
export const STREAM_TRANSITIONS: Readonly<Record<StreamState, Row>> = {
  idle: { play: "playing", stop: "ended" },
  playing: {
    pause: "paused",
    toggle: "paused",
    marker: "seeking",
    stop: "ended",
    "pause-on-marker": "paused",
    end: "ended",
    restart: "playing",
  },
  paused: { play: "playing", toggle: "playing", step: "seeking", marker: "seeking", stop: "ended" },
  seeking: { stop: "ended", arrive: "paused", end: "ended", restart: "playing" },
  ended: {},
};

/** The state that follows, undefined where the table has none: then nothing is done. */
export function findTransition(state: StreamState, cause: StreamCommand | StreamHappening): StreamState | undefined {
  return STREAM_TRANSITIONS[state][cause];
}
