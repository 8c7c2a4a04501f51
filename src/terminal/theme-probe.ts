// What the user's terminal says of itself: its colours (OSC 10, 11, 4), its name and version (XTVERSION). Pure: the queries to
// write and a parser of the answers; who writes and reads them, and how long to wait, is the caller's business.
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (Operating System Commands; XTVERSION; DA1)
import type { Theme } from "../core/index.js";

const PALETTE_SIZE = 16;

/** The queries to write. Every terminal answers the last of them, DA1, and answers come in order: then all are in. */
export function themeQueries(): Uint8Array {
  const colours = ["10", "11", ...Array.from({ length: PALETTE_SIZE }, (_, index) => `4;${index}`)];
  return new TextEncoder().encode(`${colours.map((code) => `\x1b]${code};?\x1b\\`).join("")}\x1b[>q\x1b[c`);
}

/** What the answers said. */
export interface ThemeAnswers {
  /** Only where foreground, background and 8 or 16 colours of the palette were told. */
  readonly theme?: Theme;
  readonly termVersion?: string;
}

const ANSWER =
  /^\x1b(?:\](10|11|4;[0-9]{1,3});rgba?:([0-9a-f]{1,4}(?:\/[0-9a-f]{1,4}){2,3})(?:\x07|\x1b\\)|P>\|([^\x00-\x1f]{0,200})\x1b\\|\[\?[0-9;]{0,64}(c))/i;

/** The beginning of an answer, cut by the end of what has come so far. */
const ANSWER_START =
  /^\x1b(?:\[(?:\?[0-9;]{0,64})?|P(?:>(?:\|[^\x00-\x1f]{0,200}\x1b?)?)?|\](?:1[01]?|4(?:;[0-9]{0,3})?)?|\](?:10|11|4;[0-9]{1,3});(?:r|rg|rgba?|rgba?:[0-9a-f/]{0,19}\x1b?)?)?$/i;

/** Beginnings of answers that no key sends: the end of one must have been lost, or comes too late. */
const NEVER_TYPED = /^\x1b(?:\][0-9]|P>)/;

/** Takes the terminal's answers out of what the terminal sends; what the user typed meanwhile is kept. */
export class ThemeAnswerParser {
  readonly #colours = new Map<string, string>();
  #termVersion: string | undefined;
  #done = false;
  /** One character a byte. */
  #typed = "";
  #pending = "";

  /** The last answer is in: what comes now is the user's. */
  get done(): boolean {
    return this.#done;
  }

  /** Takes what the terminal sent, cut anywhere. */
  feed(bytes: Uint8Array): void {
    let text = this.#pending + Buffer.from(bytes).toString("latin1");
    this.#pending = "";
    while (text !== "" && !this.#done) {
      const begin = text.indexOf("\x1b");
      this.#typed += begin < 0 ? text : text.slice(0, begin);
      text = begin < 0 ? "" : text.slice(begin);
      const answer = ANSWER.exec(text);
      if (answer !== null) {
        this.#take(answer);
        text = text.slice(answer[0].length);
      } else if (ANSWER_START.test(text)) {
        this.#pending = text;
        return;
      } else {
        this.#typed += text.slice(0, 1);
        text = text.slice(1);
      }
    }
    this.#typed += text;
  }

  /** What was told so far. */
  result(): ThemeAnswers {
    const theme = this.#theme();
    return {
      ...(theme === undefined ? {} : { theme }),
      ...(this.#termVersion === undefined ? {} : { termVersion: this.#termVersion }),
    };
  }

  /** Takes out what the user typed. Call it when done, or when done waiting: half a key that was held back is in it. */
  leftover(): Uint8Array {
    const rest = NEVER_TYPED.test(this.#pending) ? "" : this.#pending;
    const leftover = Buffer.from(this.#typed + rest, "latin1");
    this.#typed = "";
    this.#pending = "";
    return new Uint8Array(leftover);
  }

  #take([, code, colour, version, isLast]: RegExpExecArray): void {
    if (code !== undefined && colour !== undefined) this.#colours.set(code, parseColour(colour));
    if (version !== undefined) this.#termVersion = Buffer.from(version, "latin1").toString("utf8");
    if (isLast !== undefined) this.#done = true;
  }

  #theme(): Theme | undefined {
    const fg = this.#colours.get("10");
    const bg = this.#colours.get("11");
    if (fg === undefined || bg === undefined) return undefined;
    const palette: string[] = [];
    for (let index = 0; index < PALETTE_SIZE; index++) {
      const colour = this.#colours.get(`4;${index}`);
      if (colour === undefined) break;
      palette.push(colour);
    }
    if (palette.length < 8) return undefined;
    return { fg, bg, palette: palette.length < PALETTE_SIZE ? palette.slice(0, 8) : palette };
  }
}

/** `hhhh/hhhh/hhhh` with 1-4 digits each, scaled as XParseColor does; a fourth value is transparency. */
function parseColour(text: string): string {
  const values = text.split("/").slice(0, 3);
  return `#${values.map((hex) => scaleToByte(hex).toString(16).padStart(2, "0")).join("")}`;
}

function scaleToByte(hex: string): number {
  return Math.round((Number.parseInt(hex, 16) / (16 ** hex.length - 1)) * 255);
}
