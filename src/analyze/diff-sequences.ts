// What is the same in two lists of texts, and what is not: the fewest items that are taken out of one and put into the other.
import { diffArrays } from "diff/lib/diff/array.js";

/** How much looking for differences may still cost; shared by all of one comparison. */
export interface DiffBudget {
  /** Steps: a difference of n edits takes about n² of them. */
  steps: number;
  /** Lines of hunks that may still be given. */
  lines: number;
}

/** A stretch of items: in both lists, in the first alone, in the second alone. */
export interface Stretch {
  readonly kind: "same" | "removed" | "added";
  readonly count: number;
}

/** Stretches in order; what is removed stands before what is added in its place. */
export interface SequenceDiff {
  readonly stretches: readonly Stretch[];
  /** It would have cost too much: only the beginnings and the ends that are the same were looked for. */
  readonly isRough: boolean;
}

/** Edits that are looked for at most in one pair of lists. */
const MAX_EDITS = 2_000;
/** Steps of a whole comparison: some seconds. */
const MAX_STEPS = 40_000_000;

/** Lines of hunks of a whole comparison. */
const MAX_LINES = 100_000;

/** What a whole comparison may cost. */
export function createBudget(): DiffBudget {
  return { steps: MAX_STEPS, lines: MAX_LINES };
}

/**
 * Compares two lists. Comparing them the other way round gives the same with removed and added exchanged.
 */
export function diffSequences(a: readonly string[], b: readonly string[], budget: DiffBudget): SequenceDiff {
  // Of several shortest differences the one that is found depends on which list comes first: always the same one does.
  if (!isBefore(a, b)) return inOrder(a, b, budget);
  const { stretches, isRough } = inOrder(b, a, budget);
  const exchanged = { same: "same", removed: "added", added: "removed" } as const;
  return { stretches: tidy(stretches.map(({ kind, count }) => ({ kind: exchanged[kind], count }))), isRough };
}

/** Whether the first of two lists stands before the second in an order of lists: what depends on order is done in this one. */
export function isBefore(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  const at = a.findIndex((item, n) => item !== b[n]);
  return at >= 0 && (a[at] as string) < (b[at] as string);
}

function inOrder(a: readonly string[], b: readonly string[], budget: DiffBudget): SequenceDiff {
  const most = Math.min(a.length, b.length);
  let first = 0;
  while (first < most && a[first] === b[first]) first++;
  let last = 0;
  while (last < most - first && a[a.length - 1 - last] === b[b.length - 1 - last]) last++;
  const middle = diffMiddle(a.slice(first, a.length - last), b.slice(first, b.length - last), budget);
  const [before, behind] = [first, last].map((count): Stretch => ({ kind: "same", count })) as [Stretch, Stretch];
  return { stretches: tidy([before, ...middle.stretches, behind]), isRough: middle.isRough };
}

function diffMiddle(a: readonly string[], b: readonly string[], budget: DiffBudget): SequenceDiff {
  const whole: readonly Stretch[] = [
    { kind: "removed", count: a.length },
    { kind: "added", count: b.length },
  ];
  if (a.length === 0 || b.length === 0) return { stretches: whole, isRough: false };
  // Texts as numbers: comparing them costs the same however long they are.
  const numbers = new Map<string, number>();
  const numbered = (items: readonly string[]) =>
    items.map((item) => {
      const number = numbers.get(item) ?? numbers.size;
      numbers.set(item, number);
      return number;
    });
  const [left, right] = [numbered(a), numbered(b)];
  if (numbers.size === new Set(left).size + new Set(right).size) return { stretches: whole, isRough: false }; // nothing in common
  const maxEditLength = Math.min(MAX_EDITS, Math.floor(Math.sqrt(Math.max(0, budget.steps))));
  const changes = diffArrays(left, right, { maxEditLength });
  const stretches = changes?.map(({ added, removed, count }): Stretch => {
    return { kind: added ? "added" : removed ? "removed" : "same", count };
  });
  const edits = stretches?.reduce((sum, { kind, count }) => sum + (kind === "same" ? 0 : count), 0) ?? maxEditLength;
  budget.steps -= edits ** 2;
  return { stretches: stretches ?? whole, isRough: stretches === undefined };
}

/** Neighbours of a kind joined, empty ones left out, removed before added. */
function tidy(stretches: readonly Stretch[]): Stretch[] {
  const tidied: Stretch[] = [];
  let [removed, added, same] = [0, 0, 0];
  const flush = () => {
    if (removed > 0) tidied.push({ kind: "removed", count: removed });
    if (added > 0) tidied.push({ kind: "added", count: added });
    [removed, added] = [0, 0];
  };
  for (const { kind, count } of stretches) {
    if (count === 0) continue;
    if (kind === "same") {
      flush();
      same += count;
      continue;
    }
    if (same > 0) tidied.push({ kind: "same", count: same });
    same = 0;
    if (kind === "removed") removed += count;
    else added += count;
  }
  flush();
  if (same > 0) tidied.push({ kind: "same", count: same });
  return tidied;
}
