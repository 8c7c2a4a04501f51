// The lines in which two texts differ, with some lines around them.
import { type DiffBudget, diffSequences, type Stretch } from "./diff-sequences.js";

/** One line of a difference. Comes from the recording: never shown raw. */
export interface DiffLine {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

/** Neighbouring differences; lines are counted from 1. */
export interface Hunk {
  readonly aStart: number;
  readonly aLines: number;
  readonly bStart: number;
  readonly bLines: number;
  readonly lines: readonly DiffLine[];
}

/** How two texts differ. */
export interface TextDiff {
  /** Lines that only the first, only the second has. */
  readonly removed: number;
  readonly added: number;
  readonly hunks: readonly Hunk[];
  /** Lines of hunks that are not given: there are too many. */
  readonly leftOut: number;
  /** The shortest difference would have cost too much: this is a longer one. */
  readonly isRough: boolean;
}

/** Lines around what differs. */
const CONTEXT = 3;
/** Lines of hunks that are given of one pair of texts. */
const MAX_LINES = 2_000;

/** Compares texts line by line. */
export function diffText(a: string, b: string, budget: DiffBudget): TextDiff {
  const [left, right] = [linesOf(a), linesOf(b)];
  const { stretches, isRough } = diffSequences(left, right, budget);
  const counted = (kind: Stretch["kind"]) =>
    stretches.reduce((sum, stretch) => sum + (stretch.kind === kind ? stretch.count : 0), 0);
  const { hunks, leftOut } = hunksOf(stretches, left, right, Math.min(MAX_LINES, budget.lines));
  budget.lines -= hunks.reduce((sum, { lines }) => sum + lines.length, 0);
  return { removed: counted("removed"), added: counted("added"), hunks, leftOut, isRough };
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.split("\n");
}

/** A hunk while lines are added to it. */
class OpenHunk {
  readonly lines: DiffLine[] = [];
  readonly aStart: number;
  readonly bStart: number;

  constructor(a: number, b: number) {
    this.aStart = a + 1;
    this.bStart = b + 1;
  }

  add(kind: DiffLine["kind"], texts: readonly string[]): void {
    for (const text of texts) this.lines.push({ kind, text });
  }

  close(): Hunk {
    const without = (kind: DiffLine["kind"]) => this.lines.filter((line) => line.kind !== kind).length;
    const { aStart, bStart, lines } = this;
    return { aStart, aLines: without("added"), bStart, bLines: without("removed"), lines };
  }
}

function hunksOf(stretches: readonly Stretch[], left: readonly string[], right: readonly string[], maxLines: number) {
  const hunks: Hunk[] = [];
  let open: OpenHunk | undefined;
  let [a, b, given, leftOut] = [0, 0, 0, 0];
  stretches.forEach(({ kind, count }, n) => {
    if (kind === "same") {
      const isLast = n === stretches.length - 1;
      if (open !== undefined) open.add("same", left.slice(a, a + Math.min(count, CONTEXT)));
      if (open !== undefined && (isLast || count > 2 * CONTEXT)) {
        hunks.push(open.close());
        open = undefined;
      } else open?.add("same", left.slice(a + CONTEXT, a + count));
    } else {
      open ??= opened(left, a, b);
      const texts = kind === "removed" ? left.slice(a, a + count) : right.slice(b, b + count);
      const room = Math.max(0, maxLines - given);
      open.add(kind, texts.slice(0, room));
      given += Math.min(room, count);
      leftOut += Math.max(0, count - room);
    }
    if (kind !== "added") a += count;
    if (kind !== "removed") b += count;
  });
  if (open !== undefined) hunks.push((open as OpenHunk).close());
  return { hunks, leftOut };
}

function opened(left: readonly string[], a: number, b: number): OpenHunk {
  // Before a difference both lists are the same for at least as long as since the last one.
  const context = Math.min(CONTEXT, a, b);
  const hunk = new OpenHunk(a - context, b - context);
  hunk.add("same", left.slice(a - context, a));
  return hunk;
}
