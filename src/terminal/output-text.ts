// The text that a stretch of output shows, line by line, as a terminal would show it. Most output is plain lines, which need no
// screen: one is made when the first thing comes that moves the cursor, and begins with the lines that it could still move to.
import { TextLog } from "./text-log.js";

/** How output becomes text. */
export interface OutputTextOptions {
  readonly cols: number;
  readonly rows: number;
  /** Called with each line, without its line end, in order. */
  readonly onLine: (line: string) => void;
}

/** Bytes that are looked at in one go. */
const PIECE_BYTES = 65_536;
/** A line without an end that is longer goes through the screen, which bounds it. */
const MAX_OPEN_UNITS = 16_384;
const TAB_STOP = 8;

/** Whole lines of ASCII, coloured perhaps. */
const PLAIN_LINES = /^(?:[\t -~]|\x1b\[[0-9;:]{0,64}m|\r+\n)*$/;
const PLAIN_REST = /^(?:[\t -~]|\x1b\[[0-9;:]{0,64}m)*\r*$/;
const COLOURS = /\x1b\[[0-9;:]*m/g;
const LINE_END = /\r+\n/;

/**
 * Turns output into lines of text, as {@link TextLog} does: wrapped lines are joined, what the alternate buffer showed is left out,
 * and so are blank lines at the end and blanks at a line's end.
 */
export class OutputText {
  #cols: number;
  #rows: number;
  readonly #onLine: (line: string) => void;
  /** Lines that a screen would still show, as they came (latin1); what follows the last line end. */
  #shown: string[] = [];
  #open = "";
  #log: TextLog | undefined;
  #blankLines = 0;

  constructor({ cols, rows, onLine }: OutputTextOptions) {
    this.#cols = cols;
    this.#rows = rows;
    this.#onLine = onLine;
  }

  feed(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) this.#feedPiece(bytes.subarray(at, at + PIECE_BYTES));
  }

  resize(cols: number, rows: number): void {
    // What is on the screen then moves in ways that only a screen knows.
    this.#startScreen().resize(cols, rows);
    this.#cols = cols;
    this.#rows = rows;
  }

  /** Hands out what a screen would still show. May not be used afterwards. */
  end(): void {
    if (this.#log === undefined && !(PLAIN_REST.test(this.#open) && this.#fits(this.#open))) this.#startScreen();
    if (this.#log !== undefined) {
      this.#log.end();
      return;
    }
    for (const line of this.#shown) this.#tell(line);
    this.#tell(this.#open);
  }

  #feedPiece(bytes: Uint8Array): void {
    if (this.#log !== undefined) {
      this.#log.feed(bytes);
      return;
    }
    const text = this.#open + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const end = text.lastIndexOf("\n") + 1;
    const lines = text.slice(0, end);
    this.#open = text.slice(end);
    if (!PLAIN_LINES.test(lines)) {
      this.#open = text;
      this.#startScreen();
      return;
    }
    if (end > 0) this.#plain(lines.split(LINE_END));
    if (this.#open.length > MAX_OPEN_UNITS) this.#startScreen();
  }

  /** Lines, and an empty text behind the last line end. */
  #plain(lines: readonly string[]): void {
    const wide = lines.findIndex((line) => !this.#fits(line));
    if (wide >= 0) {
      this.#open = `${lines.join("\r\n")}${this.#open}`;
      this.#startScreen();
      return;
    }
    this.#shown.push(...lines.slice(0, -1));
    const surplus = this.#shown.length - this.#rows;
    if (surplus > 0) for (const line of this.#shown.splice(0, surplus)) this.#tell(line);
  }

  /** Tabs do not go beyond the last column: what stands there is for a screen to tell. */
  #fits(line: string): boolean {
    return !line.includes("\t") || expandTabs(line.replace(COLOURS, "")).length < this.#cols;
  }

  #tell(raw: string): void {
    this.#say(expandTabs(raw.replace(COLOURS, "").replace(/\r+$/, "")).replace(/ +$/, ""));
  }

  #say(line: string): void {
    if (line === "") {
      this.#blankLines++;
      return;
    }
    for (; this.#blankLines > 0; this.#blankLines--) this.#onLine("");
    this.#onLine(line);
  }

  #startScreen(): TextLog {
    if (this.#log !== undefined) return this.#log;
    this.#log = new TextLog({ cols: this.#cols, rows: this.#rows, onLine: (line) => this.#say(line) });
    for (const line of this.#shown) this.#log.feed(Buffer.from(`${line}\r\n`, "latin1"));
    this.#log.feed(Buffer.from(this.#open, "latin1"));
    this.#shown = [];
    this.#open = "";
    return this.#log;
  }
}

function expandTabs(line: string): string {
  if (!line.includes("\t")) return line;
  const [first = "", ...rest] = line.split("\t");
  let text = first;
  for (const part of rest) text = text.padEnd((Math.floor(text.length / TAB_STOP) + 1) * TAB_STOP) + part;
  return text;
}
