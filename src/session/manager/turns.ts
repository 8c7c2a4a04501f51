// Turns of work among many sessions in one thread: a session that prints without end, or whose screen is made anew, has a slice at a
// time, and who is being typed into goes first.

/** What has work in slices. */
export interface Worker {
  /** Somebody waits for it. */
  readonly isUrgent: boolean;
  /** Does a slice of a millisecond or two; true where more is left. Throws nothing. */
  work(): boolean;
}

/** What the loop of the process is kept busy for at most, milliseconds. */
const TURN_MS = 2;

/** Gives workers their turns, one after another. */
export class Turns {
  readonly #waiting = new Set<Worker>();
  #isScheduled = false;

  /** It has work. Nothing where it has its turn to come. */
  add(worker: Worker): void {
    this.#waiting.add(worker);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  /** It has none any more. */
  remove(worker: Worker): void {
    this.#waiting.delete(worker);
  }

  readonly #run = (): void => {
    const end = performance.now() + TURN_MS;
    do {
      for (const worker of this.#next()) {
        this.#waiting.delete(worker);
        if (worker.work()) this.#waiting.add(worker);
      }
    } while (this.#waiting.size > 0 && performance.now() < end);
    if (this.#waiting.size > 0) setImmediate(this.#run);
    else this.#isScheduled = false;
  };

  /** The first that is urgent, and, so that it cannot keep the others out, the first of those that are not. */
  #next(): Worker[] {
    let urgent: Worker | undefined;
    let other: Worker | undefined;
    for (const worker of this.#waiting) {
      if (worker.isUrgent) urgent ??= worker;
      else other ??= worker;
      if (urgent !== undefined && other !== undefined) return [urgent, other];
    }
    return [urgent ?? [], other ?? []].flat();
  }
}
