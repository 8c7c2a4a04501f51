// The line that was typed at a prompt, read from the screen: what stands between the prompt's end and the cursor when the
// command begins. Only prompts are fed, each to a screen of its own: shells draw theirs from the left edge, in relative moves.
import { ScreenLine, trimSpaces } from "./cells.js";
import { Screen, shownLine } from "./screen.js";

/** A prompt that draws more is not read: it is no prompt. */
const MAX_PROMPT_BYTES = 65_536;
/** Rows a prompt and its line may take. Above the rows of most terminals: nothing scrolls off that the shell moves back to. */
const PROMPT_ROWS = 200;
/** Characters that a byte may stand for: a tab. Bounds what a few bytes can claim to be a line. */
const MAX_BYTE_WIDTH = 8;

// CAN ends what is open, RIS makes the screen as new.
const RESET = Buffer.from("\x18\x1bc");

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Follows one prompt after the other. */
export class TypedLine {
  #cols: number;
  #screen: Screen | undefined;
  /** Bytes that may still be fed; 0: no prompt is followed. */
  #budget = 0;
  #start: Place | undefined;
  #typedBytes = 0;
  #scrolled = 0;

  constructor(cols: number) {
    this.#cols = cols;
  }

  /** The terminal has so many columns now. */
  resize(cols: number): void {
    this.#cols = cols;
    this.#screen?.resize(cols, PROMPT_ROWS);
  }

  /** A prompt begins. */
  begin(): void {
    this.#screen ??= new Screen({ cols: this.#cols, rows: PROMPT_ROWS, onHistoryLine: () => void this.#scrolled++ });
    this.#screen.feed(RESET);
    this.#budget = MAX_PROMPT_BYTES;
    this.#start = undefined;
  }

  /** Output, cut anywhere; costs nothing while no prompt is followed. */
  feed(bytes: Uint8Array): void {
    if (this.#budget === 0 || bytes.length === 0) return;
    const fed = bytes.subarray(0, this.#budget);
    this.#screen?.feed(fed);
    this.#budget -= fed.length;
    this.#typedBytes += fed.length;
  }

  /** The prompt ended, typing begins; also where its beginning was not seen. */
  mark(): void {
    if (this.#budget === 0) this.begin();
    this.#start = this.#cursor();
    this.#typedBytes = 0;
    this.#scrolled = 0;
  }

  /** The command begins: the prompt is over. */
  end(): void {
    this.#budget = 0;
  }

  /** What stands between the prompt's end and the cursor; undefined where it cannot be told. */
  text(): string | undefined {
    if (this.#budget === 0 || this.#start === undefined) return undefined;
    const [start, end] = [{ ...this.#start, y: this.#start.y - this.#scrolled }, this.#cursor()];
    if (start.y < 0 || end.y < start.y) return undefined;
    return this.#textBetween(start, end)
      .slice(0, this.#typedBytes * MAX_BYTE_WIDTH)
      .trimEnd();
  }

  /** Frees the screen. */
  dispose(): void {
    this.#screen?.dispose();
  }

  #cursor(): Place {
    const { x = 0, y = 0, pendingWrap = false } = this.#screen?.cursor ?? {};
    return { x: pendingWrap ? x + 1 : x, y };
  }

  #textBetween(start: Place, end: Place): string {
    let text = "";
    for (let y = start.y; y <= end.y; y++) {
      const line = this.#line(y);
      if (line === undefined) break;
      const goesOn = y < end.y && this.#line(y + 1)?.wrapped === true;
      const part = cellsText(line, y === start.y ? start.x : 0, y === end.y ? end.x : line.cols);
      text += goesOn ? part : `${trimSpaces(part)}\n`;
    }
    return text;
  }

  #line(y: number): ScreenLine | undefined {
    const line = this.#screen && shownLine(this.#screen, y);
    return line && new ScreenLine(line);
  }
}

function cellsText(line: ScreenLine, from: number, to: number): string {
  let text = "";
  for (let x = from; x < to; ) {
    const { chars, width } = line.cell(x);
    text += chars === "" ? " " : chars;
    x += width || 1;
  }
  return text;
}
