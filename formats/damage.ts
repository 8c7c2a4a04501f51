// What every decoder does with odd and damaged input, decided in one place: warn, refuse, or end quietly.
import { type DecodeOptions, FormatError, T2aError, type Warning } from "../src/core/index.js";

/** A warning goes to the caller; in `strict` decoding it is an error. */
export function warn(options: DecodeOptions, warning: Warning): void {
  if (options.strict) throw new FormatError("T2A_FORMAT_DAMAGED", warning.message, { offset: warning.offset });
  options.onWarning?.(warning);
}

/** Throws FormatError `T2A_FORMAT_DAMAGED`, or returns after a warning where the caller asked to `recover`: end then. */
export function damaged(
  options: DecodeOptions,
  message: string,
  at: { readonly offset: number; readonly eventNumber?: number; readonly lostBytes?: number | undefined },
): void {
  if (!options.recover) throw new FormatError("T2A_FORMAT_DAMAGED", `${message} at byte ${at.offset}`, at);
  const lost = at.lostBytes === undefined ? "the rest" : `${at.lostBytes} bytes`;
  options.onWarning?.({
    code: "truncated",
    message: `${message} at byte ${at.offset}: ${lost} left out`,
    offset: at.offset,
  });
}

/** Throws `T2A_ABORTED` once the caller's signal says so. */
export function checkAborted({ signal }: { readonly signal?: AbortSignal | undefined }): void {
  if (signal?.aborted) throw new T2aError("T2A_ABORTED", "reading was cancelled", { cause: signal.reason });
}
