// Locks by key, for the processes of one machine: flock on one of 64 files, which stay. A process's own tasks queue up before the
// file, so that only processes wait for each other by looking again.
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { StoreError } from "../../core/index.js";
import { type FileLock, tryHoldFile } from "../../files/index.js";
import { throwIfAborted } from "../aborted.js";

const STRIPES = 64;
/** Waits between looks, milliseconds: they double, and are drawn at random up to that. */
const FIRST_WAIT_MS = 1;
const MAX_WAIT_MS = 20;
/** Nobody holds a stripe for longer than a disk takes to write a document. */
const STRIPE_PATIENCE_MS = 30_000;

/** The locks of a store in files. */
export class LockStripes {
  readonly #folder: string;
  /** By stripe, the end of what this process has to do there. */
  readonly #tails = new Map<number, Promise<void>>();

  /** The folder must exist; the files in it are made when they are needed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Does the task while no other task of this key is done, in this process and any other.
   * @throws StoreError `T2A_STORE_UNAVAILABLE` where somebody holds the lock all the time; T2aError `T2A_ABORTED`; what the task throws.
   */
  async holding<Result>(
    key: string,
    task: () => Promise<Result>,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Result> {
    const stripe = stripeOf(key);
    const previous = this.#tails.get(stripe);
    let end = (): void => {};
    const tail = new Promise<void>((resolve) => {
      end = resolve;
    });
    const all = previous === undefined ? tail : previous.then(() => tail);
    this.#tails.set(stripe, all);
    try {
      await previous;
      const name = stripe.toString(16).padStart(2, "0");
      const lock = await waitForFile(join(this.#folder, name), { signal, patienceMs: STRIPE_PATIENCE_MS });
      try {
        return await task();
      } finally {
        lock.release();
      }
    } finally {
      end();
      if (this.#tails.get(stripe) === all) this.#tails.delete(stripe);
    }
  }
}

/**
 * Holds a lock file, made where there is none, once nobody else does. Whoever asks lets it go.
 * @throws StoreError `T2A_STORE_UNAVAILABLE` where that takes longer than `patienceMs`; T2aError `T2A_ABORTED`.
 */
export async function waitForFile(
  path: string,
  { signal, patienceMs }: { readonly signal?: AbortSignal | undefined; readonly patienceMs: number },
): Promise<FileLock> {
  const start = performance.now();
  for (let longest = FIRST_WAIT_MS; ; longest = Math.min(longest * 2, MAX_WAIT_MS)) {
    throwIfAborted(signal);
    const lock = tryHoldFile(path, { create: true });
    if (lock !== undefined) return lock;
    if (performance.now() - start > patienceMs) {
      throw new StoreError(
        "T2A_STORE_UNAVAILABLE",
        `another process has held ${path} for ${Math.round(patienceMs / 1000)} s: try again, or end it`,
        { details: { path } },
      );
    }
    await setTimeout(Math.random() * longest);
  }
}

/** ULIDs that were made one after the other go to different stripes. */
function stripeOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (hash * 33 + key.charCodeAt(i)) >>> 0;
  return hash % STRIPES;
}
