// Words that are nearly the same: by the parts of three letters that they share.

/** Of all parts that two words have, so many are to be in both. */
const SHARED = 0.4;
/** Shorter words share too little to tell; longer ones are no words. Characters. */
const MIN_LETTERS = 3;
const MAX_LETTERS = 64;

let known: { readonly word: string; readonly parts: ReadonlySet<string> } | undefined;

/** Whether a folded word is nearly the folded term: their parts are compared as PostgreSQL's pg_trgm does. */
export function isNearly(word: string, term: string): boolean {
  if (word.length < MIN_LETTERS || word.length > MAX_LETTERS) return false;
  if (term.length < MIN_LETTERS || term.length > MAX_LETTERS) return false;
  if (known?.word !== term) known = { word: term, parts: partsOf(term) };
  // So much longer that not enough can be shared: spares looking.
  if (word.length + 2 < (term.length + 1) * SHARED || (word.length + 1) * SHARED > term.length + 2) return false;
  const parts = partsOf(word);
  let shared = 0;
  for (const part of parts) if (known.parts.has(part)) shared++;
  return shared >= SHARED * (parts.size + known.parts.size - shared);
}

/** Two blanks in front of a word and one behind it are parts of it: beginnings count for more. */
function partsOf(word: string): ReadonlySet<string> {
  const padded = `  ${word} `;
  const parts = new Set<string>();
  for (let at = 0; at + 3 <= padded.length; at++) parts.add(padded.slice(at, at + 3));
  return parts;
}
