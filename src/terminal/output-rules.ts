// The allow-list: which control functions of a recording may reach the user's terminal, as tables. What is not here is dropped.
// Left out on purpose: everything that asks for an answer, that changes what the user's keys send (application cursor keys,
// keypad, mouse, paste, focus, kitty keyboard: while a recording plays, the keys go to the player), and what cannot be undone
// (CSI 3 J wipes the user's own scrollback; DECCOLM; window operations).
// Names after ECMA-48 and https://invisible-island.net/xterm/ctlseqs/ctlseqs.html

/** How an allowed control sequence is let through. */
export type CsiRule =
  /** As it is, numbers bounded. */
  | "plain"
  /** Only with at most one parameter: with more it means something else (CSI T: mouse tracking, CSI s: side margins). */
  | "single"
  | "repeat"
  | "erase"
  | "style"
  | "margins"
  | "tabs"
  | "cursorStyle"
  | "protect"
  | "softReset"
  | "ansiMode"
  | "privateMode";

const CSI_RULES: Readonly<Record<string, CsiRule>> = {
  "@": "plain",
  A: "plain",
  B: "plain",
  C: "plain",
  D: "plain",
  E: "plain",
  F: "plain",
  G: "plain",
  H: "plain",
  I: "plain",
  J: "erase",
  K: "plain",
  L: "plain",
  M: "plain",
  P: "plain",
  S: "plain",
  T: "single",
  X: "plain",
  Z: "plain",
  "`": "plain",
  a: "plain",
  b: "repeat",
  d: "plain",
  e: "plain",
  f: "plain",
  g: "tabs",
  h: "ansiMode",
  l: "ansiMode",
  m: "style",
  r: "margins",
  s: "single",
  u: "single",
  "?J": "erase",
  "?K": "plain",
  "?h": "privateMode",
  "?l": "privateMode",
  " q": "cursorStyle",
  '"q': "protect",
  " @": "plain",
  " A": "plain",
  "'}": "plain",
  "'~": "plain",
  "!p": "softReset",
};

/** The key of a control sequence in {@link findCsiRule}'s table. 0 stands for no prefix, no intermediate. */
export function csiKey(prefix: number, intermediate: number, final: number): number {
  return (prefix << 16) | (intermediate << 8) | final;
}

const RULES_BY_KEY: ReadonlyMap<number, CsiRule> = new Map(
  Object.entries(CSI_RULES).map(([name, rule]) => {
    const final = name.charCodeAt(name.length - 1);
    const first = name.length === 2 ? name.charCodeAt(0) : 0;
    return [first >= 0x30 ? csiKey(first, 0, final) : csiKey(0, first, final), rule];
  }),
);

/** The rule for a control sequence; undefined where it is not allowed. */
export function findCsiRule(key: number): CsiRule | undefined {
  return RULES_BY_KEY.get(key);
}

/** Allowed ANSI modes (insert, newline), with the state a terminal has them in. */
export const ANSI_MODES: ReadonlyMap<number, boolean> = new Map([
  [4, false],
  [20, false],
]);

/**
 * Allowed DEC private modes with the state a terminal has them in: reverse video, origin, autowrap, cursor visible, reverse
 * wraparound, synchronized output; and the alternate buffers.
 */
export const PRIVATE_MODES: ReadonlyMap<number, boolean> = new Map([
  [5, false],
  [6, false],
  [7, true],
  [25, true],
  [45, false],
  [2026, false],
  [47, false],
  [1047, false],
  [1048, false],
  [1049, false],
]);

/** The modes of {@link PRIVATE_MODES} that show the alternate buffer. */
export const ALTERNATE_BUFFER_MODES: ReadonlySet<number> = new Set([47, 1047, 1049]);

/** Allowed finals after ESC: DECSC DECRC IND NEL HTS RI, and LS2 LS3 (undone as charsets are). */
export const ESC_FINALS: ReadonlySet<string> = new Set(["7", "8", "D", "E", "H", "M", "n", "o"]);

/** G0-G3 designators after ESC. */
export const CHARSET_SLOTS = "()*+";

/** National and graphic sets that may be designated; none of them changes the encoding, as ESC % does. */
export const CHARSETS: ReadonlySet<string> = new Set([..."012AB4C5RfQ9KY`E6ZH7="]);
