// Lines that are run one behind the other again and again.
import type { Command } from "./command.js";
import { TopCounter, type TopPart } from "./top-counter.js";

/** Lines that were run in this order, in one shell, nothing between. */
export interface Sequence {
  readonly lines: readonly string[];
  readonly count: number;
}

const LENGTHS = [2, 3, 4] as const;
const MOST = 4;
/** Cannot stand in a key that is made of lines. */
const BETWEEN = "\0";
/** A line in a key, units. */
const MAX_LINE_UNITS = 500;

/** Counts the sequences of the lines of sessions. */
export class SequenceCounter {
  readonly #counter = new TopCounter({ keys: 20_000, units: 2_000_000 });
  /** The last lines of each shell that is open, by depth. */
  #shells: string[][] = [];

  /** Another session begins. */
  session(): void {
    this.#shells = [];
  }

  /** Takes a command that ended, those within a shell before the one that started it. */
  take({ line, depth }: Command): void {
    const lines = this.#shells[depth] ?? [];
    this.#shells.length = depth;
    this.#shells.push(lines);
    // An unknown line ends what was before.
    if (line === undefined || line.trim() === "") lines.length = 0;
    else this.#follow(lines, line);
  }

  #follow(lines: string[], line: string): void {
    lines.push(line.trim().replaceAll(BETWEEN, " ").slice(0, MAX_LINE_UNITS));
    if (lines.length > MOST) lines.shift();
    for (const length of LENGTHS) {
      const last = lines.slice(-length);
      // The same line over and over is no sequence.
      if (last.length === length && last.some((other) => other !== last[0])) this.#counter.count(last.join(BETWEEN));
    }
  }

  part(): TopPart {
    return this.#counter.part();
  }

  add(part: TopPart): void {
    this.#counter.add(part);
  }

  /**
   * Those that came `least` times, by the lines that a repetition has beyond the first. What is a piece of a longer one and
   * came hardly more often is left out, and so is the same circle entered elsewhere.
   */
  top(most: number, least: number): readonly Sequence[] {
    const candidates = this.#counter
      .top(CANDIDATES, ({ count }, key) => (count >= least ? count * key.split(BETWEEN).length - count : 0))
      .map(({ key, count }) => ({ key: BETWEEN + key + BETWEEN, lines: key.split(BETWEEN), count }));
    const chosen: typeof candidates = [];
    for (const candidate of candidates) {
      if (chosen.length >= most) break;
      if (!chosen.some((other) => isAlike(candidate, other))) chosen.push(candidate);
    }
    return chosen.map(({ lines, count }) => ({ lines, count }));
  }
}

const CANDIDATES = 500;
/** A piece of a sequence stands on its own where it comes this much more often. */
const MORE_OFTEN = 2;

type Candidate = Sequence & { readonly key: string };

function isAlike(candidate: Candidate, chosen: Candidate): boolean {
  const [short, long] = candidate.key.length < chosen.key.length ? [candidate, chosen] : [chosen, candidate];
  if (long.key.includes(short.key)) return short.count < long.count * MORE_OFTEN;
  // a b a is found in b a b
  const circle = BETWEEN + chosen.lines.join(BETWEEN) + chosen.key;
  return candidate.lines.length === chosen.lines.length && circle.includes(candidate.key);
}
