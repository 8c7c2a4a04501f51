// All text that a recording showed, packed in memory and ready to be searched, also while it is still being read. Reading and
// searching go by slices: the event loop is never held for long.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Batch, Event, Header } from "../core/index.js";
import { ShownText } from "../terminal/index.js";
import { Pace } from "./pace.js";
import { OpenChunk, type PackedChunk, unpackChunk } from "./text-chunk.js";
import { type NumberedHit, scan } from "./text-scan.js";
import type { FindOptions, TextHit, TextPattern, TextSearch } from "./text-search.js";

/** How to build an index. */
export interface TextIndexOptions {
  /** Ends the reading: the index then stays as it is. */
  readonly signal?: AbortSignal | undefined;
  /** Nanoseconds, where it is known how long the recording is: searches then tell how far they are. */
  readonly duration?: number | undefined;
  /** Milliseconds of work at a stretch; 4 by default. */
  readonly sliceMs?: number | undefined;
}

/** Output is taken in parts of so many bytes: some of it is a hundred times slower than text. */
const PART_BYTES = 16 * 1024;
/** What an event costs beside its bytes, as bytes, about. */
const EVENT_COST = 64;

/** Events and nanoseconds that are in an index, and all chunks that are closed. */
export interface IndexContent {
  readonly events: number;
  readonly time: number;
  readonly chunks: readonly PackedChunk[];
}

/** The text of one recording. */
export class TextIndex implements TextSearch {
  /** Settled when all is read, or the signal aborted. Rejects with what reading threw; nobody has to listen. */
  readonly done: Promise<void>;
  readonly #chunks: PackedChunk[];
  readonly #duration: number | undefined;
  readonly #waiting: (() => void)[] = [];
  #open = new OpenChunk();
  #events: number;
  #time: number;
  #state: "reading" | "complete" | "aborted" | { readonly failure: unknown } = "reading";

  private constructor(content: IndexContent, duration?: number) {
    this.#chunks = [...content.chunks];
    this.#events = content.events;
    this.#time = content.time;
    this.#duration = duration;
    this.done = new Promise((resolve, reject) => {
      this.#settle = (failure) => (failure === undefined ? resolve() : reject(failure.error));
    });
    this.done.catch(() => {}); // searches tell it
  }

  #settle: (failure?: { readonly error: unknown }) => void = () => {};

  /** Begins to read a recording, in the background. Its source stays the caller's. */
  static build(
    recording: { readonly header: Pick<Header, "cols" | "rows">; readonly batches: AsyncIterable<Batch> },
    options: TextIndexOptions = {},
  ): TextIndex {
    const index = new TextIndex({ events: 0, time: 0, chunks: [] }, options.duration);
    void index.#read(recording, options);
    return index;
  }

  /** A complete index, from what another one held. */
  static of(content: IndexContent): TextIndex {
    const index = new TextIndex(content);
    index.#end("complete");
    return index;
  }

  /** All of the recording is in it. */
  get isComplete(): boolean {
    return this.#state === "complete";
  }

  /** What is in it; all of it only where it is complete. */
  get content(): IndexContent {
    return { events: this.#events, time: this.#time, chunks: this.#chunks };
  }

  /** How much of the recording is in it, 0 to 1, as far as that is known. */
  get share(): number {
    if (this.isComplete) return 1;
    return this.#duration ? Math.min(1, this.#time / this.#duration) : 0;
  }

  /**
   * The nearest hit, as `TextSearch` says. A search forward waits until it is read, one backward until all before `from` is.
   * @throws what reading the recording threw, where the search comes to that place.
   */
  async find(pattern: TextPattern, options: FindOptions): Promise<TextHit | undefined> {
    const hit = options.direction === 1 ? this.#findNext(pattern, options) : this.#findPrevious(pattern, options);
    return await hit;
  }

  /** All hits in order. Ends early where the signal aborts; throws as {@link find}. */
  async *all(pattern: TextPattern, options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<TextHit> {
    for await (const hits of this.#scanned(pattern, options)) for (const { number: _, ...hit } of hits) yield hit;
  }

  async #findNext(pattern: TextPattern, options: FindOptions): Promise<TextHit | undefined> {
    const first = options.inclusive ? options.from : options.from + 1;
    for await (const hits of this.#scanned(pattern, options, first)) {
      for (const { number: _, ...hit } of hits) if (hit.events >= first) return hit;
    }
    return undefined;
  }

  async #findPrevious(pattern: TextPattern, options: FindOptions): Promise<TextHit | undefined> {
    const { from, inclusive, signal, onProgress } = options;
    const last = inclusive ? from : from - 1;
    while (this.#events < last && this.#state === "reading" && !signal?.aborted) await this.#grown(signal);
    this.#throwFailureBefore(last);
    const pace = new Pace();
    let hit = lastUpTo(scan(this.#open.from(0), pattern), last);
    const chunks = this.#chunks.slice(); // more may be closed meanwhile
    for (let at = chunks.length - 1; at >= 0 && hit === undefined; at--) {
      const chunk = chunks[at];
      if (chunk === undefined || chunk.firstEvents > last) continue;
      if (await pace.rest()) onProgress?.(1 - at / chunks.length);
      if (signal?.aborted) return undefined;
      hit = lastUpTo(scan(unpackChunk(chunk), pattern), last);
    }
    if (hit === undefined) return undefined;
    const { number: _, ...found } = hit;
    return found;
  }

  /** The hits, chunk by chunk, as soon as each is there; from the first chunk that holds any behind so many events. */
  async *#scanned(
    pattern: TextPattern,
    { signal, onProgress }: Pick<FindOptions, "signal" | "onProgress">,
    firstEvents = 0,
  ): AsyncGenerator<Iterable<NumberedHit>> {
    const pace = new Pace();
    let done = 0; // of the chunk that was still open
    for (let at = 0; !signal?.aborted; ) {
      const chunk = this.#chunks[at];
      if (chunk !== undefined) {
        if (chunk.lastEvents >= firstEvents) yield behind(scan(unpackChunk(chunk), pattern), done);
        at++;
        done = 0;
        if (await pace.rest()) onProgress?.((this.share * at) / (this.#chunks.length + 1));
        continue;
      }
      const { lines } = this.#open;
      if (lines > done) yield scan(this.#open.from(done), pattern);
      done = lines;
      if (at < this.#chunks.length || this.#open.lines > done) continue; // it grew while the hits were taken
      this.#throwFailureBefore(Number.POSITIVE_INFINITY);
      if (this.#state !== "reading") return;
      onProgress?.(this.share);
      await this.#grown(signal);
    }
  }

  #throwFailureBefore(events: number): void {
    if (typeof this.#state === "object" && events > this.#events) throw this.#state.failure;
  }

  /** Settles when more is read, or nothing more will be. */
  #grown(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      if (signal?.aborted) return resolve();
      signal?.addEventListener("abort", finish);
      this.#waiting.push(finish);
    });
  }

  #tellGrown(): void {
    for (const finish of this.#waiting.splice(0)) finish();
  }

  #end(state: "complete" | "aborted" | { readonly failure: unknown }): void {
    this.#state = state;
    this.#settle(typeof state === "object" ? { error: state.failure } : undefined);
    this.#tellGrown();
  }

  async #read(
    { header, batches }: { readonly header: Pick<Header, "cols" | "rows">; readonly batches: AsyncIterable<Batch> },
    { signal, sliceMs }: TextIndexOptions,
  ): Promise<void> {
    const shown = new ShownText(header, (appearance) =>
      this.#open.add(appearance, { events: this.#events, time: this.#time }),
    );
    try {
      await nextTurn(); // nothing is done before the caller has the index
      const pace = new Pace(sliceMs, () => this.#tellGrown());
      if (!signal?.aborted)
        for await (const batch of batches) if (await this.#takeBatch(shown, batch, pace, signal)) break;
      if (this.#open.lines > 0) this.#closeChunk();
      this.#end(signal?.aborted ? "aborted" : "complete");
    } catch (failure) {
      this.#end(signal?.aborted ? "aborted" : { failure });
    } finally {
      shown.dispose();
    }
  }

  /** Gives whether to stop. */
  async #takeBatch(shown: ShownText, batch: Batch, pace: Pace, signal: AbortSignal | undefined): Promise<boolean> {
    for (const event of batch) {
      if (event.kind === "output" && event.data.length > PART_BYTES) await this.#feedParts(shown, event.data, pace);
      else if (event.kind === "output") shown.feed(event.data);
      this.#finishEvent(shown, event);
      if (pace.isOver(EVENT_COST + (event.kind === "output" ? event.data.length : 0))) await pace.rest();
      if (signal?.aborted) return true;
    }
    this.#tellGrown(); // the next batch may be long in coming
    return false;
  }

  async #feedParts(shown: ShownText, data: Uint8Array, pace: Pace): Promise<void> {
    for (let at = 0; at < data.length; at += PART_BYTES) {
      shown.feed(data.subarray(at, at + PART_BYTES));
      await pace.rest();
    }
  }

  #finishEvent(shown: ShownText, event: Event): void {
    this.#events++;
    this.#time = event.time;
    if (event.kind === "resize") shown.resize(event.cols, event.rows);
    else if (event.kind !== "output") return;
    shown.look();
    if (this.#open.isFull) this.#closeChunk();
  }

  #closeChunk(): void {
    this.#chunks.push(this.#open.pack());
    this.#open = new OpenChunk();
  }
}

function lastUpTo(hits: Iterable<NumberedHit>, events: number): NumberedHit | undefined {
  let last: NumberedHit | undefined;
  for (const hit of hits) if (hit.events <= events) last = hit;
  return last;
}

function* behind(hits: Iterable<NumberedHit>, first: number): Generator<NumberedHit> {
  for (const hit of hits) if (hit.number >= first) yield hit;
}
