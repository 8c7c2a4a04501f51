// The answer to DECRQM: is this mode set? https://vt100.net/docs/vt510-rm/DECRPM.html
import type { Screen } from "./screen.js";

/** 0 not known, 1 set, 2 reset. */
export type ModeState = 0 | 1 | 2;

/** A mode's number, and whether it is one of DEC's (CSI ?). */
export interface ModeNumber {
  readonly isPrivate: boolean;
  readonly mode: number;
}

type Read = (screen: Screen) => boolean;

const ANSI: Readonly<Record<number, Read>> = {
  4: ({ modes }) => modes.insert,
  20: ({ modes }) => modes.newline,
};

const PRIVATE: Readonly<Record<number, Read>> = {
  1: ({ modes }) => modes.applicationCursorKeys,
  6: ({ modes }) => modes.origin,
  7: ({ modes }) => modes.autowrap,
  9: ({ modes }) => modes.mouseTracking === "x10",
  25: ({ cursor }) => cursor.visible,
  45: ({ modes }) => modes.reverseWraparound,
  47: ({ alternate }) => alternate,
  66: ({ modes }) => modes.applicationKeypad,
  1000: ({ modes }) => modes.mouseTracking === "normal",
  1002: ({ modes }) => modes.mouseTracking === "button",
  1003: ({ modes }) => modes.mouseTracking === "any",
  1004: ({ modes }) => modes.focusReporting,
  1006: ({ modes }) => modes.mouseEncoding === "sgr",
  1016: ({ modes }) => modes.mouseEncoding === "sgrPixels",
  1047: ({ alternate }) => alternate,
  1049: ({ alternate }) => alternate,
  2004: ({ modes }) => modes.bracketedPaste,
  2026: ({ modes }) => modes.synchronizedOutput,
};

/** The state of a mode on this screen. */
export function modeState(screen: Screen, { isPrivate, mode }: ModeNumber): ModeState {
  const read = (isPrivate ? PRIVATE : ANSI)[mode];
  if (read === undefined) return 0;
  return read(screen) ? 1 : 2;
}
