// Clocks: where playback gets its time from. Waits end at absolute times, so that being late once is never added to the
// next wait, and every wait can be cancelled.
import { NANOS_PER_MS } from "../core/index.js";

/** A monotonic clock in nanoseconds. Only differences between its times mean anything. */
export interface Clock {
  now(): number;
  /** Resolves once `now()` has reached `due`, or as soon as the signal is aborted; look at the clock to know which. */
  waitUntil(due: number, signal?: AbortSignal): Promise<void>;
}

/** What setTimeout can wait for at most; it fires at once when asked for more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's monotonic clock, counted from when this object was made. */
export class SystemClock implements Clock {
  // Counted from here, times are exact for 104 days; counted from boot they would not be on a machine that is up longer.
  readonly #start = process.hrtime.bigint();

  now(): number {
    return Number(process.hrtime.bigint() - this.#start);
  }

  async waitUntil(due: number, signal?: AbortSignal): Promise<void> {
    // Timers may fire a fraction of a millisecond early: the loop, not the timer, decides.
    for (let left = due - this.now(); left > 0 && signal?.aborted !== true; left = due - this.now())
      await sleep(Math.min(Math.ceil(left / NANOS_PER_MS), MAX_TIMEOUT_MS), signal);
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener("abort", finish);
  });
}

interface ManualWait {
  readonly due: number;
  finish(): void;
}

/** A clock that stands still until it is told to move: for tests, and for playing as fast as possible. */
export class ManualClock implements Clock {
  readonly #skipsWaits: boolean;
  readonly #waits = new Set<ManualWait>();
  readonly #watchers = new Set<(due: number) => void>();
  #now = 0;

  /** With `skipsWaits` every wait ends at once and moves the clock to exactly the time that was waited for. */
  constructor({ skipsWaits = false }: { readonly skipsWaits?: boolean } = {}) {
    this.#skipsWaits = skipsWaits;
  }

  now(): number {
    return this.#now;
  }

  async waitUntil(due: number, signal?: AbortSignal): Promise<void> {
    if (this.#skipsWaits) this.#now = Math.max(this.#now, due);
    if (due <= this.#now || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const wait: ManualWait = {
        due,
        finish: () => {
          this.#waits.delete(wait);
          signal?.removeEventListener("abort", wait.finish);
          resolve();
        },
      };
      this.#waits.add(wait);
      signal?.addEventListener("abort", wait.finish);
      for (const watcher of this.#watchers) watcher(due);
      this.#watchers.clear();
    });
  }

  /** Moves the clock forward and ends the waits whose time has come. */
  advanceTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    for (const wait of [...this.#waits].sort((a, b) => a.due - b.due)) if (wait.due <= this.#now) wait.finish();
  }

  /** The earliest time that somebody waits for, as soon as somebody waits. */
  nextWait(): Promise<number> {
    const dues = [...this.#waits].map((wait) => wait.due);
    if (dues.length > 0) return Promise.resolve(Math.min(...dues));
    return new Promise((resolve) => this.#watchers.add(resolve));
  }
}
