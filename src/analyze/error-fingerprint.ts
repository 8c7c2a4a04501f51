// What lines have in common that say the same of other files, numbers and moments.

/** Units of a line that count. */
const MAX_UNITS = 500;

/** One after the other: what comes first may hold what comes later. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/[‘’`´“”]/g, "'"],
  [/\d{4}-\d\d-\d\d(?:[T _]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, "TIME"],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, "TIME"],
  [/'[^']{0,200}'|"[^"]{0,200}"/g, "'…'"],
  [/\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s'",;)\]]{1,300}/gi, "URL"],
  [/[\w.@%+~-]{0,80}(?:\/[\w.@%+~-]{1,100}){1,40}\/?/g, "PATH"],
  [/\b[\w-]{1,80}\.[a-z][a-z0-9]{0,4}(?=[:(]\d|: |,|\)|$)/gi, "PATH"],
  [/\b0x[0-9a-f]{1,16}\b/gi, "HEX"],
  [/\b(?=[a-f]{0,40}\d)(?=\d{0,40}[a-f])[0-9a-f]{7,64}\b/gi, "HEX"],
  [/\d+(?:[.,]\d+)?/g, "N"],
  [/\s+/g, " "],
];

/**
 * The line with its numbers, paths, addresses, quoted texts and moments replaced by words for them: equal for lines that say the
 * same. The first 500 units count.
 */
export function errorFingerprint(line: string): string {
  let text = line.slice(0, MAX_UNITS);
  for (const [pattern, word] of VARIABLE) text = text.replace(pattern, word);
  return text.trim();
}
