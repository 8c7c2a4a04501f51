// Looks through appearances for a pattern. A hit is a match that has not been on the screen before: one that lies in what the
// line held already, wholly in front of the change or wholly behind it, was told when it appeared. A line that appears is one
// hit, however often the pattern matches in it: at the first new match.
import type { Appearances } from "./text-chunk.js";
import { isPlain } from "./text-pattern.js";
import type { TextHit, TextPattern } from "./text-search.js";

/** A hit, and the number of the appearance that it is in. */
export interface NumberedHit extends TextHit {
  readonly line: string;
  readonly number: number;
}

/** The hits in order. */
export function* scan(appearances: Appearances, pattern: TextPattern): Generator<NumberedHit> {
  const candidates = isPlain(pattern) ? matchingLines(appearances.text, pattern.regex) : allLines(appearances.text);
  for (const { number, start, end } of candidates) {
    const line = appearances.text.slice(start, end);
    const match = findNew(pattern.regex, line, appearances.prefixes[number] ?? 0, appearances.suffixes[number] ?? 0);
    if (match === undefined) continue;
    const [events, time] = [appearances.events[number] ?? 0, appearances.times[number] ?? 0];
    yield { number, events, time, line, ...match };
  }
}

interface Line {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** The lines that the pattern is in: most texts have none, and are looked through as a whole. */
function* matchingLines(text: string, regex: RegExp): Generator<Line> {
  let number = 0;
  let start = 0;
  for (;;) {
    regex.lastIndex = start;
    const match = regex.exec(text);
    if (match === null) return;
    let end = text.indexOf("\n", start);
    for (; end >= 0 && end < match.index; number++) {
      start = end + 1;
      end = text.indexOf("\n", start);
    }
    if (end < 0) return;
    yield { number, start, end };
    number++;
    start = end + 1;
  }
}

function* allLines(text: string): Generator<Line> {
  let start = 0;
  for (let number = 0; ; number++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return;
    yield { number, start, end };
    start = end + 1;
  }
}

/** The first match that is not all in the text that was there before. Matches may overlap: the next begins a unit later. */
function findNew(regex: RegExp, line: string, prefix: number, suffix: number) {
  for (let from = 0; from <= line.length; ) {
    regex.lastIndex = from;
    const match = regex.exec(line);
    if (match === null) return undefined;
    const start = match.index;
    const { length } = match[0];
    const isOld = start + length <= prefix || start >= line.length - suffix;
    if (length > 0 && !isOld) return { start, length };
    from = start + 1;
  }
  return undefined;
}
