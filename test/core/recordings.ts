// Recordings in memory for tests of core: batches as given, and a count of how often they were closed.
import { type Batch, type Event, eachEvent, type Header, type Recording } from "../../src/core/index.js";

/** A recording that knows whether it was closed. */
export interface MemoryRecording extends Recording {
  readonly closed: number;
}

/** The batches as a recording of an 80x24 terminal, unless the header says otherwise. */
export function recordingOf(batches: readonly Batch[], header: Partial<Header> = {}): MemoryRecording {
  let closed = 0;
  async function* generate(): AsyncGenerator<Batch> {
    yield* batches;
  }
  return {
    header: { cols: 80, rows: 24, ...header },
    format: "memory",
    batches: generate(),
    close: async () => {
      closed++;
    },
    get closed() {
      return closed;
    },
  };
}

/** All events of a recording. */
export async function eventsOf(recording: Recording): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of eachEvent(recording)) events.push(event);
  return events;
}

/** An output event; the time is in seconds. */
export function output(seconds: number, text: string): Event {
  return { kind: "output", time: Math.round(seconds * 1e9), data: Buffer.from(text) };
}
