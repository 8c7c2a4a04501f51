// Active and idle time, the longest gaps, and how much of the idle time passed in a given stretch of the session.
import { Greatest } from "./greatest.js";
import type { IdleGap } from "./performance-report.js";

/** Time without events is idle where it is longer than this, nanoseconds. */
export const IDLE_NANOS = 5_000_000_000;
const LISTED = 10;
/** Gaps whose places are remembered, for commands that run across them: then the older half is forgotten. */
const MAX_PLACES = 65_536;

/** Its content, as data. */
export interface IdlePart {
  readonly totalNs: number;
  readonly idleNs: number;
  readonly gaps: readonly IdleGap[];
}

/** Told of the time of each event, in order. */
export class IdleMeter {
  #totalNs = 0;
  #idleNs = 0;
  readonly #gaps = new Greatest<IdleGap>(LISTED, ({ durationNs }) => durationNs);
  #session = "";
  #last = 0;
  /** The ends of the idle gaps that count as waiting, and their sum up to each. */
  #ends: number[] = [];
  #sums: number[] = [];
  /** The sum up to the last one that was forgotten. */
  #forgotten = 0;

  session(name: string): void {
    this.#session = name;
    this.#last = 0;
    this.#ends = [];
    this.#sums = [];
    this.#forgotten = 0;
  }

  /** `canWait`: a gap that ends here is waiting, where a command runs. */
  event(time: number, canWait: boolean): void {
    const durationNs = time - this.#last;
    if (durationNs > IDLE_NANOS) this.#gap(durationNs, time, canWait);
    this.#last = time;
  }

  #gap(durationNs: number, time: number, canWait: boolean): void {
    this.#idleNs += durationNs;
    if (this.#gaps.wants(durationNs)) this.#gaps.take({ session: this.#session, startNs: this.#last, durationNs });
    if (!canWait) return;
    if (this.#ends.length >= MAX_PLACES) {
      this.#forgotten = this.#sums[MAX_PLACES / 2 - 1] ?? 0;
      this.#ends = this.#ends.slice(MAX_PLACES / 2);
      this.#sums = this.#sums.slice(MAX_PLACES / 2);
    }
    this.#ends.push(time);
    this.#sums.push((this.#sums.at(-1) ?? this.#forgotten) + durationNs);
  }

  /** Waiting between two moments at which there were events. */
  waited(start: number, end: number): number {
    return this.#sumAt(end) - this.#sumAt(start);
  }

  /** The sum of the gaps that end at `time` at the latest. */
  #sumAt(time: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return this.#sums[low - 1] ?? this.#forgotten;
  }

  /** The session is over at that time. */
  end(duration: number): void {
    this.event(Math.max(duration, this.#last), false);
    this.#totalNs += this.#last;
  }

  get totalNs(): number {
    return this.#totalNs;
  }

  get idleNs(): number {
    return this.#idleNs;
  }

  get gaps(): readonly IdleGap[] {
    return this.#gaps.items;
  }

  part(): IdlePart {
    return { totalNs: this.#totalNs, idleNs: this.#idleNs, gaps: this.#gaps.items };
  }

  add({ totalNs, idleNs, gaps }: IdlePart): void {
    this.#totalNs += totalNs;
    this.#idleNs += idleNs;
    this.#gaps.add(gaps);
  }
}
