// What a terminal showed, as plain text: the lines that scrolled off, then what is left on the screen. Streaming: a line is
// handed out when it scrolls off, so memory stays flat however long the recording.
import { type ScreenLine, trimSpaces } from "./cells.js";
import { Screen } from "./screen.js";

/** How a text log is made. */
export interface TextLogOptions {
  readonly cols: number;
  readonly rows: number;
  /** Called with each line, without its line end. */
  readonly onLine: (line: string) => void;
}

/** A wrapped line longer than this is handed out in parts: output without a line feed must not fill the memory. */
const MAX_LINE_LENGTH = 1_000_000;

/**
 * Turns output into lines of text. Wrapped lines are joined; what the alternate buffer showed (editors, pagers) is not part of
 * it; blank lines at the end are left out.
 */
export class TextLog {
  readonly #screen: Screen;
  readonly #onLine: (line: string) => void;
  #open: string | undefined;
  #blankLines = 0;

  constructor({ cols, rows, onLine }: TextLogOptions) {
    this.#onLine = onLine;
    this.#screen = new Screen({ cols, rows, onHistoryLine: (line) => this.#take(line) });
  }

  feed(bytes: Uint8Array): void {
    this.#screen.feed(bytes);
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
  }

  /** Hands out what is still on the screen. The log may not be used afterwards. */
  end(): void {
    for (const line of this.#screen.normalLines()) this.#take(line);
    this.#flush();
    this.#screen.dispose();
  }

  #take(line: ScreenLine): void {
    const goesOn = line.wrapped && this.#open !== undefined && this.#open.length < MAX_LINE_LENGTH;
    if (!goesOn) this.#flush();
    this.#open = (this.#open ?? "") + line.text({ untrimmed: true });
  }

  #flush(): void {
    if (this.#open === undefined) return;
    const line = trimSpaces(this.#open);
    this.#open = undefined;
    if (line === "") {
      this.#blankLines++;
      return;
    }
    for (; this.#blankLines > 0; this.#blankLines--) this.#onLine("");
    this.#onLine(line);
  }
}
