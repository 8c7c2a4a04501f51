// Waiting that a signal can cut short, without leaving anything behind on signals that outlive many waits
// (Promise.race does leave something, for every wait).

/** Waits until the work is settled or the signal aborted, whichever comes first; throws what the work throws until then. */
export function settledOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      signal.removeEventListener("abort", finish);
      resolve();
    };
    if (signal.aborted) finish();
    else signal.addEventListener("abort", finish);
    work.then(finish, (error: unknown) => {
      signal.removeEventListener("abort", finish);
      reject(error);
    });
  });
}

/** Waits until the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** What an iterable gives until the signal is aborted; what it is at then is not waited for. */
export async function* interruptible<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    while (!signal.aborted) {
      const next = iterator.next();
      await settledOrAborted(next, signal);
      if (signal.aborted) return;
      const { done, value } = await next;
      if (done === true) return;
      yield value;
    }
  } finally {
    iterator.return?.().catch(() => {});
  }
}
