// Trying again what failed for a moment: with a bound, after waits that grow and are drawn at random, so that many clients
// that failed together do not come back together.
import { setTimeout } from "node:timers/promises";
import { throwIfAborted } from "./aborted.js";

/** What is tried again, how often and how long. */
export interface RetryOptions {
  /** That the failure may be over in a moment. What is thrown by the last try is thrown as it is. */
  readonly isTransient: (error: unknown) => boolean;
  /** Tries altogether, at least 1. */
  readonly tries: number;
  /** The longest wait before the second try, in milliseconds; it doubles with each further one, up to `maxWaitMs`. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** No try begins later than this after the first began, milliseconds; no bound where absent. */
  readonly maxTotalMs?: number | undefined;
  /** Milliseconds that the server asked to be left alone after this failure; undefined: it did not ask. */
  readonly askedWaitMs?: ((error: unknown) => number | undefined) | undefined;
  /** Between 0 and 1, less than 1. */
  readonly random?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does the task until it is done. `tryNumber` counts from 1: a task whose answer was lost has to find out what became of it
 * before it does it once more.
 * @throws what the task throws, where that is not transient or no further try is left; T2aError `T2A_ABORTED`.
 */
export async function retry<Result>(
  task: (tryNumber: number) => Promise<Result>,
  { isTransient, tries, firstWaitMs, maxWaitMs, maxTotalMs, askedWaitMs, random = Math.random, signal }: RetryOptions,
): Promise<Result> {
  const start = performance.now();
  for (let number = 1; ; number++) {
    throwIfAborted(signal);
    try {
      return await task(number);
    } catch (error) {
      throwIfAborted(signal);
      if (number >= tries || !isTransient(error)) throw error;
      // The whole range from 0 on, not a part of it: that spreads clients best.
      const wait = random() * Math.min(firstWaitMs * 2 ** (number - 1), maxWaitMs);
      const asked = Math.min(askedWaitMs?.(error) ?? 0, maxWaitMs);
      const pause = Math.max(wait, asked);
      if (maxTotalMs !== undefined && performance.now() - start + pause > maxTotalMs) throw error;
      await pauseFor(pause, signal);
    }
  }
}

async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch {
    throwIfAborted(signal);
  }
}
