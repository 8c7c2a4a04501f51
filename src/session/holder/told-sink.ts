// A recording's sink that tells what is in the recording, once it is: what a daemon has been told is in the file, whatever ends the
// holder. What is not recorded is told in its place between what is.
import type { Batch } from "../../core/index.js";
import type { EventSink } from "../../record/index.js";

/** Who is told. */
export interface ToldListener {
  /** Events that are in the recording now; `first`: the number of the first, from 0. */
  onEvents(batch: Batch, first: number): void;
  onUnrecorded(bytes: Uint8Array): void;
}

/** A sink in front of the one that writes the recording. Takes it over. */
export class ToldSink implements EventSink {
  readonly #file: EventSink;
  readonly #listener: ToldListener;
  #events = 0;
  #lastTime = 0;
  /** Resolves when all that was taken is told, where that is not so yet. */
  #waiting: Promise<void> | undefined;

  constructor(file: EventSink, listener: ToldListener) {
    this.#file = file;
    this.#listener = listener;
  }

  get name(): string {
    return this.#file.name;
  }

  /** Events that are in the recording. */
  get events(): number {
    return this.#events;
  }

  /** Time of the last of them, nanoseconds. */
  get lastTime(): number {
    return this.#lastTime;
  }

  write(batch: Batch): void | Promise<void> {
    const pending = this.#file.write(batch);
    if (pending !== undefined || this.#waiting !== undefined) return this.#after(pending, () => this.#tell(batch));
    this.#tell(batch);
  }

  /** Output that no recording gets. */
  unrecorded(bytes: Uint8Array): void {
    const tell = () => this.#listener.onUnrecorded(bytes);
    if (this.#waiting === undefined) tell();
    else this.#after(undefined, tell).catch(() => {}); // it is told of by the write that failed
  }

  stopWaiting(stallMs: number): void {
    this.#file.stopWaiting?.(stallMs);
  }

  async close(): Promise<void> {
    await this.#waiting?.catch(() => {});
    await this.#file.close();
  }

  /** Tells behind all that waits. What failed keeps nothing up that follows. */
  #after(pending: void | Promise<void>, tell: () => void): Promise<void> {
    const before = this.#waiting;
    const told = (async () => {
      await before?.catch(() => {});
      await pending;
      tell();
    })();
    const waiting = told.finally(() => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    });
    waiting.catch(() => {});
    this.#waiting = waiting;
    return told;
  }

  #tell(batch: Batch): void {
    const first = this.#events;
    this.#events += batch.length;
    this.#lastTime = batch.at(-1)?.time ?? this.#lastTime;
    this.#listener.onEvents(batch, first);
  }
}
