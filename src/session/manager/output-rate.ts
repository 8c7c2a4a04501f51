// How much is printed of late.

/** Seconds that are looked at. */
const SECONDS = 5;

/** Counts bytes by seconds. */
export class OutputRate {
  readonly #bytes = new Array<number>(SECONDS).fill(0);
  #second = 0;

  add(bytes: number, now: number): void {
    this.#moveTo(now);
    const at = this.#second % SECONDS;
    this.#bytes[at] = (this.#bytes[at] ?? 0) + bytes;
  }

  /** Bytes a second. */
  at(now: number): number {
    this.#moveTo(now);
    return Math.round(this.#bytes.reduce((sum, bytes) => sum + bytes, 0) / SECONDS);
  }

  #moveTo(now: number): void {
    const second = Math.floor(now / 1000);
    if (second < this.#second || second - this.#second >= SECONDS) this.#bytes.fill(0);
    else for (let at = this.#second + 1; at <= second; at++) this.#bytes[at % SECONDS] = 0;
    this.#second = second;
  }
}
