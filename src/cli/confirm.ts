// Asking a person yes or no.
import { createInterface } from "node:readline";
import type { CommandContext } from "./context.js";

/** Asks on standard error and reads a line of standard input: only y and yes mean yes. */
export async function confirm(question: string, { io }: CommandContext): Promise<boolean> {
  const lines = createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    io.stderr.write(`${question} [y/N] `);
    for await (const line of lines) return /^\s*y(es)?\s*$/i.test(line);
    return false; // the end of the input is no answer
  } finally {
    lines.close();
  }
}
