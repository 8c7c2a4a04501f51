// The face of src/terminal: the headless screen and everything that reads or filters what goes to a terminal.
// The only folder that sees @xterm/*.
export { type Appearance, KEPT_UNITS } from "./appearance.js";
export {
  ATTRS,
  type Cell,
  type CellStyle,
  type Color,
  ScreenLine,
  TRUECOLOR,
  UNDERLINES,
} from "./cells.js";
export { certainWidth } from "./certain-width.js";
export { type ColorDepth, colorDepth } from "./color-depth.js";
export { clampSize, MAX_SCREEN_CELLS, MAX_SIDE } from "./engine.js";
export { findOnScreen } from "./find-on-screen.js";
export { KeptLines } from "./kept-lines.js";
export { KEYFRAME_DISTANCE, type KeyframeDistance, KeyframeMaker } from "./keyframe-maker.js";
export type { Link } from "./links.js";
export type { MouseEncoding, MouseTracking, ScreenModes } from "./modes.js";
export { OutputFilter } from "./output-filter.js";
export { OutputText, type OutputTextOptions } from "./output-text.js";
export type { Highlight } from "./painted-cells.js";
export { type PrintOptions, printScreen } from "./print-screen.js";
export { ProofFilter } from "./proof-filter.js";
export { type FilteredOutput, QueryFilter } from "./query-filter.js";
export { QueryResponder, type QueryResponderOptions } from "./query-responder.js";
export { ReplyFilter } from "./reply-filter.js";
export { FEED_BYTES, Screen, type ScreenCursor, type ScreenOptions, type Snapshot } from "./screen.js";
export { type PaintArea, ScreenPainter } from "./screen-painter.js";
export { MAX_MARK_BYTES, type PlacedShellMark, ShellMarkParser } from "./shell-marks.js";
export type { ShellCycle, ShellMark, ShellProtocol } from "./shell-osc.js";
export { ShownText } from "./shown-text.js";
export { SCREEN_ENGINE } from "./state-codec.js";
export { attributeNames, type StyledRun, styledRuns, styledText } from "./styled-text.js";
export { TextLog, type TextLogOptions } from "./text-log.js";
export { ThemeAnswerParser, type ThemeAnswers, themeQueries } from "./theme-probe.js";
export { TypedLine } from "./typed-line.js";
export { type VisibleTextOptions, visibleText } from "./visible-text.js";
