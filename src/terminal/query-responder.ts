// Answers the queries of a program that has no terminal of its own: who are you, where is the cursor, which modes are set, which
// colours. Programs wait for these answers, some for seconds.
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html; https://vt100.net/docs/vt510-rm/DECRQM.html
import type { Theme } from "../core/index.js";
import { modeState } from "./mode-state.js";
import { DEFAULT_THEME, paletteColour } from "./palette.js";
import { type Query, QueryScanner } from "./query-scan.js";
import { Screen } from "./screen.js";

/** Answers to one chunk at most: more than a program reads at once, and a hostile stream gets no more of our memory. */
const MAX_ANSWER_BYTES = 4096;
/** The screen made for a question is kept and fed along for this many bytes more: who asks once asks again. */
const KEEP_SCREEN_BYTES = 256 * 1024;

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/** How a responder is made. */
export interface QueryResponderOptions {
  readonly cols: number;
  readonly rows: number;
  /** The colours to tell; white on black with xterm's palette by default. */
  readonly theme?: Theme | undefined;
  /** t2a's version, for XTVERSION. */
  readonly version: string;
  /**
   * The output before the chunk that is being scanned, its last part at most (1 MB is plenty). Called only when a question
   * needs the screen: cursor position, modes.
   */
  readonly recentOutput?: (() => Uint8Array) | undefined;
  /** A screen that stands as after all output so far, in place of `recentOutput`: `scan` feeds it. Its owner resizes it. */
  readonly screen?: Screen | undefined;
}

/** Finds queries in a program's output and answers them as a terminal would. */
export class QueryResponder {
  readonly #scanner = new QueryScanner();
  readonly #theme: Theme;
  readonly #version: string;
  readonly #recentOutput: () => Uint8Array;
  readonly #given: Screen | undefined;
  #size: { readonly cols: number; readonly rows: number };
  #screen: Screen | undefined;
  #unaskedBytes = 0;

  constructor({ cols, rows, theme = DEFAULT_THEME, version, recentOutput, screen }: QueryResponderOptions) {
    this.#size = { cols, rows };
    this.#theme = theme;
    this.#version = version;
    this.#recentOutput = recentOutput ?? (() => NOTHING);
    this.#given = screen;
  }

  /** Takes the next chunk of output, cut anywhere; gives what to write to the program's input. */
  scan(chunk: Uint8Array): Uint8Array | undefined {
    const queries = this.#scanner.scan(chunk);
    if (queries.length === 0 && this.#screen === undefined) {
      this.#given?.feed(chunk);
      return undefined;
    }
    const position = new StreamPosition(chunk, () => this.#screenBefore());
    let answers = "";
    for (const query of queries) {
      if (answers.length >= MAX_ANSWER_BYTES) break;
      answers += this.#answer(query, position) ?? "";
    }
    if (this.#given !== undefined) position.screenAt(chunk.length);
    else this.#keepScreen(chunk, position);
    return answers === "" ? undefined : encoder.encode(answers);
  }

  /** The terminal took a new size. */
  resize(cols: number, rows: number): void {
    this.#size = { cols, rows };
    this.#screen?.resize(cols, rows);
  }

  #screenBefore(): Screen {
    if (this.#given !== undefined) return this.#given;
    if (this.#screen === undefined) {
      this.#screen = new Screen(this.#size);
      this.#screen.feed(this.#recentOutput());
    }
    return this.#screen;
  }

  #keepScreen(chunk: Uint8Array, position: StreamPosition): void {
    if (this.#screen === undefined) return;
    this.#unaskedBytes = position.asked ? 0 : this.#unaskedBytes + chunk.length;
    if (this.#unaskedBytes <= KEEP_SCREEN_BYTES) {
      position.screenAt(chunk.length);
      return;
    }
    this.#screen.dispose();
    this.#screen = undefined;
    this.#unaskedBytes = 0;
  }

  #answer({ text, terminator, end }: Query, position: StreamPosition): string | undefined {
    if (text.startsWith("]")) return this.#answerColours(text.slice(1), terminator);
    if (text.startsWith("P")) return terminator === "" ? undefined : answerString(text);
    const fixed = FIXED_ANSWERS.get(text);
    if (fixed !== undefined) return fixed;
    const { cols, rows } = this.#size;
    switch (text) {
      case "[>q":
      case "[>0q":
        return `\x1bP>|t2a(${this.#version})\x1b\\`;
      case "[18t":
        return `\x1b[8;${rows};${cols}t`;
      case "[19t":
        return `\x1b[9;${rows};${cols}t`;
      case "[6n":
      case "[?6n":
        return cursorReport(position.ask(end), text.startsWith("[?") ? "?" : "");
    }
    const mode = MODE_QUERY.exec(text);
    if (mode === null) return undefined;
    const [, mark = "", number = ""] = mode;
    const state = modeState(position.ask(end), { isPrivate: mark === "?", mode: Number(number) });
    return `\x1b[${mark}${Number(number)};${state}$y`;
  }

  /** OSC 4 ; n ; ? may ask for several entries at once; OSC 10 ; ? ; ? asks for 10 and 11. */
  #answerColours(text: string, terminator: string): string | undefined {
    const [code, ...rest] = text.split(";");
    if (code === "4") {
      return rest
        .flatMap((value, index) => (value === "?" && index % 2 === 1 ? [Number(rest[index - 1])] : []))
        .filter((entry) => Number.isInteger(entry) && entry >= 0 && entry < 256)
        .map((entry) => `\x1b]4;${entry};${toRgb(paletteColour(this.#theme, entry))}${terminator}`)
        .join("");
    }
    const first = Number(code);
    if (!(first >= 10 && first <= 12)) return undefined;
    return rest
      .map((value, index) => ({ value, code: first + index }))
      .filter((slot) => slot.value === "?" && slot.code <= 12)
      .map((slot) => `\x1b]${slot.code};${toRgb(slot.code === 11 ? this.#theme.bg : this.#theme.fg)}${terminator}`)
      .join("");
  }
}

/** The screen as it stands at points of one chunk, in their order: fed only as far, and only if asked. */
class StreamPosition {
  readonly #chunk: Uint8Array;
  readonly #screenBefore: () => Screen;
  #fed = 0;
  asked = false;

  constructor(chunk: Uint8Array, screenBefore: () => Screen) {
    this.#chunk = chunk;
    this.#screenBefore = screenBefore;
  }

  /** The screen just behind a query that ends at this offset. */
  ask(end: number): Screen {
    this.asked = true;
    return this.screenAt(end);
  }

  screenAt(end: number): Screen {
    const screen = this.#screenBefore();
    if (end > this.#fed) screen.feed(this.#chunk.subarray(this.#fed, end));
    this.#fed = Math.max(this.#fed, end);
    return screen;
  }
}

/** A VT220 with colours, as most emulators say of themselves; no kitty keyboard. */
const DA1 = "\x1b[?62;22c";
const FIXED_ANSWERS: ReadonlyMap<string, string> = new Map([
  ["Z", DA1],
  ["[c", DA1],
  ["[0c", DA1],
  ["[>c", "\x1b[>1;10;0c"],
  ["[>0c", "\x1b[>1;10;0c"],
  ["[=c", "\x1bP!|00000000\x1b\\"],
  ["[=0c", "\x1bP!|00000000\x1b\\"],
  ["[5n", "\x1b[0n"],
  ["[?u", "\x1b[?0u"],
]);

const MODE_QUERY = /^\[(\??)([0-9]{1,5})\$p$/;

/** DECRQSS and XTGETTCAP: "not known" is an answer too, and ends the wait. */
function answerString(text: string): string | undefined {
  if (text.startsWith("P$q")) return "\x1bP0$r\x1b\\";
  return text.startsWith("P+q") ? "\x1bP0+r\x1b\\" : undefined;
}

/** Rows count from the top margin in origin mode. */
function cursorReport(screen: Screen, mark: string): string {
  const { x, y } = screen.cursor;
  const row = screen.modes.origin ? y - screen.margins.top : y;
  return `\x1b[${mark}${row + 1};${x + 1}R`;
}

/** `#rrggbb` as `rgb:rrrr/gggg/bbbb`. */
function toRgb(colour: string): string {
  const parts = [1, 3, 5].map((start) => colour.slice(start, start + 2));
  return `rgb:${parts.map((part) => part + part).join("/")}`;
}
