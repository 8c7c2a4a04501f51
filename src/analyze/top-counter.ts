// Counts by key in bounded memory: what occurs often is counted well, what is rare among very many may be forgotten.

/** What is counted of a key. */
export interface Tally {
  readonly count: number;
  /** Of them: ended with another status than 0. */
  readonly failed: number;
  /** Of them: with a known duration, and the sum of these, nanoseconds. */
  readonly ended: number;
  readonly runningNs: number;
}

/** A counter's content, as data. */
export interface TopPart {
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly missed: number;
}

type OpenTally = { -readonly [Key in keyof Tally]: Tally[Key] };

/** Bounds of a {@link TopCounter}. */
export interface TopCounterOptions {
  /** Keys that are kept when there are twice as many. */
  readonly keys?: number;
  /** Units of all keys that are kept when there are twice as many. */
  readonly units?: number;
}

const DEFAULT_KEYS = 10_000;
const DEFAULT_UNITS = 2_000_000;
/** Longer keys are counted by their beginning. */
const MAX_KEY_UNITS = 4096;

/**
 * A counter that forgets the rarest keys when it has twice as many as it is to keep. No count is ever too high, and none is
 * too low by more than `missed`.
 */
export class TopCounter {
  readonly #maxKeys: number;
  readonly #maxUnits: number;
  #tallies = new Map<string, OpenTally>();
  #units = 0;
  #missed = 0;

  constructor({ keys = DEFAULT_KEYS, units = DEFAULT_UNITS }: TopCounterOptions = {}) {
    this.#maxKeys = keys;
    this.#maxUnits = units;
  }

  /** Counts the key once. `durationNs` undefined: not known. */
  count(key: string, hasFailed = false, durationNs?: number): void {
    const tally = this.#tallyOf(clipKey(key));
    tally.count++;
    if (hasFailed) tally.failed++;
    if (durationNs === undefined) return;
    tally.ended++;
    tally.runningNs += durationNs;
  }

  /** Keys that are known by now. */
  get size(): number {
    return this.#tallies.size;
  }

  countOf(key: string): number {
    return this.#tallies.get(clipKey(key))?.count ?? 0;
  }

  /** How much any count may be too low; 0 as long as nothing was forgotten. */
  get missed(): number {
    return this.#missed;
  }

  /** The keys of the greatest `rank`, by count where that is not given; equal ones as they came. */
  top(most: number, rank: (tally: Tally, key: string) => number = ({ count }) => count): (Tally & { key: string })[] {
    const ranked = [...this.#tallies].map(([key, tally]) => ({ key, tally, rank: rank(tally, key) }));
    return ranked
      .filter((entry) => entry.rank > 0)
      .sort((a, b) => b.rank - a.rank)
      .slice(0, most)
      .map(({ key, tally }) => ({ key, ...tally }));
  }

  part(): TopPart {
    return { tallies: this.#tallies, missed: this.#missed };
  }

  add({ tallies, missed }: TopPart): void {
    this.#missed += missed;
    for (const [key, { count, failed, ended, runningNs }] of tallies) {
      const tally = this.#tallyOf(key);
      tally.count += count;
      tally.failed += failed;
      tally.ended += ended;
      tally.runningNs += runningNs;
    }
  }

  #tallyOf(key: string): OpenTally {
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      if (this.#tallies.size >= 2 * this.#maxKeys || this.#units >= 2 * this.#maxUnits) this.#forget();
      tally = { count: 0, failed: 0, ended: 0, runningNs: 0 };
      this.#tallies.set(key, tally);
      this.#units += key.length;
    }
    return tally;
  }

  /** Keeps the most frequent keys, of equally frequent ones those that came first; without sorting all of them. */
  #forget(): void {
    const least = this.#leastKept();
    const kept = new Map<string, OpenTally>();
    let room = this.#room((count) => count > least);
    let units = 0;
    let forgotten = 0;
    for (const [key, tally] of this.#tallies) {
      if (tally.count === least && room.keys > 0 && room.units >= key.length)
        room = { keys: room.keys - 1, units: room.units - key.length };
      else if (tally.count <= least) {
        forgotten = Math.max(forgotten, tally.count);
        continue;
      }
      kept.set(key, tally);
      units += key.length;
    }
    this.#missed += forgotten;
    this.#tallies = kept;
    this.#units = units;
  }

  /** The count from which on there is room, if not for all keys of just this count. */
  #leastKept(): number {
    const sizes = new Map<number, { keys: number; units: number }>();
    for (const [key, { count }] of this.#tallies) {
      const size = sizes.get(count) ?? { keys: 0, units: 0 };
      size.keys++;
      size.units += key.length;
      sizes.set(count, size);
    }
    let keys = 0;
    let units = 0;
    for (const [count, size] of [...sizes].sort(([a], [b]) => b - a)) {
      keys += size.keys;
      units += size.units;
      if (keys >= this.#maxKeys || units >= this.#maxUnits) return count;
    }
    return 0;
  }

  /** What is left for others than the keys of these counts. */
  #room(isKept: (count: number) => boolean): { readonly keys: number; readonly units: number } {
    let keys = this.#maxKeys;
    let units = this.#maxUnits;
    for (const [key, { count }] of this.#tallies) {
      if (!isKept(count)) continue;
      keys--;
      units -= key.length;
    }
    return { keys, units };
  }
}

function clipKey(key: string): string {
  return key.length <= MAX_KEY_UNITS ? key : `${key.slice(0, MAX_KEY_UNITS - 1)}…`;
}
