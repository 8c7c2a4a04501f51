// Waiting at the edges of processes: for a condition, never for a time.

/** Resolves when the condition holds; rejects with what was waited for, after `timeoutMs` (10,000 by default). */
export async function pollUntil(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
