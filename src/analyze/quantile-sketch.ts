// Percentiles of any number of values in bounded memory: a histogram whose buckets grow by a fixed ratio.

/** A sketch's content, as data. */
export interface SketchPart {
  readonly buckets: ReadonlyMap<number, number>;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** What a sketch knows, in the unit of its values. */
export interface Quantiles {
  readonly count: number;
  readonly average: number;
  /** Half of the values are not greater; and so on. Within 1 percent. */
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** How far a percentile may be from the true one, as a share of it. */
export const QUANTILE_ERROR = 0.01;
const LOG_RATIO = Math.log((1 + QUANTILE_ERROR) / (1 - QUANTILE_ERROR));
/** Of values below 1, zero among them: whole nanoseconds and bytes are counted. */
const BELOW_ONE = -1;

/** Takes values from 0; those up to 2^53 take fewer than 1,900 buckets. */
export class QuantileSketch {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  take(value: number): void {
    const bucket = value < 1 ? BELOW_ONE : Math.ceil(Math.log(value) / LOG_RATIO);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** The value that a `share` (0-1) of the values do not exceed, the smallest such; 0 where there is none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    if (this.#count === 0) return 0;
    if (rank === this.#count) return this.#max;
    let seen = 0;
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      seen += this.#buckets.get(bucket) ?? 0;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)));
    }
    return this.#max;
  }

  /** Undefined where no value was taken. */
  get quantiles(): Quantiles | undefined {
    if (this.#count === 0) return undefined;
    const [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map((share) => Math.round(this.quantile(share)));
    const average = Math.round(this.#sum / this.#count);
    return { count: this.#count, average, p50: p50 ?? 0, p90: p90 ?? 0, p95: p95 ?? 0, p99: p99 ?? 0, max: this.#max };
  }

  part(): SketchPart {
    return { buckets: this.#buckets, count: this.#count, sum: this.#sum, min: this.#min, max: this.#max };
  }

  add({ buckets, count, sum, min, max }: SketchPart): void {
    for (const [bucket, number] of buckets) this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + number);
    this.#count += count;
    this.#sum += sum;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }
}

/** The value whose distance to both ends of the bucket is the same share of them. */
function middleOf(bucket: number): number {
  if (bucket === BELOW_ONE) return 0;
  const end = Math.exp(bucket * LOG_RATIO);
  return end * (1 - QUANTILE_ERROR);
}
