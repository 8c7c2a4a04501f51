// Which command of one recording is which of another: the most commands of the same line in the same order, and between those
// the ones whose lines are alike.
import { type DiffBudget, diffSequences, isBefore } from "./diff-sequences.js";

/** Numbers (from 0) of two commands that stand for each other, or of one that stands alone. */
export interface AlignedPair {
  readonly a: number | undefined;
  readonly b: number | undefined;
}

/** An alignment, in an order in which neither list goes back. */
export interface Alignment {
  readonly pairs: readonly AlignedPair[];
  /** It would have cost too much: more may be the same than is told. */
  readonly isRough: boolean;
}

/** Pairs of lines that are looked at between two commands of the same line. */
const MAX_COMPARED = 10_000;
/** Characters of a line that are looked at for likeness. */
const MAX_LINE = 400;
/** Likeness from 0 to 1 of lines that begin with the same word, and of others. */
const LIKE_SAME_WORD = 0.5;
const LIKE_OTHER_WORD = 0.75;

/** Aligns commands by their lines; undefined ones are the same as each other. */
export function alignCommands(
  a: readonly (string | undefined)[],
  b: readonly (string | undefined)[],
  budget: DiffBudget,
): Alignment {
  const [left, right] = [a.map(keyOf), b.map(keyOf)];
  if (!isBefore(left, right)) return align(left, right, budget);
  // Of several that are as good the same one is found whichever recording comes first.
  const { pairs, isRough } = align(right, left, budget);
  return { pairs: pairs.map((pair) => ({ a: pair.b, b: pair.a })), isRough };
}

function align(left: readonly string[], right: readonly string[], budget: DiffBudget): Alignment {
  const { stretches, isRough } = diffSequences(left, right, budget);
  const pairs: AlignedPair[] = [];
  let [atA, atB] = [0, 0];
  for (let n = 0; n < stretches.length; n++) {
    const { kind, count } = stretches[n] as { kind: string; count: number };
    if (kind === "same") {
      for (let k = 0; k < count; k++) pairs.push({ a: atA++, b: atB++ });
      continue;
    }
    const removed = kind === "removed" ? count : 0;
    const next = stretches[n + 1];
    const added = kind === "added" ? count : next?.kind === "added" ? next.count : 0;
    if (kind === "removed" && added > 0) n++;
    const gap = pairGap(left.slice(atA, atA + removed), right.slice(atB, atB + added));
    for (const pair of gap) {
      pairs.push({
        a: pair.a === undefined ? undefined : atA + pair.a,
        b: pair.b === undefined ? undefined : atB + pair.b,
      });
    }
    atA += removed;
    atB += added;
  }
  return { pairs, isRough };
}

/** A line's end does not count; what is unknown is like no line that can be typed. */
function keyOf(line: string | undefined): string {
  return line === undefined ? "\n" : line.trimEnd();
}

/** Pairs of commands that are alike, with the greatest likeness in all; first the first list's others, then the second's. */
function pairGap(a: readonly string[], b: readonly string[]): readonly AlignedPair[] {
  if (a.length === 0 || b.length === 0 || a.length * b.length > MAX_COMPARED) return alone(a.length, b.length);
  const cols = b.length + 1;
  const likeness = a.map((line) => b.map((other) => likenessOf(line, other)));
  const best = new Float64Array((a.length + 1) * cols);
  const at = (i: number, j: number) => best[i * cols + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const like = likeness[i]?.[j] ?? 0;
      const paired = like > 0 ? like + at(i + 1, j + 1) : 0;
      best[i * cols + j] = Math.max(paired, at(i + 1, j), at(i, j + 1));
    }
  }
  return walk(a.length, b.length, at, (i, j) => likeness[i]?.[j] ?? 0);
}

function walk(
  rows: number,
  cols: number,
  best: (i: number, j: number) => number,
  likeness: (i: number, j: number) => number,
): readonly AlignedPair[] {
  const pairs: AlignedPair[] = [];
  let [i, j] = [0, 0];
  while (i < rows && j < cols) {
    const like = likeness(i, j);
    if (like > 0 && best(i, j) === like + best(i + 1, j + 1)) pairs.push({ a: i++, b: j++ });
    else if (best(i, j) === best(i + 1, j)) pairs.push({ a: i++, b: undefined });
    else pairs.push({ a: undefined, b: j++ });
  }
  while (i < rows) pairs.push({ a: i++, b: undefined });
  while (j < cols) pairs.push({ a: undefined, b: j++ });
  return pairs;
}

function alone(a: number, b: number): readonly AlignedPair[] {
  return [
    ...Array.from({ length: a }, (_, n) => ({ a: n, b: undefined })),
    ...Array.from({ length: b }, (_, n) => ({ a: undefined, b: n })),
  ];
}

/** How alike two lines are, 0 where they are not: the words, or the pairs of letters, that they share. */
export function likenessOf(a: string, b: string): number {
  const [left, right] = [a.slice(0, MAX_LINE), b.slice(0, MAX_LINE)];
  const [wordsA, wordsB] = [left.split(/\s+/), right.split(/\s+/)];
  const letters = sharedShare(letterPairs(left), letterPairs(right));
  if (wordsA[0] === wordsB[0]) {
    const like = Math.max(sharedShare(wordsA, wordsB), letters);
    return like >= LIKE_SAME_WORD ? like : 0;
  }
  return letters >= LIKE_OTHER_WORD ? letters : 0;
}

function letterPairs(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2));
}

/** Sørensen and Dice's share of what two bags have in common. */
function sharedShare(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const item of a) counts.set(item, (counts.get(item) ?? 0) + 1);
  let shared = 0;
  for (const item of b) {
    const count = counts.get(item) ?? 0;
    if (count > 0) shared++;
    counts.set(item, count - 1);
  }
  return a.length + b.length === 0 ? 0 : (2 * shared) / (a.length + b.length);
}
