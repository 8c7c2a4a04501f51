// How much was put out when: rates by the second, bursts, and the whole over time.
import { type Histogram, HistogramMaker } from "../core/index.js";
import { Greatest } from "./greatest.js";
import { addHistograms } from "./histogram-sum.js";
import type { Burst, BurstFigures } from "./performance-report.js";
import { QuantileSketch, type SketchPart } from "./quantile-sketch.js";

/** Output without a pause longer than this is one burst, nanoseconds. */
const BURST_PAUSE_NANOS = 100_000_000;
/** Less is no burst, bytes. */
const BURST_BYTES = 65_536;
const LISTED = 10;
const NANOS = 1e9;

/** Its content, as data. */
export interface OutputPart {
  readonly bytes: number;
  readonly perSecond: SketchPart;
  readonly overTime: Histogram;
  readonly bursts: number;
  readonly largest: readonly Burst[];
}

/** Told of the output of sessions, in order. */
export class OutputMeter {
  #bytes = 0;
  readonly #perSecond = new QuantileSketch();
  #overTime: Histogram = new HistogramMaker().histogram;
  #maker = new HistogramMaker();
  #bursts = 0;
  readonly #largest = new Greatest<Burst>(LISTED, ({ bytes }) => bytes);
  #session = "";
  /** The second at hand, and its bytes. */
  #secondEnd = 0;
  #secondBytes = 0;
  /** The burst at hand. */
  #start = 0;
  #last = 0;
  #burstBytes = 0;

  session(name: string): void {
    this.#session = name;
    this.#maker = new HistogramMaker();
    this.#secondEnd = 0;
    this.#last = 0;
  }

  output(bytes: number, time: number): void {
    if (time >= this.#secondEnd) this.#nextSecond(time);
    this.#secondBytes += bytes;
    if (time - this.#last > BURST_PAUSE_NANOS) this.#endBurst();
    if (this.#burstBytes === 0) this.#start = time;
    this.#last = time;
    this.#burstBytes += bytes;
    this.#maker.count(time, bytes);
  }

  /** The session is over. */
  end(): void {
    this.#nextSecond(0);
    this.#endBurst();
    const { histogram } = this.#maker;
    if (histogram.bytes.length > 0) this.#overTime = addHistograms(this.#overTime, histogram);
  }

  #nextSecond(time: number): void {
    if (this.#secondBytes > 0) this.#perSecond.take(this.#secondBytes);
    this.#bytes += this.#secondBytes;
    this.#secondBytes = 0;
    this.#secondEnd = (Math.floor(time / NANOS) + 1) * NANOS;
  }

  #endBurst(): void {
    const bytes = this.#burstBytes;
    if (bytes >= BURST_BYTES) {
      this.#bursts++;
      const durationNs = this.#last - this.#start;
      if (this.#largest.wants(bytes))
        this.#largest.take({ session: this.#session, startNs: this.#start, durationNs, bytes });
    }
    this.#burstBytes = 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get perSecond(): QuantileSketch {
    return this.#perSecond;
  }

  get overTime(): Histogram {
    return this.#overTime;
  }

  get bursts(): BurstFigures {
    const fixed = { leastBytes: BURST_BYTES, pauseNs: BURST_PAUSE_NANOS };
    return { ...fixed, count: this.#bursts, largest: this.#largest.items };
  }

  part(): OutputPart {
    return {
      bytes: this.#bytes,
      perSecond: this.#perSecond.part(),
      overTime: this.#overTime,
      bursts: this.#bursts,
      largest: this.#largest.items,
    };
  }

  add({ bytes, perSecond, overTime, bursts, largest }: OutputPart): void {
    this.#bytes += bytes;
    this.#perSecond.add(perSecond);
    if (overTime.bytes.length > 0) this.#overTime = addHistograms(this.#overTime, overTime);
    this.#bursts += bursts;
    this.#largest.add(largest);
  }
}
