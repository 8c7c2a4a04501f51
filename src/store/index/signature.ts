// What a long text may hold, in a few bits: one for each part of five characters that stands in it. Texts that have all grams of
// a word but nowhere the word are told by it without being looked at.

/** UTF-16 units of a part. */
const PART = 5;
/** Bits of a signature: about four times the parts of a text of 14 KB. */
export const SIGNATURE_BITS = 32 * 1024;
/** Parts of a term that are asked for, at most. */
const MAX_ASKED = 12;

/** The signature of a folded text; bits as PostgreSQL's get_bit numbers them. */
export function signatureOf(folded: string): Buffer {
  const bytes = Buffer.alloc(SIGNATURE_BITS / 8);
  for (let at = 0; at + PART <= folded.length; at++) {
    const bit = bitOf(folded, at);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return bytes;
}

/** Bits that every text's signature has in which the folded term stands; none where the term is short. */
export function signatureBits(folded: string): readonly number[] {
  const bits = new Set<number>();
  for (let at = 0; at + PART <= folded.length && bits.size < MAX_ASKED; at++) bits.add(bitOf(folded, at));
  return [...bits];
}

function bitOf(text: string, start: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < start + PART; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return ((hash >>> 15) ^ hash) & (SIGNATURE_BITS - 1);
}
