// What the programs of a session have switched of their terminal, switched the same on the user's: how keys and the mouse are told, what
// the window is called. Pure: gives the bytes to write, and those that take everything back.
import type { MouseTracking, ScreenModes } from "../../terminal/index.js";

/** Of a session's screen what the user's terminal has to follow; how the cursor looks is the painter's. */
export interface MirroredModes {
  readonly applicationCursorKeys: boolean;
  readonly applicationKeypad: boolean;
  readonly bracketedPaste: boolean;
  readonly focusReporting: boolean;
  readonly kittyKeyboard: number;
  readonly mouseTracking: MouseTracking;
  /** The mouse is told in pixels. */
  readonly mousePixels: boolean;
}

/** Nothing switched: a terminal as a shell leaves it. */
const PLAIN: MirroredModes = {
  applicationCursorKeys: false,
  applicationKeypad: false,
  bracketedPaste: false,
  focusReporting: false,
  kittyKeyboard: 0,
  mouseTracking: "none",
  mousePixels: false,
};

/** Mode 9 tells of presses alone, and some terminals in their old form only: what is too much of 1000 is left out later. */
const TRACKING: Readonly<Record<Exclude<MouseTracking, "none">, number>> = {
  x10: 1000,
  normal: 1000,
  button: 1002,
  any: 1003,
};

/** The modes that a screen wants of the user's terminal. */
export function mirroredModes(modes: ScreenModes): MirroredModes {
  return {
    applicationCursorKeys: modes.applicationCursorKeys,
    applicationKeypad: modes.applicationKeypad,
    bracketedPaste: modes.bracketedPaste,
    focusReporting: modes.focusReporting,
    kittyKeyboard: modes.kittyKeyboard,
    mouseTracking: modes.mouseTracking,
    mousePixels: modes.mouseTracking !== "none" && modes.mouseEncoding === "sgrPixels",
  };
}

/** Keeps the modes of the user's terminal. */
export class ModeMirror {
  #modes = PLAIN;
  /** Undefined: as it was found. */
  #title: string | undefined;
  /** The terminal may not have what was switched. */
  #isForgotten = false;

  /** What makes the terminal's modes these; empty where they are. */
  modes(wanted: MirroredModes): string {
    const before = this.#modes;
    const all = this.#isForgotten;
    this.#modes = wanted;
    this.#isForgotten = false;
    let bytes = "";
    const flag = (key: "applicationCursorKeys" | "bracketedPaste" | "focusReporting", mode: number) => {
      if (all || wanted[key] !== before[key]) bytes += `\x1b[?${mode}${wanted[key] ? "h" : "l"}`;
    };
    flag("applicationCursorKeys", 1);
    flag("bracketedPaste", 2004);
    flag("focusReporting", 1004);
    if (all || wanted.applicationKeypad !== before.applicationKeypad)
      bytes += wanted.applicationKeypad ? "\x1b=" : "\x1b>";
    // Terminals that do not know it are left in peace as long as nobody asks for it.
    if (wanted.kittyKeyboard !== before.kittyKeyboard || (all && wanted.kittyKeyboard !== 0))
      bytes += `\x1b[=${wanted.kittyKeyboard};1u`;
    const isSameMouse = wanted.mouseTracking === before.mouseTracking && wanted.mousePixels === before.mousePixels;
    if (all || !isSameMouse) bytes += mouseOff(before) + mouseOn(wanted);
    return bytes;
  }

  /** What gives the window this title, or its own back. It must be safe to print. */
  title(title: string | undefined): string {
    if (title === this.#title) return "";
    const had = this.#title !== undefined;
    this.#title = title;
    if (title === undefined) return "\x1b[23;2t";
    return `${had ? "" : "\x1b[22;2t"}\x1b]2;${title}\x1b\\`;
  }

  /** Somebody else had the terminal: everything is switched again. */
  forget(): void {
    this.#isForgotten = true;
  }

  /** What takes everything back. */
  undo(): string {
    this.#isForgotten = false;
    return this.modes(PLAIN) + this.title(undefined);
  }
}

/** Places are always asked for in the form that knows no bounds; who gets them gets them as asked for. */
function mouseOn({ mouseTracking, mousePixels }: MirroredModes): string {
  if (mouseTracking === "none") return "";
  return `\x1b[?1006h${mousePixels ? "\x1b[?1016h" : ""}\x1b[?${TRACKING[mouseTracking]}h`;
}

function mouseOff({ mouseTracking, mousePixels }: MirroredModes): string {
  if (mouseTracking === "none") return "";
  return `\x1b[?${TRACKING[mouseTracking]}l${mousePixels ? "\x1b[?1016l" : ""}\x1b[?1006l`;
}
