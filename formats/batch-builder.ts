// Gathers decoded events into batches within the bounds of core.
import { type Batch, type Event, eventBytes, MAX_BATCH_BYTES, MAX_BATCH_EVENTS } from "../src/core/index.js";

/** Owned by one decoder. */
export class BatchBuilder {
  #events: Event[] = [];
  #bytes = 0;

  /** Takes an event; gives the batch that is full before it, to be yielded now. */
  push(event: Event): Batch | undefined {
    const bytes = eventBytes(event);
    const full =
      this.#events.length >= MAX_BATCH_EVENTS || (this.#bytes + bytes > MAX_BATCH_BYTES && this.#events.length > 0);
    const batch = full ? this.#take() : undefined;
    this.#events.push(event);
    this.#bytes += bytes;
    return batch;
  }

  /** Yields what is gathered, if anything: batches are never empty. */
  *rest(): Generator<Batch> {
    if (this.#events.length > 0) yield this.#take();
  }

  #take(): Batch {
    const events = this.#events;
    this.#events = [];
    this.#bytes = 0;
    return events;
  }
}
