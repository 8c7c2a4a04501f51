// Cutting: stretches of a recording are left out, and each time the result goes on with the exact screen of its first moment,
// since output that was left out may be needed to understand what follows. Nothing is held back but that screen.
import { type Batch, type Event, type OutputEvent, type ResizeEvent, retimed } from "./event.js";
import type { Header } from "./header.js";
import type { Transform } from "./transforms.js";

/** Follows the screen of a recording that is cut. */
export interface ScreenFold {
  start(cols: number, rows: number): void;
  feed(event: OutputEvent | ResizeEvent): void;
  /** Bytes which make a terminal that stands as the screen now does a fresh one; what is open is ended. */
  reset(): Uint8Array;
  /** Bytes which, written to a fresh terminal, make it look and behave as the screen now does. */
  dump(): Uint8Array;
  /** Nothing more is wanted of it. */
  end(): void;
}

/**
 * What happens between two times, in nanoseconds of the original: an event at exactly `from` or `to` is not in it, so that
 * what one sees at either stays. -Infinity and Infinity are the ends of the recording.
 */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What to keep, in nanoseconds of the original's time; both ends include events at exactly that time. */
export interface CutOptions {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Without it the events before `from` are just dropped. */
  readonly fold?: ScreenFold | undefined;
}

/** Keeps what lies between two times; the result starts at 0, as {@link removeStretches} says. */
export function cut({ from = 0, to = Number.POSITIVE_INFINITY, fold }: CutOptions): Transform {
  return removeStretches(stretchesAround([{ from, to }]), fold);
}

/** The stretches that lie around these, which are kept with what happens at their ends. */
export function stretchesAround(kept: readonly Stretch[]): Stretch[] {
  const removed: Stretch[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const stretch of joined(kept)) {
    if (stretch.from > 0) removed.push({ from, to: stretch.from });
    from = stretch.to;
  }
  return from === Number.POSITIVE_INFINITY ? removed : [...removed, { from, to: Number.POSITIVE_INFINITY }];
}

/** In order, those that overlap or touch made one. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last === undefined || stretch.from > last.to) result.push(stretch);
    else if (stretch.to > last.to) result[result.length - 1] = { from: last.from, to: stretch.to };
  }
  return result;
}

/**
 * Leaves stretches out; what follows one comes earlier by its length. With a fold it is followed by the screen as it then is,
 * where output or a resize was left out; also where the recording has no event any more but says that it goes on. Where it
 * ends within a stretch nothing follows. Markers, input and the exit status within go.
 */
export function removeStretches(stretches: readonly Stretch[], fold?: ScreenFold): Transform {
  return new Removal(joined(stretches), fold);
}

class Removal implements Transform {
  readonly #stretches: readonly Stretch[];
  readonly #fold: ScreenFold | undefined;
  /** The stretch that is next, or under way. */
  #at = 0;
  /** Nanoseconds left out before it. */
  #removed = 0;
  #size = { cols: 0, rows: 0 };
  /** What the result shows, once something was left out of the stretch under way. */
  #left: { readonly size: { readonly cols: number; readonly rows: number }; readonly reset: Uint8Array } | undefined;
  #stated = 0;
  #isFolding: boolean;
  done = false;

  constructor(stretches: readonly Stretch[], fold: ScreenFold | undefined) {
    this.#stretches = stretches;
    this.#fold = fold;
    this.#isFolding = fold !== undefined && this.#mayGoOn;
  }

  header({ duration = 0, ...header }: Header): Header {
    this.#stated = duration;
    this.#size = { cols: header.cols, rows: header.rows };
    if (this.#isFolding) this.#fold?.start(header.cols, header.rows);
    const [first] = this.#stretches;
    if (header.startTime === undefined || first === undefined || first.from >= 0 || !this.#mayGoOn) return header;
    return { ...header, startTime: header.startTime + BigInt(first.to) };
  }

  batch(batch: Batch): Batch {
    const kept: Event[] = [];
    for (const event of batch) {
      let stretch = this.#stretches[this.#at];
      for (; stretch !== undefined && event.time >= stretch.to; stretch = this.#stretches[this.#at]) {
        kept.push(...this.#goOn(stretch));
      }
      if (stretch === undefined || event.time <= stretch.from) kept.push(retimed(event, event.time - this.#removed));
      else if (stretch.to === Number.POSITIVE_INFINITY) {
        this.done = true;
        break;
      } else if (event.kind === "output" || event.kind === "resize") this.#leave(stretch);
      this.#follow(event);
    }
    return kept;
  }

  end(): Batch {
    const stretch = this.#stretches[this.#at];
    const last = stretch === undefined || this.#stated < stretch.to ? [] : this.#goOn(stretch);
    this.#stopFolding();
    return last;
  }

  /** A stretch that ends within the recording is yet to come, or under way. */
  get #mayGoOn(): boolean {
    const stretch = this.#stretches[this.#at];
    return stretch !== undefined && stretch.to !== Number.POSITIVE_INFINITY;
  }

  #follow(event: Event): void {
    if (event.kind === "resize") this.#size = { cols: event.cols, rows: event.rows };
    if (this.#isFolding && (event.kind === "output" || event.kind === "resize")) this.#fold?.feed(event);
  }

  #stopFolding(): void {
    if (this.#isFolding) this.#fold?.end();
    this.#isFolding = false;
  }

  /** Something is left out: what was shown until now is what the screen is written over later. */
  #leave({ from }: Stretch): void {
    if (this.#left !== undefined) return;
    const isFresh = from < 0 || !this.#isFolding;
    this.#left = { size: this.#size, reset: isFresh ? NOTHING : (this.#fold?.reset() ?? NOTHING) };
  }

  /** The stretch is over. */
  #goOn({ from, to }: Stretch): Event[] {
    const start = Math.max(0, from);
    const events = this.#opening(start - this.#removed);
    this.#left = undefined;
    this.#removed += to - start;
    this.#at++;
    if (!this.#mayGoOn) this.#stopFolding();
    return events;
  }

  #opening(time: number): Event[] {
    if (this.#left === undefined) return [];
    const { size, reset } = this.#left;
    const isResized = size.cols !== this.#size.cols || size.rows !== this.#size.rows;
    const resize: Event[] = isResized ? [{ kind: "resize", time, ...this.#size }] : [];
    if (!this.#isFolding || this.#fold === undefined) return resize;
    const dump = this.#fold.dump();
    if (!isResized) return [{ kind: "output", time, data: joinBytes(reset, dump) }];
    const before: Event[] = reset.length > 0 ? [{ kind: "output", time, data: reset }] : [];
    return [...before, ...resize, { kind: "output", time, data: dump }];
  }
}

const NOTHING = new Uint8Array(0);

function joinBytes(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
