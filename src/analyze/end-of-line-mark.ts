// What zsh writes behind a command's output before it says that the command ended: a mark where the output had no line end
// (PROMPT_EOL_MARK), and blanks that bring the cursor to the next line if there is one. No output of the command.
import type { OpenCommand } from "./shell-level.js";

/** Bytes at the end of a command's output that are kept: terminals of so many columns, nearly. */
const TAIL_BYTES = 1024;
const LINE_FEED = 0x0a;
const MARK = /(?:\x1b\[[0-9;]*m)*[%#]?(?:\x1b\[[0-9;]*m)* {8,}\r ?\r$/;

/** Follows the end of what a command printed. */
export class EndOfLineMark {
  #command: OpenCommand | undefined;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Output of that command; the bytes are kept for a while. */
  feed(bytes: Uint8Array, command: OpenCommand | undefined): void {
    if (command === undefined) return;
    if (command !== this.#command) {
      this.#command = command;
      this.#pieces = [];
      this.#bytes = 0;
    }
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    while (this.#bytes - (this.#pieces[0]?.length ?? 0) >= TAIL_BYTES) this.#bytes -= this.#pieces.shift()?.length ?? 0;
  }

  /** The length of such a mark at the end of what the command printed, 0 where there is none; whether text stands before it. */
  find(command: OpenCommand): { readonly bytes: number; readonly isBehindText: boolean } {
    if (command !== this.#command) return { bytes: 0, isBehindText: false };
    const tail = Buffer.concat(this.#pieces).subarray(-TAIL_BYTES);
    const bytes = MARK.exec(tail.toString("latin1"))?.[0].length ?? 0;
    const last = tail[tail.length - bytes - 1];
    return { bytes, isBehindText: last !== undefined && last !== LINE_FEED };
  }
}
