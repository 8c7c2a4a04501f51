// What a search looks for, from what the user wrote: plain text, or a regular expression behind `\v`.
import { UsageError } from "../core/index.js";
import type { TextPattern } from "./text-search.js";

const REGEX_MARK = "\\v";
const MAX_PATTERN_LENGTH = 1000;

/**
 * Reads a pattern. Without capitals case is ignored; those of escapes (`\S`, `\p{L}`) do not count.
 * @throws UsageError where it is empty, longer than 1,000 units, or no regular expression.
 */
export function parsePattern(text: string): TextPattern {
  const isRegex = text.startsWith(REGEX_MARK);
  const body = isRegex ? text.slice(REGEX_MARK.length) : text;
  if (body === "") throw new UsageError("there is nothing to look for: the pattern is empty");
  if (body.length > MAX_PATTERN_LENGTH) throw new UsageError("the pattern is longer than 1,000 characters");
  const letters = isRegex ? body.replace(/\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gsu, "") : body;
  const flags = /\p{Lu}/u.test(letters) ? "gu" : "giu";
  try {
    return { source: text, regex: new RegExp(isRegex ? body : escapeRegex(body), flags) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, "") : String(error);
    throw new UsageError(`not a regular expression: ${reason}`, { cause: error });
  }
}

/** A plain pattern's regular expression matches within a line, whatever surrounds it: whole texts can be searched at once. */
export function isPlain({ source }: TextPattern): boolean {
  return !source.startsWith(REGEX_MARK) && !source.includes("\n");
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
