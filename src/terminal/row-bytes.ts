// The words of a row as bytes: comparing bytes is four times as fast as comparing words one by one.

/** Bytes that a cell takes: three words. */
export const CELL_BYTES = 12;

/** Rows live long: their views do, too. */
const rowViews = new WeakMap<Uint32Array, Buffer>();

/** A view of a row's words. */
export function rowBytes(words: Uint32Array): Buffer {
  const known = rowViews.get(words);
  if (known !== undefined) return known;
  const view = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  rowViews.set(words, view);
  return view;
}
