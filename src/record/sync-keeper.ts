// What a power cut may take from a recording: the system has what was written, but not at once on disk. A keeper has it
// brought there, off the main thread and never twice at a time, and tells when nothing more may be shown until it is.

/**
 * How safe what was shown is from a power cut: as the system pleases, at most {@link SYNC_BOUND_MS} of it are lost,
 * nothing is.
 */
export type SyncMode = "none" | "interval" | "always";

/** What is lost at most by a power cut where syncs come in intervals: so many milliseconds of what was shown. */
export const SYNC_BOUND_MS = 1000;
/** How old the first write that is not on disk gets before a sync begins, milliseconds: half is left for the sync itself. */
const SYNC_DELAY_MS = SYNC_BOUND_MS / 2;

/** What a power cut takes at most, nanoseconds of what was shown; undefined where nothing is promised. */
export function lossBoundOf(mode: SyncMode): number | undefined {
  return { none: undefined, interval: SYNC_BOUND_MS * 1e6, always: 0 }[mode];
}

/** Keeps one recording to its bound. */
export class SyncKeeper {
  readonly #sync: () => Promise<void>;
  readonly #mode: Exclude<SyncMode, "none">;
  readonly #onError: (error: unknown) => void;
  #writes = 0;
  /** Writes that are on disk. */
  #safe = 0;
  /** When the first write of those that no sync has begun to cover was made, milliseconds. */
  #waitingSince: number | undefined;
  /** The same of those that the sync under way covers. */
  #syncingSince: number | undefined;
  #syncing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `sync`: resolves when all that was written before the call is on disk. `onError`: it failed while nobody waited. */
  constructor(sync: () => Promise<void>, mode: Exclude<SyncMode, "none">, onError: (error: unknown) => void) {
    this.#sync = sync;
    this.#mode = mode;
    this.#onError = onError;
  }

  /**
   * Something was written. Gives a promise where it, and whatever is written after it, must not be shown before that
   * resolves. Rejects with what the sync failed with.
   */
  written(): Promise<void> | undefined {
    const write = ++this.#writes;
    this.#waitingSince ??= performance.now();
    if (this.#mode === "always") return this.#until(() => this.#safe >= write);
    if (!this.#isWithinBound()) return this.#until(() => this.#isWithinBound());
    this.#schedule();
    return undefined;
  }

  /** Begins no more syncs but those that somebody waits for: closing the file syncs it. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #isWithinBound(): boolean {
    const oldest = this.#syncingSince ?? this.#waitingSince;
    return oldest === undefined || performance.now() - oldest < SYNC_BOUND_MS;
  }

  #schedule(): void {
    if (this.#closed || this.#waitingSince === undefined) return;
    if (this.#timer !== undefined || this.#syncing !== undefined) return;
    const delay = Math.max(0, this.#waitingSince + SYNC_DELAY_MS - performance.now());
    this.#timer = setTimeout(() => this.#begin().catch(this.#onError), delay).unref();
  }

  async #until(isReached: () => boolean): Promise<void> {
    while (!isReached()) await this.#begin();
  }

  /** The sync under way, or a new one. */
  #begin(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#syncing ??= this.#run();
    return this.#syncing;
  }

  async #run(): Promise<void> {
    const covered = this.#writes;
    this.#syncingSince = this.#waitingSince;
    this.#waitingSince = undefined;
    try {
      await this.#sync();
      this.#safe = covered;
    } finally {
      this.#syncing = undefined;
      this.#syncingSince = undefined;
    }
    this.#schedule();
  }
}
