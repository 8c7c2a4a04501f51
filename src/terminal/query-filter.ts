// Takes out of a program's output the questions that somebody else answers: a terminal that is shown the rest answers nothing.
import { joinBytes } from "./byte-writer.js";
import { type Query, QueryScanner } from "./query-scan.js";

const CAN = Uint8Array.of(0x18);
const NOTHING = new Uint8Array(0);

/** What to show of a chunk. */
export interface FilteredOutput {
  /** Without questions; what was kept back of the chunks before is in it where it was none. */
  readonly shown: Uint8Array;
  /** The same for whoever was shown what was kept back before: a screen's dump ends with what is open. */
  readonly resumed: Uint8Array;
  /** What was kept back before is none of it any more: from here on `shown` is for all. */
  readonly isResolved: boolean;
}

/** Finds the questions, cut anywhere. What may become one is kept back until the next chunk tells. */
export class QueryFilter {
  readonly #scanner = new QueryScanner();
  #held: Uint8Array = NOTHING;

  /** Something is kept back. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Takes the next chunk. What it gives may be a view of it. */
  take(chunk: Uint8Array): FilteredOutput {
    const before = this.#held;
    const queries = this.#scanner.scan(chunk);
    const open = this.#scanner.openBytes;
    if (before.length === 0 && open === 0 && queries.length === 0)
      return { shown: chunk, resumed: chunk, isResolved: true };
    const bytes = joinBytes(before, chunk);
    const end = bytes.length - open;
    this.#held = bytes.slice(end);
    const pieces: Uint8Array[] = [];
    let at = 0;
    for (const query of queries) {
      if (!isQuestion(query)) continue;
      const behind = query.end + before.length;
      pieces.push(bytes.subarray(at, behind - query.terminator.length - query.text.length - 1));
      at = behind;
    }
    pieces.push(bytes.subarray(at, end));
    const shown = pieces.length === 1 ? (pieces[0] ?? NOTHING) : Buffer.concat(pieces);
    if (before.length === 0) return { shown, resumed: shown, isResolved: true };
    if (end < before.length) return { shown, resumed: chunk, isResolved: false };
    const [first = NOTHING, ...others] = pieces;
    // A question that began there is broken off; else what it was goes on.
    const isRemoved = others.length > 0 && first.length < before.length;
    const resumed = isRemoved ? Buffer.concat([CAN, ...others]) : shown.subarray(before.length);
    return { shown, resumed, isResolved: true };
  }
}

/** Terminals answer it. Others of the same look set things: the cursor's form, a keyboard's mode. */
function isQuestion({ text, terminator }: Query): boolean {
  if (text.startsWith("P")) return terminator !== "";
  if (text.startsWith("]")) return isColourQuestion(text.slice(1));
  return text === "Z" || QUESTIONS.test(text);
}

const QUESTIONS =
  /^\[(?:[>=]?[0-9;]*c|\??[0-9;]*n|\??[0-9;]*\$p|>[0-9]*q|(?:11|1[3-9]|2[01])(?:;[0-9]*)*t|\?u|[0-9;]*\$u|&u)$/;

/** One that sets colours as well is left: what is set must be seen. */
function isColourQuestion(text: string): boolean {
  const [code, ...rest] = text.split(";");
  const values = code === "4" ? rest.filter((_, index) => index % 2 === 1) : rest;
  return values.length > 0 && values.every((value) => value === "?");
}
