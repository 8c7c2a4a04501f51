// Hands events to the sinks: those of one turn of the event loop in one batch and one write each. A sink that fails is
// told of at once and dropped; the others, and above all the user's shell, go on.
import { type Batch, type Event, eventBytes, MAX_BATCH_BYTES, MAX_BATCH_EVENTS } from "../core/index.js";
import type { EventSink } from "./event-sink.js";

/** A sink that failed. */
export interface SinkError {
  /** The sink's name. */
  readonly name: string;
  readonly error: unknown;
  /** Whether the session goes on without it: nobody has asked for the end. */
  readonly sessionGoesOn: boolean;
}

/** What the recorder tells its owner. */
export interface EventRecorderOptions {
  /** A sink failed and is dropped. */
  readonly onSinkError?: ((failure: SinkError) => void) | undefined;
  /** Everything added before is with the sinks now: it may be shown. */
  readonly onWritten?: (() => void) | undefined;
  /** A sink asked to slow down (true), or none does any more (false). */
  readonly onBusy?: ((busy: boolean) => void) | undefined;
}

/** Collects events and writes them to the sinks. Owns the sinks from when it is given them. */
export class EventRecorder {
  readonly errors: SinkError[] = [];
  readonly #options: EventRecorderOptions;
  readonly #sinks = new Set<EventSink>();
  /** Taken out of the sinks, and not closed yet. */
  #closing: readonly EventSink[] = [];
  /** The ends of those that failed. */
  readonly #dropped: Promise<void>[] = [];
  #batch: Event[] = [];
  #bytes = 0;
  #scheduled = false;
  #busy = 0;
  #ending = false;

  constructor(options: EventRecorderOptions = {}) {
    this.#options = options;
  }

  /** Adds a sink: it gets all events from now on. */
  addSink(sink: EventSink): void {
    this.flush();
    this.#sinks.add(sink);
  }

  /** Whether any sink is left: without one nothing is recorded any more. */
  get recording(): boolean {
    return this.#sinks.size > 0;
  }

  /** Takes an event; it is written before this turn of the event loop is over. */
  add(event: Event): void {
    this.#batch.push(event);
    this.#bytes += eventBytes(event);
    if (this.#batch.length >= MAX_BATCH_EVENTS || this.#bytes >= MAX_BATCH_BYTES) this.flush();
    else this.schedule();
  }

  /** Calls `onWritten` at the end of this turn even where no event was added. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Writes now what was added. */
  flush(): void {
    if (this.#batch.length > 0) {
      const batch = this.#batch;
      this.#batch = [];
      this.#bytes = 0;
      for (const sink of this.#sinks) this.#write(sink, batch);
    }
    this.#tellWritten();
  }

  /** From now on a sink whose reader takes nothing for so many milliseconds fails: somebody wants to end. */
  stopWaiting(stallMs: number): void {
    this.#ending = true;
    for (const sink of [...this.#sinks, ...this.#closing]) sink.stopWaiting?.(stallMs);
  }

  /** Writes what was added and closes all sinks. Never throws: failures are told as all others. */
  async close(): Promise<void> {
    this.flush();
    this.#closing = [...this.#sinks];
    this.#sinks.clear();
    for (const sink of this.#closing) {
      try {
        await sink.close();
      } catch (error) {
        // A sink whose write was refused while closing has been told of by that write.
        if (!this.errors.some((known) => known.name === sink.name)) this.#tell(sink, error);
      }
    }
    this.#closing = [];
    await Promise.all(this.#dropped);
    this.#options.onWritten?.(); // nothing is waited for any more
  }

  /** What a sink still waits to write is not shown: the terminal is as slow as the slowest of them. */
  #tellWritten(): void {
    if (this.#busy === 0) this.#options.onWritten?.();
  }

  #write(sink: EventSink, batch: Batch): void {
    try {
      const pending = sink.write(batch);
      if (pending !== undefined) this.#wait(sink, pending);
    } catch (error) {
      this.#drop(sink, error);
    }
  }

  #wait(sink: EventSink, pending: Promise<void>): void {
    if (this.#busy++ === 0) this.#options.onBusy?.(true);
    pending
      .catch((error: unknown) => this.#drop(sink, error))
      .finally(() => {
        if (--this.#busy > 0) return;
        this.#tellWritten();
        this.#options.onBusy?.(false);
      });
  }

  #drop(sink: EventSink, error: unknown): void {
    if (!this.#sinks.delete(sink) && this.errors.some((known) => known.name === sink.name)) return;
    this.#tell(sink, error);
    // What it holds is brought to what end it can have, and let go; that it failed was just said.
    this.#dropped.push(sink.close().catch(() => {}));
  }

  #tell(sink: EventSink, error: unknown): void {
    const failure = { name: sink.name, error, sessionGoesOn: !this.#ending };
    this.errors.push(failure);
    this.#options.onSinkError?.(failure);
  }
}
