// The face of src/play: clocks, the player, and the views it plays into.
export { type Clock, ManualClock, SystemClock } from "./clock.js";
export { joinLive } from "./join-live.js";
export { Keyboard, PLAY_KEYS } from "./keyboard.js";
export { PLAYBACK_TRANSITIONS, type PlaybackState, type PlayCommand, type PlayHappening } from "./playback-state.js";
export { MAX_SPEED, MIN_SPEED, Player, type PlayerOptions, type PlayOutcome, SLICE_BYTES } from "./player.js";
export { ScreenSeeker } from "./screen-seeker.js";
export { StreamView, type StreamViewOptions } from "./stream-view.js";
export { TtyView, type TtyViewOptions } from "./tty-view.js";
export type { View } from "./view.js";
