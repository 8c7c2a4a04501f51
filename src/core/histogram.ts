// How much was put out when: output bytes over time, in at most so many steps of equal length, whatever the duration.

/** Output bytes over time, in steps of equal length. */
export interface Histogram {
  /** Length of a step, nanoseconds. */
  readonly step: number;
  readonly bytes: readonly number[];
}

/** Steps of a histogram at most. */
export const MAX_HISTOGRAM_STEPS = 512;
const FIRST_STEP_NANOS = 1_000_000;

/** Counts output as it comes. */
export class HistogramMaker {
  #step = FIRST_STEP_NANOS;
  #bytes: number[] = [];

  /** So many bytes were put out at `time`, nanoseconds. */
  count(time: number, bytes: number): void {
    while (Math.floor(time / this.#step) >= MAX_HISTOGRAM_STEPS) {
      this.#step *= 2;
      this.#bytes = halved(this.#bytes);
    }
    const at = Math.floor(time / this.#step);
    while (this.#bytes.length <= at) this.#bytes.push(0);
    this.#bytes[at] = (this.#bytes[at] ?? 0) + bytes;
  }

  /** As it stands; grows with what is counted. */
  get histogram(): Histogram {
    return { step: this.#step, bytes: this.#bytes };
  }
}

function halved(steps: readonly number[]): number[] {
  const half: number[] = [];
  for (let at = 0; at < steps.length; at += 2) half.push((steps[at] ?? 0) + (steps[at + 1] ?? 0));
  return half;
}
