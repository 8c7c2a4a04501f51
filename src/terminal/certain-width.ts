// What all terminals agree on: which characters take one column and which take two. Everywhere else (emoji, combining and
// joining characters, symbols, new scripts) widths depend on the terminal, its version and its font.

/** First and last character, and their columns. What is not in the table is uncertain. */
const RANGES: readonly (readonly [number, number, 1 | 2])[] = [
  [0x20, 0x7e, 1],
  [0xa0, 0xac, 1],
  [0xae, 0x24f, 1], // not the soft hyphen
  [0x384, 0x38a, 1],
  [0x38c, 0x38c, 1],
  [0x38e, 0x3a1, 1], // the three between are no characters: some terminals show nothing for them
  [0x3a3, 0x482, 1],
  [0x48a, 0x52f, 1],
  [0x2010, 0x2027, 1],
  [0x2190, 0x2193, 1],
  [0x2500, 0x25a9, 1], // box drawing, blocks
  [0x2800, 0x28ff, 1],
  [0x3041, 0x3096, 2],
  [0x30a1, 0x30fa, 2],
  [0x3400, 0x4dbf, 2],
  [0x4e00, 0x9fff, 2],
  [0xac00, 0xd7a3, 2],
  [0xff01, 0xff60, 2],
];

/** The columns that a character takes in any terminal; 0 where that is not certain. */
export function certainWidth(code: number): 0 | 1 | 2 {
  if (code >= 0x20 && code <= 0x7e) return 1;
  for (const [first, last, width] of RANGES) if (code <= last) return code >= first ? width : 0;
  return 0;
}
