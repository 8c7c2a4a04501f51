// What stands before a dump on a terminal that was used: a dump changes only what differs from a fresh terminal. A full reset
// (RIS) is no way: this engine and others keep titles, colours and more of what they had, while a user's own terminal may lose
// its scrollback. So each thing is taken back by its own sequence, and what a user may have set himself (titles, colours, tab
// stops, keyboards) only where the output before changed it.
import { dumpHidden, setTabs } from "./dump.js";
import type { Size } from "./dump-cells.js";
import type { Engine } from "./engine.js";
import type { EngineCore } from "./engine-internals.js";
import type { KeyboardState } from "./keyboards.js";
import { PenWriter } from "./pen.js";

/** Ends whatever control sequence or string is open without obeying it, and cuts a character off. */
const CANCEL = "\x18";

/** Style, protection and link; margins, origin, wrapping and other modes; mouse, keys, cursor; charsets. */
const PLAIN_RESET = [
  '\x1b[m\x1b[0"q\x1b]8;;\x1b\\',
  "\x1b[?6l\x1b[r\x1b[?7h\x1b[?45l\x1b[4l\x1b[20l",
  "\x1b[?1000l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2026l\x1b[?1l\x1b>",
  "\x1b[?12l\x1b[0 q\x1b[?25h",
  "\x1b(B\x1b)B\x1b*B\x1b+B\x0f",
].join("");

/** A blank screen, the cursor at home and saved there. */
const CLEAR = "\x1b[H\x1b[2J\x1b7";

/** What the screen is taken back from. */
export interface ResetSource {
  readonly engine: Engine;
  /** A control sequence or a character is not complete. */
  readonly isOpen: boolean;
}

/** Sequences which, written to a terminal that stands as this one, make it a fresh one. */
export function resetScreen({ engine, isOpen }: ResetSource): string {
  const { core, keyboards } = engine;
  const { alt, active } = core._bufferService.buffers;
  const size = { cols: core.cols, rows: core.rows };
  return [
    isOpen ? CANCEL : "",
    active === alt ? "\x1b[?47l" : "",
    PLAIN_RESET,
    resetTabs(core, size),
    CLEAR,
    resetAlternate(engine, size),
    resetKeyboard(keyboards.normal),
    resetTitles(core),
    resetColours(engine),
  ].join("");
}

/** No sequence brings the default stops back. Those of the alternate buffer go with its rows. */
function resetTabs({ _bufferService }: EngineCore, { cols }: Size): string {
  const { tabs } = _bufferService.buffers.normal;
  const stops = Object.keys(tabs).filter((x) => tabs[Number(x)] === true); // one may be behind the last column
  const fresh = Array.from({ length: Math.ceil(cols / 8) }, (_, index) => index * 8);
  return stops.join() === fresh.join() ? "" : setTabs(fresh);
}

/** A hidden alternate buffer keeps its saved cursor and its keyboard. */
function resetAlternate({ core, keyboards: { alternate } }: Engine, size: Size): string {
  const isFresh = dumpHidden(core._bufferService.buffers.alt, alternate, size, new PenWriter(() => undefined)) === "";
  return isFresh ? "" : `\x1b[?47h\x1b7${resetKeyboard(alternate)}\x1b[?47l`;
}

function resetKeyboard({ flags, stack }: KeyboardState): string {
  return flags === 0 && stack.length === 0 ? "" : `\x1b[<${stack.length + 1}u`;
}

function resetTitles({ _inputHandler: handler }: EngineCore): string {
  const { _windowTitle, _windowTitleStack, _iconName, _iconNameStack } = handler;
  const pushed = Math.max(_windowTitleStack.length, _iconNameStack.length);
  return pushed === 0 && _windowTitle === "" && _iconName === "" ? "" : `${"\x1b[23;0t".repeat(pushed)}\x1b]0;\x1b\\`;
}

function resetColours({ colours }: Engine): string {
  const numbers = [...colours.keys()];
  const palette = numbers.filter((index) => index < 256);
  const special = numbers.filter((index) => index >= 256).map((index) => `\x1b]${index - 146}\x1b\\`);
  return `${palette.length === 0 ? "" : `\x1b]104;${palette.join(";")}\x1b\\`}${special.join("")}`;
}
