// The face of src/analyze: what was run in a recording.
export type { Command } from "./command.js";
export { CommandFinder } from "./command-finder.js";
export { MAX_COMMANDS } from "./shell-stack.js";
