// Takes out of what a user's terminal sends what it answers to questions: those are answered by somebody else, and a second answer
// would be typed into the shell. Keys, pasted text, the mouse and the focus pass.
import { joinBytes } from "./byte-writer.js";

const ESC = 0x1b;
const NOTHING = new Uint8Array(0);
/** A longer string is no answer. */
const MAX_REPLY_BYTES = 4096;

/**
 * Whole answers: device attributes; status; cursor position (`1;2R` to `1;16R` is F3 with modifiers); modes; window reports; kitty's
 * keyboard; colours; DECRQSS, XTGETTCAP, XTVERSION, tertiary attributes.
 */
const REPLY =
  /^\x1b(?:\[[?>][0-9;]*c|\[\??[0-9;]*n|\[(?!1;(?:[2-9]|1[0-6])R)\??[0-9]+;[0-9]+(?:;[0-9]+)?R|\[\??[0-9]+;[0-9]+\$y|\[[0-9]+(?:;[0-9]+)*t|\[\?[0-9]+u|\](?:4;[0-9]+|1[0-9]);[^\x07\x1b]*(?:\x07|\x1b\\)|P[0-9!>|$+][^\x1b]*\x1b\\)/;

/** What may become one: never less than three bytes, as escape and its combinations are keys. */
const BEGINNING =
  /^\x1b(?:\[[?>][0-9;]*\$?|\[[0-9]+(?:;[0-9]*)*\$?|\](?:4?|1[0-9]?)|\](?:4|1[0-9]);[^\x07\x1b]*\x1b?|P[0-9!>|$+][^\x1b]*\x1b?)$/;

/** Finds the answers, cut anywhere. */
export class ReplyFilter {
  #held: Uint8Array = NOTHING;

  /** Something is kept back that may become an answer: after some 50 ms without more it is none, and `flush` gives it. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** What of the next bytes is typed. */
  take(chunk: Uint8Array): Uint8Array {
    if (this.#held.length === 0 && chunk.indexOf(ESC) < 0) return chunk;
    const bytes = joinBytes(this.#held, chunk);
    this.#held = NOTHING;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (let at = text.indexOf("\x1b"); at >= 0; ) {
      const rest = text.slice(at, at + MAX_REPLY_BYTES);
      const reply = REPLY.exec(rest)?.[0];
      if (reply !== undefined) {
        pieces.push(bytes.subarray(from, at));
        from = at + reply.length;
      } else if (
        at + rest.length === text.length &&
        rest.length >= 3 &&
        rest.length < MAX_REPLY_BYTES &&
        BEGINNING.test(rest)
      ) {
        pieces.push(bytes.subarray(from, at));
        this.#held = bytes.slice(at);
        return Buffer.concat(pieces);
      }
      at = text.indexOf("\x1b", Math.max(at + 1, from));
    }
    pieces.push(bytes.subarray(from));
    return Buffer.concat(pieces);
  }

  /** What was kept back is no answer. */
  flush(): Uint8Array {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }
}
