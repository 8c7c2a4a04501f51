// Events one at a time out of a recording's batches. The next batch is read while the current one plays, so that
// decoding or a network takes no time from the events; memory stays at two batches.
import type { Batch, Event } from "../core/index.js";

/** A cursor over a recording's events; large output can be taken in pieces. */
export class EventReader {
  readonly #iterator: AsyncIterator<Batch>;
  #batch: Batch = [];
  #index = 0;
  /** Bytes of the head's data that are taken already. */
  #taken = 0;
  #ahead: Promise<IteratorResult<Batch>> | undefined;
  #filling: Promise<void> | undefined;
  #ended = false;

  constructor(batches: AsyncIterable<Batch>) {
    this.#iterator = batches[Symbol.asyncIterator]();
    this.#readAhead();
  }

  /** The next event; undefined where a batch must be awaited first (`fill`), or at the end. */
  get head(): Event | undefined {
    return this.#batch[this.#index];
  }

  /** No event is left. */
  get ended(): boolean {
    return this.#ended && this.head === undefined;
  }

  /** A part of the head's output is taken already. */
  get isWithinEvent(): boolean {
    return this.#taken > 0;
  }

  /** Lets go of the recording; what is being read meanwhile is thrown away. */
  close(): void {
    this.#ahead?.catch(() => {});
    void this.#iterator.return?.()?.catch(() => {});
  }

  /** Leaves the head behind. */
  advance(): void {
    this.#index += 1;
    this.#taken = 0;
  }

  /** Up to `maxBytes` of the head's output; the head is left behind when all of it is taken. */
  takeOutput(maxBytes: number): Uint8Array {
    const { head } = this;
    if (head?.kind !== "output") throw new TypeError("takeOutput needs an output event at the head");
    const bytes = head.data.subarray(this.#taken, this.#taken + maxBytes);
    this.#taken += bytes.length;
    if (this.#taken >= head.data.length) this.advance();
    return bytes;
  }

  /**
   * Waits for the next batch. May be called again before it has resolved.
   * @throws whatever the recording throws, after all good events have been read.
   */
  fill(): Promise<void> {
    this.#filling ??= this.#takeBatch().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  async #takeBatch(): Promise<void> {
    while (this.head === undefined && this.#ahead !== undefined) {
      const result = await this.#ahead;
      if (result.done === true) {
        this.#ended = true;
        this.#ahead = undefined;
        return;
      }
      this.#batch = result.value;
      this.#index = 0;
      this.#taken = 0;
      this.#readAhead();
    }
  }

  #readAhead(): void {
    this.#ahead = this.#iterator.next();
    this.#ahead.catch(() => {}); // it is thrown when the batch is asked for; until then it is nobody's
  }
}
