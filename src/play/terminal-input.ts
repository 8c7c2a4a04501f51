// What a user does at a terminal, and how the terminal says it: names for the keys, places for the mouse. After
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (xterm's modifiers, SGR mouse reports) and kitty's `CSI u`.

/** A key that was pressed. */
export interface Key {
  readonly kind: "key";
  /** `left`, `home`, `pageup`, `f1`, `enter`, `escape`, `space` ...; for others the character, with shift already in it: `n`, `N`. */
  readonly name: string;
  /** Only where the name does not tell: `shift` with `left`, not with `N`. */
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
  /** The character typed, where one was. */
  readonly text?: string;
}

/** Something done with the mouse. */
export interface MouseInput {
  readonly kind: "mouse";
  readonly action: "press" | "drag" | "release" | "wheel-up" | "wheel-down";
  /** 0 left, 1 middle, 2 right. */
  readonly button: number;
  /** The cell, from 0. */
  readonly x: number;
  readonly y: number;
}

/** Text that was pasted. Anything may be in it. */
export interface Paste {
  readonly kind: "paste";
  readonly text: string;
}

/** One thing that a user did. */
export type TerminalInput = Key | MouseInput | Paste;

/** Shift, alt and ctrl as xterm counts them, less one. */
const SHIFT = 1;
const ALT = 2;
const CTRL = 4;

/** A key by its name. */
export function namedKey(name: string, modifiers = 0): Key {
  const [shift, alt, ctrl] = [SHIFT, ALT, CTRL].map((bit) => (modifiers & bit) !== 0) as [boolean, boolean, boolean];
  return { kind: "key", name, shift, alt, ctrl };
}

const CONTROL_NAMES: Readonly<Record<number, string>> = {
  8: "backspace",
  9: "tab",
  10: "enter",
  13: "enter",
  27: "escape",
  127: "backspace",
};

/** The key that types this character: one code point. */
export function characterKey(text: string, modifiers = 0): Key {
  const code = text.codePointAt(0) ?? 0;
  const name = CONTROL_NAMES[code];
  if (name !== undefined) return namedKey(name, modifiers);
  if (code === 0) return namedKey("space", modifiers | CTRL);
  if (code < 0x20) return namedKey(String.fromCharCode(code + 0x40).toLowerCase(), modifiers | CTRL);
  if (code >= 0x7f && code < 0xa0) return namedKey("");
  const key = namedKey(text === " " ? "space" : text, modifiers & ~(text === " " ? 0 : SHIFT));
  return key.alt || key.ctrl ? key : { ...key, text };
}

/** The same key with alt. */
export function withAlt(key: Key): Key {
  const { text: _, ...rest } = key;
  return { ...rest, alt: true };
}

const BY_FINAL: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};
const BY_NUMBER: Readonly<Record<number, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** The key of `SS3 final`; undefined where it is none. */
export function keypadKey(final: string): Key | undefined {
  if (final === "M") return namedKey("enter");
  const name = BY_FINAL[final];
  return name === undefined ? undefined : namedKey(name);
}

/** The key of the Linux console's `CSI [ final`. */
export function consoleKey(final: string): Key | undefined {
  const number = "ABCDE".indexOf(final) + 1;
  return number === 0 ? undefined : namedKey(`f${number}`);
}

/** What a control sequence says that the user did; undefined for answers of the terminal, and what is unknown. */
export function sequenceInput(parameters: string, final: string): Key | MouseInput | undefined {
  if (parameters.startsWith("<")) return mouseInput(parameters.slice(1), final);
  if (!/^[0-9;:]*$/.test(parameters)) return undefined;
  const [first = 0, second = 1, third = 0] = parameters
    .split(";")
    .map((value) => Number.parseInt(value, 10) || undefined);
  const modifiers = (second - 1) & (SHIFT | ALT | CTRL);
  if (final === "Z") return namedKey("tab", SHIFT);
  if (final === "u") return codeKey(first, modifiers);
  if (final === "~" && first === 27) return codeKey(third, modifiers);
  // A cursor position report ends as F3 does.
  const name = final === "~" ? BY_NUMBER[first] : final === "R" ? undefined : BY_FINAL[final];
  return name === undefined ? undefined : namedKey(name, modifiers);
}

function codeKey(code: number, modifiers: number): Key | undefined {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return characterKey(String.fromCodePoint(code), modifiers);
}

const MOUSE_BUTTON = 3;
const MOUSE_MOTION = 32;
const MOUSE_WHEEL = 64;

/** SGR mouse reports. Motion without a button, horizontal wheels and further buttons are nothing. */
function mouseInput(parameters: string, final: string): MouseInput | undefined {
  const match = /^([0-9]{1,3});([0-9]{1,5});([0-9]{1,5})$/.exec(parameters);
  if (match === null || (final !== "M" && final !== "m")) return undefined;
  const [code, col, row] = match.slice(1).map(Number) as [number, number, number];
  const button = code & MOUSE_BUTTON;
  const place = { button, x: Math.max(0, col - 1), y: Math.max(0, row - 1) };
  if ((code & MOUSE_WHEEL) !== 0) {
    if (button > 1 || code >= 128) return undefined;
    return { kind: "mouse", action: button === 0 ? "wheel-up" : "wheel-down", ...place };
  }
  if (button === MOUSE_BUTTON || code >= 128) return undefined;
  const action = final === "m" ? "release" : (code & MOUSE_MOTION) !== 0 ? "drag" : "press";
  return { kind: "mouse", action, ...place };
}
