// What the mouse did, told to a session's program in the form that it asked for, in places of the session's own screen.
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (Mouse Tracking)
import type { PaintArea, ScreenModes } from "../../terminal/index.js";

/** One report of the user's terminal. */
export interface MouseReport {
  /** Buttons, wheel, modifiers and motion as SGR reports number them. */
  readonly code: number;
  /** As reported, from 1: cells of the terminal, or pixels where those were asked for. */
  readonly x: number;
  readonly y: number;
  readonly isRelease: boolean;
}

const MODIFIERS = 4 + 8 + 16;
const MOTION = 32;
const WHEEL = 64;
const NO_BUTTON = 3;
/** The old form has one byte for a place. */
const MAX_OLD_PLACE = 223;

/** The size of a session's screen, and which part of it is seen where. */
export interface MousePlace {
  readonly cols: number;
  readonly rows: number;
  readonly area: PaintArea;
}

/** The bytes for the session; undefined where its program did not ask for that, or it happened beside the screen. */
export function translateMouse(report: MouseReport, modes: ScreenModes, place: MousePlace): Uint8Array | undefined {
  if (!isWanted(report, modes)) return undefined;
  const { area } = place;
  if (modes.mouseEncoding === "sgrPixels") {
    // Nobody here knows how large a cell is: what is seen elsewhere than where it is cannot be told.
    return area.left === 0 && area.top === 0 ? sgr(report) : undefined;
  }
  const [x, y] = [report.x - area.x + area.left, report.y - area.y + area.top];
  const isInside = x >= 1 && y >= 1 && x <= place.cols && y <= place.rows;
  // What begins beside the screen is not the session's; what ends there is, at its edge.
  const isHeld = report.isRelease || ((report.code & MOTION) !== 0 && (report.code & NO_BUTTON) !== NO_BUTTON);
  if (!isInside && !isHeld) return undefined;
  const inside = { ...report, x: clamp(x, place.cols), y: clamp(y, place.rows) };
  return modes.mouseEncoding === "sgr" ? sgr(inside) : old(inside, modes);
}

function clamp(value: number, greatest: number): number {
  return Math.max(1, Math.min(greatest, value));
}

function isWanted({ code, isRelease }: MouseReport, { mouseTracking }: ScreenModes): boolean {
  const isMotion = (code & MOTION) !== 0;
  const isHeld = (code & NO_BUTTON) !== NO_BUTTON;
  switch (mouseTracking) {
    case "none":
      return false;
    case "x10":
      return !isRelease && !isMotion && (code & WHEEL) === 0 && isHeld;
    case "normal":
      return !isMotion;
    case "button":
      return !isMotion || isHeld;
    case "any":
      return true;
  }
}

function sgr({ code, x, y, isRelease }: MouseReport): Uint8Array {
  return Buffer.from(`\x1b[<${code};${x};${y}${isRelease ? "m" : "M"}`);
}

/** A release does not tell of which button it is. */
function old({ code, x, y, isRelease }: MouseReport, { mouseTracking }: ScreenModes): Uint8Array | undefined {
  if (x > MAX_OLD_PLACE || y > MAX_OLD_PLACE) return undefined;
  const kept = mouseTracking === "x10" ? code & ~MODIFIERS : code;
  const button = isRelease ? (kept & ~NO_BUTTON) | NO_BUTTON : kept;
  return Uint8Array.of(0x1b, 0x5b, 0x4d, button + 32, x + 32, y + 32);
}
