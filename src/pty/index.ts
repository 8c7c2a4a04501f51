// The face of src/pty: child processes in pseudo-terminals, and the user's own terminal.
export { findProgram } from "./find-program.js";
export { type Pty, type PtyExit, type PtyOptions, spawnPty } from "./pty.js";
export type { TtyFlags } from "./termios.js";
export { FixedSizeTty, findUserTty, NullTty, type TtySize, type UserTty } from "./user-tty.js";
