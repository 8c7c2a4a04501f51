// The face of src/shell: t2a's shell integration, and starting a shell with it.
export { parseShellCommand, SHELL_KINDS, type ShellCommand, type ShellKind } from "./shell-command.js";
export { shellScript } from "./shell-script.js";
export { type ShellStart, type ShellStartOptions, startWithIntegration } from "./shell-start.js";
