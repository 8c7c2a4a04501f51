// A recording as it flows: a header and batches of events, once through, closable.
import type { Batch, Event } from "./event.js";
import type { Header } from "./header.js";

/**
 * A header and its events in order of time. `batches` can be iterated once. Whoever opened the recording closes it;
 * closing is idempotent and also happens when `batches` ends, throws or is left early.
 */
export interface Recording {
  readonly header: Header;
  /** Name of the format it was read from. */
  readonly format: string;
  readonly batches: AsyncIterable<Batch>;
  close(): Promise<void>;
}

/** The events one by one, for convenience; batches cost less. */
export async function* eachEvent(recording: Recording): AsyncGenerator<Event> {
  for await (const batch of recording.batches) yield* batch;
}
