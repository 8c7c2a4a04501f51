// How long what was typed waited for an answer: from a key to its echo, from enter to what the command puts out.
import { QuantileSketch, type SketchPart } from "./quantile-sketch.js";

/** Its content, as data. */
export interface LatencyPart {
  readonly keys: SketchPart;
  readonly enters: SketchPart;
  readonly unanswered: number;
}

const CR = 0x0d;
const LF = 0x0a;
const ESC = 0x1b;
/** Output that is longer is taken for more than a line's end. */
const MAX_LINE_END_BYTES = 2048;
/** What a shell puts out when a line was entered: the line's end, bracketed paste and the keypad switched off, marks. */
const LINE_END =
  /^(?:[\r\n]|\x1b\[\?(?:2004|1)l|\x1b>|\x1b\[[0-9;]*m|\x1b\](?:133|633|7);[^\x07\x1b]*(?:\x07|\x1b\\))*$/;
/** What a terminal answers to a query: no key. */
const ANSWER = /^\x1b(?:\[[?>]?[0-9;]*(?:[Rcnty]|\$y)|[\]P_])/;

/** Told of input and output in order. */
export class LatencyMeter {
  readonly #keys = new QuantileSketch();
  readonly #enters = new QuantileSketch();
  #unanswered = 0;
  #keyAt: number | undefined;
  #enterAt: number | undefined;
  readonly #longest: number;

  /** `longest`: what is answered later is no echo, nanoseconds. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Another session begins. */
  session(): void {
    this.#keyAt = undefined;
    this.#enterAt = undefined;
  }

  input(data: Uint8Array, time: number): void {
    if (data[0] === ESC && ANSWER.test(latin1(data))) return;
    if (data.includes(CR) || data.includes(LF)) {
      this.#enterAt = time;
      this.#keyAt = undefined;
    } else this.#keyAt ??= time;
  }

  output(data: Uint8Array, time: number): void {
    if (this.#keyAt !== undefined) {
      if (time - this.#keyAt > this.#longest) this.#unanswered++;
      else this.#keys.take(time - this.#keyAt);
      this.#keyAt = undefined;
    }
    if (this.#enterAt === undefined) return;
    if (data.length <= MAX_LINE_END_BYTES && LINE_END.test(latin1(data))) return;
    this.#enters.take(time - this.#enterAt);
    this.#enterAt = undefined;
  }

  get keys(): QuantileSketch {
    return this.#keys;
  }

  get enters(): QuantileSketch {
    return this.#enters;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  part(): LatencyPart {
    return { keys: this.#keys.part(), enters: this.#enters.part(), unanswered: this.#unanswered };
  }

  add({ keys, enters, unanswered }: LatencyPart): void {
    this.#keys.add(keys);
    this.#enters.add(enters);
    this.#unanswered += unanswered;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_LINE_END_BYTES)).toString("latin1");
}
