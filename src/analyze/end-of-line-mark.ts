// What zsh writes behind a command's output before it says that the command ended: a mark where the output had no line end
// (PROMPT_EOL_MARK), and blanks that bring the cursor to the next line if there is one. No output of the command.
import type { OpenCommand } from "./shell-level.js";

/** Bytes at the end of a command's output that are kept: terminals of so many columns, nearly. */
const TAIL_BYTES = 1024;
const LINE_FEED = 0x0a;
const BLANKS = " ".repeat(8);
/** What stands before the blanks, from its end to its beginning: colours around what zsh or fish shows. */
const SHOWN = ["%", "#", "\xe2\x8f\x8e"];

/** Follows the end of what a command printed. */
export class EndOfLineMark {
  #command: OpenCommand | undefined;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Output of that command; the bytes are kept for a while. */
  feed(bytes: Uint8Array, command: OpenCommand | undefined): void {
    if (command === undefined) return;
    if (command !== this.#command) this.#keepNothing(command);
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    while (this.#bytes - (this.#pieces[0]?.length ?? 0) >= TAIL_BYTES) this.#bytes -= this.#pieces.shift()?.length ?? 0;
  }

  /**
   * The length of such a mark at the end of what the command printed, 0 where there is none; whether text stands before it.
   * It is told once.
   */
  take(command: OpenCommand): { readonly bytes: number; readonly isBehindText: boolean } {
    if (command !== this.#command) return { bytes: 0, isBehindText: false };
    const tail = Buffer.concat(this.#pieces).subarray(-TAIL_BYTES);
    this.#keepNothing(undefined);
    const text = tail.toString("latin1");
    const blanksEnd = text.length - (text.endsWith("\r \r") ? 3 : 2);
    const isMark = text.endsWith("\r") && text[blanksEnd] === "\r" && text.endsWith(BLANKS, blanksEnd);
    const start = isMark ? markStart(text, blanksEnd) : text.length;
    const last = tail[start - 1];
    return { bytes: text.length - start, isBehindText: last !== undefined && last !== LINE_FEED };
  }

  #keepNothing(command: OpenCommand | undefined): void {
    this.#command = command;
    this.#pieces = [];
    this.#bytes = 0;
  }
}

/**
 * Where such a mark begins whose blanks end there; bytes as latin1. `isOnRow`: a carriage return may stand in front of it. It is
 * found backwards, in one go: a regular expression would try all ways to share colours out.
 */
export function markStart(text: string, blanksEnd: number, { isOnRow = false } = {}): number {
  let at = blanksEnd;
  while (text[at - 1] === " ") at--;
  at = beforeColours(text, at);
  const shown = SHOWN.find((char) => text.endsWith(char, at));
  if (shown !== undefined) at = beforeColours(text, at - shown.length);
  if (isOnRow && text[at - 1] === "\r") at = beforeColours(text, at - 1);
  return at;
}

function beforeColours(text: string, end: number): number {
  let at = end;
  for (;;) {
    const next = beforeColour(text, at);
    if (next === at) return at;
    at = next;
  }
}

function beforeColour(text: string, end: number): number {
  if (text.endsWith("\x1b(B", end)) return end - 3;
  if (text[end - 1] !== "m") return end;
  let at = end - 1;
  while (/[0-9;]/.test(text[at - 1] ?? "")) at--;
  return text.endsWith("\x1b[", at) ? at - 2 : end;
}
