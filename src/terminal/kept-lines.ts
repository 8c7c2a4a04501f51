// Lines of which the first and the last are kept, when all are too many.
import { counted } from "../core/index.js";

/** Lines that are let go of before the list of the last ones is made anew, at least; half of the list, so that it costs little. */
const SLACK_LINES = 4096;

/** Keeps lines up to a bound: a quarter of it for the first ones, the rest for the last ones. */
export class KeptLines {
  readonly #maxFirst: number;
  readonly #maxLast: number;
  readonly #first: string[] = [];
  #last: string[] = [];
  /** The lines of `#last` before this one are let go of. */
  #from = 0;
  #firstUnits = 0;
  #lastUnits = 0;
  #isFirstFull = false;
  #leftOut = 0;

  /** `maxUnits`: UTF-16 units, a line's end counts as one. */
  constructor(maxUnits: number) {
    this.#maxFirst = Math.floor(maxUnits / 4);
    this.#maxLast = maxUnits - this.#maxFirst;
  }

  /** Lines that are not kept. */
  get leftOut(): number {
    return this.#leftOut;
  }

  push(line: string): void {
    const units = line.length + 1;
    if (!this.#isFirstFull && this.#firstUnits + units <= this.#maxFirst) {
      this.#first.push(line);
      this.#firstUnits += units;
      return;
    }
    this.#isFirstFull = true;
    this.#last.push(line);
    this.#lastUnits += units;
    while (this.#lastUnits > this.#maxLast) this.#letGo();
  }

  /** The lines that are kept, and between them one that says how many are not. */
  all(): readonly string[] {
    const last = this.#last.slice(this.#from);
    if (this.#leftOut === 0) return [...this.#first, ...last];
    return [...this.#first, `[${counted(this.#leftOut, "line")} left out]`, ...last];
  }

  #letGo(): void {
    this.#lastUnits -= (this.#last[this.#from]?.length ?? 0) + 1;
    this.#from++;
    this.#leftOut++;
    if (this.#from < SLACK_LINES || this.#from * 2 < this.#last.length) return;
    this.#last = this.#last.slice(this.#from);
    this.#from = 0;
  }
}
