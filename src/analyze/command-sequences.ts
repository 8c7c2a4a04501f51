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

/** Its content, as data. */
export interface SequencesPart {
  readonly sequences: TopPart;
  readonly lines: TopPart;
  readonly commands: number;
}

/** Counts the sequences of the lines of sessions. */
export class SequenceCounter {
  /** Lines alone, by which it is known how often they would follow each other by chance. */
  readonly #lines = new TopCounter();
  #commands = 0;
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
    const key = line.trim().replaceAll(BETWEEN, " ").slice(0, MAX_LINE_UNITS);
    this.#commands++;
    this.#lines.count(key);
    lines.push(key);
    if (lines.length > MOST) lines.shift();
    for (const length of LENGTHS) {
      const last = lines.slice(-length);
      // The same line over and over is no sequence.
      if (last.length === length && last.some((other) => other !== last[0])) this.#counter.count(last.join(BETWEEN));
    }
  }

  part(): SequencesPart {
    return { sequences: this.#counter.part(), lines: this.#lines.part(), commands: this.#commands };
  }

  add({ sequences, lines, commands }: SequencesPart): void {
    this.#counter.add(sequences);
    this.#lines.add(lines);
    this.#commands += commands;
  }

  /**
   * Those that came `least` times, and clearly more often than their lines would by chance; the most lines that a
   * repetition has beyond the first come first. Of those that share two lines in a row the first one stands for all, unless
   * another came more than twice as often.
   */
  top(most: number, least: number): readonly Sequence[] {
    const candidates = this.#counter
      .top(CANDIDATES, ({ count }, key) => (count >= least ? count * key.split(BETWEEN).length - count : 0))
      .map(({ key, count }) => ({ lines: key.split(BETWEEN), count }))
      .filter(({ lines, count }) => isMoreThanChance(count, this.#byChance(lines)));
    const chosen: typeof candidates = [];
    for (const candidate of candidates) {
      if (chosen.length >= most) break;
      if (!chosen.some((other) => isAlike(candidate, other))) chosen.push(candidate);
    }
    return chosen;
  }

  /** How often the lines would follow each other if each came without regard to the one before. */
  #byChance(lines: readonly string[]): number {
    return lines.reduce((expected, line) => (expected * this.#lines.countOf(line)) / this.#commands, this.#commands);
  }
}

const CANDIDATES = 500;
const MORE_OFTEN = 2;
/** What comes hardly more often than by chance says nothing. */
const LEAST_LIFT = 2;
/** Of many lines some follow each other twice as often as they would by chance, by chance: not by so many standard deviations. */
const LEAST_DEVIATIONS = 4;

function isMoreThanChance(count: number, expected: number): boolean {
  return count >= LEAST_LIFT * expected && count >= expected + LEAST_DEVIATIONS * Math.sqrt(expected);
}

function isAlike(candidate: Sequence, chosen: Sequence): boolean {
  if (candidate.count > MORE_OFTEN * chosen.count) return false;
  const pairs = new Set(chosen.lines.slice(1).map((line, at) => `${chosen.lines[at]}${BETWEEN}${line}`));
  return candidate.lines.slice(1).some((line, at) => pairs.has(`${candidate.lines[at]}${BETWEEN}${line}`));
}
