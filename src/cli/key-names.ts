// Keys by the names that tmux has for them, as the bytes that xterm sends: `C-c`, `M-x`, `Enter`, `Up`, `F5`, `C-Left`. What is no name
// is typed as it stands.

/** How a program wants its keys told. */
export interface KeyModes {
  /** Cursor keys in their application form. */
  readonly applicationCursorKeys: boolean;
}

const ESC = "\x1b";

/** What a key sends alone. */
const PLAIN: Readonly<Record<string, string>> = {
  enter: "\r",
  tab: "\t",
  btab: `${ESC}[Z`,
  escape: ESC,
  space: " ",
  bspace: "\x7f",
};

/** Keys whose sequences end in a letter, those in which the application form differs. */
const CURSOR_FINALS: Readonly<Record<string, string>> = {
  up: "A",
  down: "B",
  right: "C",
  left: "D",
  end: "F",
  home: "H",
};
const FUNCTION_FINALS: Readonly<Record<string, string>> = { f1: "P", f2: "Q", f3: "R", f4: "S" };

/** Keys whose sequences have a number. */
const NUMBERS: Readonly<Record<string, number>> = {
  ic: 2,
  insert: 2,
  dc: 3,
  delete: 3,
  ppage: 5,
  pageup: 5,
  pgup: 5,
  npage: 6,
  pagedown: 6,
  pgdn: 6,
  f5: 15,
  f6: 17,
  f7: 18,
  f8: 19,
  f9: 20,
  f10: 21,
  f11: 23,
  f12: 24,
};

const SHIFT = 1;
const ALT = 2;
const CTRL = 4;
const MODIFIERS: Readonly<Record<string, number>> = { S: SHIFT, M: ALT, C: CTRL, "^": CTRL };

/** The names of a line, separated by blanks. */
export function splitKeyNames(text: string): readonly string[] {
  return text.split(/\s+/).filter((name) => name !== "");
}

/** Whether what any of these keys sends depends on {@link KeyModes}. */
export function dependsOnModes(names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() in CURSOR_FINALS);
}

/** The bytes that these keys send, one after the other. */
export function keyBytes(names: readonly string[], modes: KeyModes): Uint8Array {
  return Buffer.from(names.map((name) => keyText(name, modes)).join(""), "utf8");
}

function keyText(name: string, modes: KeyModes): string {
  const { modifiers, base } = splitModifiers(name);
  const key = base.toLowerCase();
  const named = namedKey(key, modifiers, modes);
  if (named !== undefined) return named;
  if (modifiers === 0 || [...base].length !== 1) return name;
  return withModifiers(base, modifiers) ?? name;
}

/** `C-`, `M-` and `S-` in any order before the key, and `^` alone. */
function splitModifiers(name: string): { readonly modifiers: number; readonly base: string } {
  let modifiers = 0;
  let base = name;
  for (;;) {
    const match = /^(?:([CMS])-|(\^))(?=.)/su.exec(base);
    if (match === null) return { modifiers, base };
    modifiers |= MODIFIERS[match[1] ?? match[2] ?? ""] ?? 0;
    base = base.slice(match[0].length);
  }
}

function namedKey(key: string, modifiers: number, { applicationCursorKeys }: KeyModes): string | undefined {
  const cursor = CURSOR_FINALS[key];
  const final = cursor ?? FUNCTION_FINALS[key];
  if (final !== undefined) {
    if (modifiers !== 0) return `${ESC}[1;${modifiers + 1}${final}`;
    return cursor !== undefined && !applicationCursorKeys ? `${ESC}[${final}` : `${ESC}O${final}`;
  }
  const number = NUMBERS[key];
  if (number !== undefined) return `${ESC}[${number}${modifiers === 0 ? "" : `;${modifiers + 1}`}~`;
  const plain = PLAIN[key];
  if (plain === undefined) return undefined;
  if (key === "tab" && (modifiers & SHIFT) !== 0) return namedKey("btab", modifiers & ~SHIFT, PLAIN_MODES);
  const controlled = key === "space" && (modifiers & CTRL) !== 0 ? "\0" : plain;
  return `${(modifiers & ALT) === 0 ? "" : ESC}${controlled}`;
}

const PLAIN_MODES: KeyModes = { applicationCursorKeys: false };

/** A character with modifiers; undefined where no terminal sends that. */
function withModifiers(character: string, modifiers: number): string | undefined {
  const shifted = (modifiers & SHIFT) === 0 ? character : character.toUpperCase();
  const controlled = (modifiers & CTRL) === 0 ? shifted : controlCharacter(shifted);
  if (controlled === undefined) return undefined;
  return `${(modifiers & ALT) === 0 ? "" : ESC}${controlled}`;
}

function controlCharacter(character: string): string | undefined {
  if (character === "?") return "\x7f";
  if (character === " " || character === "2") return "\0";
  return /^[@-_a-z]$/.test(character) ? String.fromCharCode(character.toUpperCase().charCodeAt(0) & 0x1f) : undefined;
}
