// The text that a stretch of output shows, line by line, as a terminal would show it. Most output is plain lines, which need no
// screen: one is made when the first thing comes that moves the cursor to another line, and begins with the lines that it could still move to.
import { TextLog } from "./text-log.js";

/** How output becomes text. */
export interface OutputTextOptions {
  readonly cols: number;
  readonly rows: number;
  /** Called with each line, without its line end, in order. */
  readonly onLine: (line: string) => void;
}

/** A line as it came (latin1), and what it shows. */
interface ShownLine {
  readonly raw: string;
  readonly text: string;
}

/** Bytes that are looked at in one go. */
const PIECE_BYTES = 65_536;
/** A line without an end that is longer goes through the screen, which bounds it. */
const MAX_OPEN_UNITS = 16_384;
const TAB_STOP = 8;

/** What changes no text: colours, modes of keys and cursor, ASCII as the character set, titles and marks. */
const SILENT = String.raw`\x1b(?:\[[0-9;:]{0,64}m|\[\?(?:1|12|25|1004|2004|2026)[hl]|\(B|[=>]|\][^\x07\x1b\x18\x1a\x80-\xff]{0,4096}(?:\x07|\x1b\\))`;
/** Lines of ASCII that are written from the left edge, more than once perhaps, as progress is shown. */
const LINES = new RegExp(String.raw`^(?:[\t -~]|${SILENT}|[\r\b]|\x1b\[[02]?K|\n(?<=\r\n))*$`);
const SILENT_ALL = new RegExp(SILENT, "g");
const EDITS = /\r+|\x08|\x1b\[[02]?K|[\t -~]+/g;
const LINE_END = "\r\n";

/**
 * Turns output into lines of text, as {@link TextLog} does: wrapped lines are joined, what the alternate buffer showed is left out,
 * and so are blank lines at the end and blanks at a line's end.
 */
export class OutputText {
  #cols: number;
  #rows: number;
  readonly #onLine: (line: string) => void;
  /** Lines that a screen would still show, as they came (latin1); what follows the last line end. */
  #shown: ShownLine[] = [];
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
    if (this.#log === undefined) {
      const rest = LINES.test(this.#open) ? this.#lineOf(this.#open) : undefined;
      if (rest !== undefined) {
        for (const line of this.#shown) this.#say(line.text);
        this.#say(rest.text);
        return;
      }
    }
    this.#startScreen().end();
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
    if (!LINES.test(lines) || !this.#take(lines.split(LINE_END).slice(0, -1))) {
      this.#open = text;
      this.#startScreen();
    } else if (this.#open.length > MAX_OPEN_UNITS) this.#shortenOpen();
  }

  /** Takes whole lines; false where some are for a screen to tell, and then none is taken. */
  #take(raws: readonly string[]): boolean {
    const lines: ShownLine[] = [];
    for (const raw of raws) {
      const line = this.#lineOf(raw);
      if (line === undefined) return false;
      lines.push({ raw, text: line.text });
    }
    this.#shown.push(...lines);
    const surplus = this.#shown.length - this.#rows;
    if (surplus > 0) for (const { text } of this.#shown.splice(0, surplus)) this.#say(text);
    return true;
  }

  /** What a line shows in the end, and where the cursor then is; undefined where only a screen can tell. */
  #lineOf(raw: string): { readonly text: string; readonly x: number } | undefined {
    const line = raw.replace(SILENT_ALL, "");
    const text = line.replace(/\r+$/, "");
    if (!/[\t\r\b\x1b]/.test(text)) return { text: text.trimEnd(), x: line === text ? line.length : 0 };
    let shown = "";
    let x = 0;
    for (const [edit] of line.matchAll(EDITS)) {
      if (edit.startsWith("\r")) x = 0;
      else if (edit === "\b") x = Math.max(0, x - 1);
      else if (edit === "\x1b[2K") shown = "";
      else if (edit.startsWith("\x1b")) shown = shown.slice(0, x);
      else {
        for (const [index, part] of edit.split("\t").entries()) {
          // A tab writes nothing: what is there stays.
          if (index > 0) x = (Math.floor(x / TAB_STOP) + 1) * TAB_STOP;
          if (part === "") continue;
          shown = shown.slice(0, x).padEnd(x) + part + shown.slice(x + part.length);
          x += part.length;
        }
        // Beyond the last column lines wrap, and tabs stop.
        if (x >= this.#cols) return undefined;
      }
    }
    return { text: shown.trimEnd(), x };
  }

  /** Of a line that was written over and over only the last state counts. */
  #shortenOpen(): void {
    const line = LINES.test(this.#open) ? this.#lineOf(this.#open) : undefined;
    if (line === undefined || line.text.length >= MAX_OPEN_UNITS) this.#startScreen();
    else this.#open = `${line.text}\r${line.text.slice(0, line.x).padEnd(line.x)}`;
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
    for (const { raw } of this.#shown) this.#log.feed(Buffer.from(`${raw}\r\n`, "latin1"));
    this.#log.feed(Buffer.from(this.#open, "latin1"));
    this.#shown = [];
    this.#open = "";
    return this.#log;
  }
}
