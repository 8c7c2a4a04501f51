// The face of src/play: clocks, the player, and the views it plays into.
export { type Clock, ManualClock, SystemClock } from "./clock.js";
export { joinLive } from "./join-live.js";
export { Keyboard, PLAY_KEYS } from "./keyboard.js";
export { ScreenSeeker } from "./screen-seeker.js";
export {
  MAX_SPEED,
  MIN_SPEED,
  SLICE_BYTES,
  type StreamOutcome,
  StreamPlayer,
  type StreamPlayerOptions,
} from "./stream-player.js";
export { STREAM_TRANSITIONS, type StreamCommand, type StreamHappening, type StreamState } from "./stream-state.js";
export { StreamView, type StreamViewOptions } from "./stream-view.js";
export { TtyView, type TtyViewOptions } from "./tty-view.js";
export type { View } from "./view.js";
