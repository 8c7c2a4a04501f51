// The lines of a text, looked at one by one.

/** Of a line, UTF-16 units that are looked at and given. */
export const MAX_LINE_UNITS = 500;
/** Of a text, units that are looked at: its beginning and, four times as much, its end. */
const MAX_TEXT_UNITS = 1 << 20;

/** The lines of a text, by their place in it: none is copied before it is looked at. */
export class TextLines {
  readonly #text: string;
  /** Where lines begin. */
  readonly #starts: number[] = [0];
  /** Number of the first line behind what was left out in the middle, and how many lines that is. */
  readonly #gap: { readonly at: number; readonly lines: number };

  constructor(whole: string) {
    const { text, keptUnits, leftOut } = shorten(whole);
    this.#text = text;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
    this.#gap = { at: keptUnits, lines: leftOut };
  }

  get text(): string {
    return this.#text;
  }

  get count(): number {
    return this.#starts.length;
  }

  /** The beginning of the line, without blanks at its end. */
  at(line: number): string {
    const start = this.#starts[line] ?? this.#text.length;
    const end = Math.min((this.#starts[line + 1] ?? this.#text.length + 1) - 1, start + MAX_LINE_UNITS);
    return this.#text.slice(start, end).trimEnd();
  }

  /** Its number in the whole text, from 1. */
  numberOf(line: number): number {
    return line + 1 + ((this.#starts[line] ?? 0) >= this.#gap.at ? this.#gap.lines : 0);
  }

  startOf(line: number): number {
    return this.#starts[line] ?? this.#text.length;
  }
}

/** Its beginning and its end, cut between lines where there are any. */
function shorten(text: string): { readonly text: string; readonly keptUnits: number; readonly leftOut: number } {
  if (text.length <= MAX_TEXT_UNITS) return { text, keptUnits: Number.POSITIVE_INFINITY, leftOut: 0 };
  const headEnd = text.lastIndexOf("\n", MAX_TEXT_UNITS / 5) + 1 || MAX_TEXT_UNITS / 5;
  const tailFrom = text.length - (MAX_TEXT_UNITS * 4) / 5;
  const tailStart = text.indexOf("\n", tailFrom) + 1 || tailFrom;
  let leftOut = 0;
  for (let at = text.indexOf("\n", headEnd); at >= 0 && at < tailStart; at = text.indexOf("\n", at + 1)) leftOut++;
  return { text: text.slice(0, headEnd) + text.slice(tailStart), keptUnits: headEnd, leftOut };
}
