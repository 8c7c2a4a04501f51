// Looks at four bytes of text at once: nearly all that a terminal prints stands for itself inside a JSON string, and
// asking that byte by byte is most of what converting costs.

/**
 * Whether one of the four bytes of `word` is a control character, a quote or a backslash. The classic tests for a zero
 * byte and for a byte below a bound, in whatever order the bytes were read; bytes beyond ASCII are none of these.
 */
export function needsEscape(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const borrows = (word - 0x20202020) | (quote - 0x01010101) | (backslash - 0x01010101);
  return (borrows & ~word & 0x80808080) !== 0;
}

/** Whether all bytes that were or-ed into `seen`, by ones or by fours, are ASCII. */
export function isAscii(seen: number): boolean {
  return (seen & 0x80808080) === 0;
}

/** A view of the same memory. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
