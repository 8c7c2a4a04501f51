// What is thrown where a signal ends the work of a store.
import { T2aError } from "../core/index.js";

/** Ends what is being done if the signal says so. @throws T2aError `T2A_ABORTED`. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

/** The error of a signal: its own reason where that is one of ours. */
export function aborted(signal: AbortSignal): T2aError {
  const reason: unknown = signal.reason;
  if (reason instanceof T2aError) return reason;
  return new T2aError("T2A_ABORTED", "the work was cancelled before its end", { cause: reason });
}
