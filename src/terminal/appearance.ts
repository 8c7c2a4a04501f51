// What of a line's text is new, against what the line held before.

/** A line's new text. */
export interface Appearance {
  /** The line, or of a long one the part around what changed. */
  readonly text: string;
  /** UTF-16 units at its beginning, and at its end, that the line held before. They may overlap, but for text that was appended. */
  readonly prefix: number;
  readonly suffix: number;
}

/** Units of kept text that an appearance has on each side at most: a long line that grows must not be told anew each time. */
export const KEPT_UNITS = 1000;
/** What a line shows now that it did not show before; undefined where it only lost something in front or behind. */
export function appearanceOf(text: string, before: string): Appearance | undefined {
  const prefix = commonPrefix(text, before);
  if (prefix === text.length) return undefined;
  // What is appended is new, even where it says the same as what was there.
  const suffix = prefix === before.length ? 0 : commonSuffix(text, before);
  if (suffix === text.length) return undefined;
  return text.length <= KEPT_UNITS ? { text, prefix, suffix } : cutKept(text, prefix, suffix);
}

function commonPrefix(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}

function commonSuffix(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(one.length - 1 - length) === other.charCodeAt(other.length - 1 - length))
    length++;
  return length;
}

function cutKept(text: string, prefix: number, suffix: number): Appearance {
  const keptBehind = text.length - suffix;
  let from = Math.max(0, Math.min(prefix, keptBehind) - KEPT_UNITS);
  let to = Math.min(text.length, Math.max(prefix, keptBehind) + KEPT_UNITS);
  if (isLowSurrogate(text, from)) from++;
  if (isLowSurrogate(text, to)) to--;
  return {
    text: text.slice(from, to),
    prefix: Math.max(0, prefix - from),
    suffix: Math.max(0, suffix - (text.length - to)),
  };
}

/** The second half of a character beyond 16 bits. */
function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
