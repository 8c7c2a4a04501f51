// The line that was typed at a prompt, read from the screen: what stands between the prompt's end and the cursor when the
// command begins. Prompts alone are looked at, each on a screen of its own: shells draw theirs from the left edge, in relative moves.
import { ByteWriter } from "./byte-writer.js";
import { ScreenLine } from "./cells.js";
import { Screen, shownLine } from "./screen.js";

/** A prompt that draws more is not read: it is no prompt. */
const MAX_PROMPT_BYTES = 65_536;
/** Rows of the screen for most prompts, and for those that may need more: nothing scrolls off that the shell moves back to. */
const FEW_ROWS = 16;
const MANY_ROWS = 200;
/** Characters that a byte may stand for: a tab. Bounds what a few bytes can claim to be a line. */
const MAX_BYTE_WIDTH = 8;

const LINE_FEED = 0x0a;
// CAN ends what is open, RIS makes the screen as new.
const RESET = Buffer.from("\x18\x1bc");

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Follows one prompt after the other. Their output is kept, and goes through a screen only when the line is asked for. */
export class TypedLine {
  #cols: number;
  readonly #prompt = new ByteWriter();
  #isOpen = false;
  /** Bytes of the prompt itself; undefined while it has not ended. */
  #promptBytes: number | undefined;
  #screen: Screen | undefined;
  #scrolled = 0;
  #promptText = "";

  constructor(cols: number) {
    this.#cols = cols;
  }

  /** The terminal has so many columns now. */
  resize(cols: number): void {
    this.#cols = cols;
  }

  /** What stood in front of the line that was last read, in its first row. */
  get promptText(): string {
    return this.#promptText;
  }

  /** A prompt begins. */
  begin(): void {
    this.#isOpen = true;
    this.#promptBytes = undefined;
    if (this.#prompt.length > 0) this.#prompt.take();
  }

  /** Output, cut anywhere; costs nothing while no prompt is followed. */
  feed(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    if (this.#prompt.length + bytes.length > MAX_PROMPT_BYTES) this.#isOpen = false;
    else this.#prompt.copy(bytes, 0, bytes.length);
  }

  /** The prompt ended, typing begins; also where its beginning was not seen. `atStart`: the prompt is to be part of the line. */
  mark({ atStart = false } = {}): void {
    if (!this.#isOpen) this.begin();
    this.#promptBytes = atStart ? 0 : this.#prompt.length;
  }

  /** The command begins: the prompt is over. */
  end(): void {
    this.#isOpen = false;
  }

  /** What stands between the prompt's end and the cursor; undefined where it cannot be told. Forgets the prompt. */
  text(): string | undefined {
    if (!this.#isOpen || this.#promptBytes === undefined) return undefined;
    const bytes = this.#prompt.take();
    const screen = this.#screenFor(bytes);
    screen.feed(bytes.subarray(0, this.#promptBytes));
    const start = cursorOf(screen);
    this.#scrolled = 0;
    screen.feed(bytes.subarray(this.#promptBytes));
    const end = cursorOf(screen);
    const startRow = start.y - this.#scrolled;
    if (startRow < 0 || end.y < startRow) return undefined;
    this.#promptText = lineOf(screen, startRow)?.text({ to: start.x, untrimmed: true }) ?? "";
    const mostUnits = (bytes.length - this.#promptBytes) * MAX_BYTE_WIDTH;
    return textBetween(screen, { x: start.x, y: startRow }, end).slice(0, mostUnits).trimEnd();
  }

  /** Frees the screen. */
  dispose(): void {
    this.#screen?.dispose();
  }

  /** A screen as new. Making one takes long, and so does clearing many rows. */
  #screenFor(bytes: Uint8Array): Screen {
    let lines = 1 + bytes.length / this.#cols;
    for (const byte of bytes) if (byte === LINE_FEED) lines++;
    const rows = lines < FEW_ROWS ? FEW_ROWS : MANY_ROWS;
    this.#screen ??= new Screen({ cols: this.#cols, rows, onHistoryLine: () => void this.#scrolled++ });
    this.#screen.resize(this.#cols, rows);
    this.#screen.feed(RESET);
    return this.#screen;
  }
}

function cursorOf(screen: Screen): Place {
  const { x, y, pendingWrap } = screen.cursor;
  return { x: pendingWrap ? x + 1 : x, y };
}

function textBetween(screen: Screen, start: Place, end: Place): string {
  let text = "";
  for (let y = start.y; y <= end.y; y++) {
    const line = lineOf(screen, y);
    if (line === undefined) break;
    const from = y === start.y ? start.x : 0;
    const to = typedEnd(line, from, y === end.y ? end.x : line.cols);
    const isFull = to === line.cols && isWritten(line, to - 1);
    const isWrapped = to === line.cols && shownLine(screen, y + 1)?.isWrapped === true;
    // Some shells break the rows themselves: a full row goes on. Of a wrapped one the last cell may have been too narrow.
    if (y < end.y && isFull) text += line.text({ from, to, untrimmed: true });
    else if (y < end.y && isWrapped) text += line.text({ from, to: to - 1, untrimmed: true });
    else text += `${line.text({ from, to })}\n`;
  }
  return text;
}

function lineOf(screen: Screen, y: number): ScreenLine | undefined {
  const line = shownLine(screen, y);
  return line && new ScreenLine(line);
}

/** Where what was typed in a row ends: before a prompt on the right side, which the shell draws without touching what is between. */
function typedEnd(line: ScreenLine, from: number, to: number): number {
  const edge = line.cols - 1;
  if (to <= edge || !(isWritten(line, edge) || isWritten(line, edge - 1))) return to;
  for (let x = from; x < edge - 1; x++) if (!isWritten(line, x)) return x;
  return to;
}

function isWritten(line: ScreenLine, x: number): boolean {
  const { chars, width } = line.cell(x);
  return chars !== "" || width === 0;
}
