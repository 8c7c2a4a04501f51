// The modes that a program may switch, read from the engine.
import type { Engine } from "./engine.js";

/** Which mouse events a program asked for: DECSET 9, 1000, 1002, 1003. */
export type MouseTracking = "none" | "x10" | "normal" | "button" | "any";
/** How they are told: DECSET 1006, 1016. */
export type MouseEncoding = "default" | "sgr" | "sgrPixels";

/** The modes of a screen. */
export interface ScreenModes {
  readonly applicationCursorKeys: boolean;
  readonly applicationKeypad: boolean;
  readonly autowrap: boolean;
  readonly bracketedPaste: boolean;
  readonly focusReporting: boolean;
  readonly insert: boolean;
  /** Flags of the kitty keyboard protocol in force: 1 disambiguate, 2 event types, 4 alternates, 8 all, 16 text. */
  readonly kittyKeyboard: number;
  readonly mouseEncoding: MouseEncoding;
  readonly mouseTracking: MouseTracking;
  /** A line feed also returns the carriage (LNM). */
  readonly newline: boolean;
  readonly origin: boolean;
  readonly reverseWraparound: boolean;
  readonly synchronizedOutput: boolean;
}

const MOUSE_TRACKING: Readonly<Record<string, MouseTracking>> = {
  X10: "x10",
  VT200: "normal",
  DRAG: "button",
  ANY: "any",
};
const MOUSE_ENCODING: Readonly<Record<string, MouseEncoding>> = { SGR: "sgr", SGR_PIXELS: "sgrPixels" };

/** The modes as they stand. */
export function readModes({ core, keyboards }: Engine): ScreenModes {
  const { decPrivateModes, modes } = core.coreService;
  return {
    applicationCursorKeys: decPrivateModes.applicationCursorKeys,
    applicationKeypad: decPrivateModes.applicationKeypad,
    autowrap: decPrivateModes.wraparound,
    bracketedPaste: decPrivateModes.bracketedPasteMode,
    focusReporting: decPrivateModes.sendFocus,
    insert: modes.insertMode,
    kittyKeyboard: keyboards.shown.flags,
    mouseEncoding: MOUSE_ENCODING[core.coreMouseService.activeEncoding] ?? "default",
    mouseTracking: MOUSE_TRACKING[core.coreMouseService.activeProtocol] ?? "none",
    newline: core.optionsService.rawOptions.convertEol,
    origin: decPrivateModes.origin,
    reverseWraparound: decPrivateModes.reverseWraparound,
    synchronizedOutput: decPrivateModes.synchronizedOutput,
  };
}
