// The face of src/play: the player that goes anywhere with its controllers, the one that streams, and the clocks of both.
export { CachedRecording, type CachedRecordingOptions, MAX_CACHE_BYTES } from "./cached-recording.js";
export { type Clock, ManualClock, SystemClock } from "./clock.js";
export type { CommandList, ListedCommand, Whereabouts } from "./command-list.js";
export {
  DEFAULT_IDLE_LIMIT,
  PlaybackController,
  SeekController,
  SPEEDS,
  SpeedController,
} from "./controllers.js";
export { IDLE_NANOS, type IdleMode, shownPause } from "./idle.js";
export { joinLive } from "./join-live.js";
export { Keyboard, PLAY_KEYS } from "./keyboard.js";
export type { KeyframeKeeper, PlayableRecording } from "./playable-recording.js";
export { PLAYBACK_TRANSITIONS, type PlaybackCause, type PlaybackState } from "./playback-state.js";
export { Player, Player as SessionPlayer, type PlayerOptions } from "./player.js";
export type { PlayerEvents } from "./player-events.js";
export { ScreenSeeker, type SeekOptions } from "./screen-seeker.js";
export type { SeekTarget } from "./seek-target.js";
export { MAX_SPEED, MIN_SPEED } from "./speed.js";
export { FRAME_NANOS, type StepUnit } from "./step.js";
export { SLICE_BYTES, type StreamOutcome, StreamPlayer, type StreamPlayerOptions } from "./stream-player.js";
export { STREAM_TRANSITIONS, type StreamCommand, type StreamHappening, type StreamState } from "./stream-state.js";
export { StreamView, type StreamViewOptions } from "./stream-view.js";
export { MAX_TEXT_CACHE_BYTES, TextCache } from "./text-cache.js";
export { TextIndex, type TextIndexOptions } from "./text-index.js";
export { parsePattern } from "./text-pattern.js";
export type { FindOptions, TextHit, TextPattern, TextSearch } from "./text-search.js";
export { TtyView, type TtyViewOptions } from "./tty-view.js";
export { PLAYER_KEYS, type PlayerKey, PlayerUi, type PlayerUiOptions, type UiAction } from "./ui/index.js";
export type { View } from "./view.js";
