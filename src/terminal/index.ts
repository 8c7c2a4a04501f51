// The face of src/terminal: the headless screen and everything that reads or filters what goes to a terminal.
// The only folder that sees @xterm/*.
export { OutputFilter } from "./output-filter.js";
export { type VisibleTextOptions, visibleText } from "./visible-text.js";
