// What is wrong with a file, as data that goes from thread to thread.
import { T2aError } from "../core/index.js";

/** An error without its class. */
export interface FileProblem {
  /** An error code of docs/errors.md; null for what t2a did not throw on purpose. */
  readonly code: string | null;
  readonly message: string;
}

/**
 * What is to be said of an error.
 * @throws the error where it is no T2aError: a fault of t2a is not one of the file.
 */
export function problemOf(error: unknown): FileProblem {
  if (!(error instanceof T2aError)) throw error;
  return { code: error.code, message: error.message };
}
