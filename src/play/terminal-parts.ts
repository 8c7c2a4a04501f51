// The second face of src/play: what interfaces on the user's terminal are made of, without a player.
export { type Clock, ManualClock, SystemClock } from "./clock.js";
export { KeyReader } from "./key-reader.js";
export type { Key, MouseInput, Paste, TerminalInput } from "./terminal-input.js";
export { type Drawing, FrameLoop, type FrameLoopOptions } from "./ui/frame-loop.js";
export { keyName } from "./ui/player-keys.js";
export { Prompt, type PromptResult } from "./ui/prompt.js";
export { fitText, textWidth } from "./ui/text-width.js";
export { Viewport } from "./ui/viewport.js";
export { writeToTtyAtOnce } from "./write-at-once.js";
