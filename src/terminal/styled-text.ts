// A row of a screen as text with colours, for people, and as runs of equal style, for programs.
import { ATTRS, type Cell, type CellStyle, type Color, type ScreenLine, TRUECOLOR, UNDERLINES } from "./cells.js";

/** Neighbouring cells of one style. */
export interface StyledRun {
  readonly text: string;
  /** Columns. */
  readonly width: number;
  readonly style: CellStyle;
}

/** The row's cells as runs; cells that were never written are spaces. Blank cells of no style at the end are left out. */
export function styledRuns(line: ScreenLine): readonly StyledRun[] {
  const runs: { text: string; width: number; style: CellStyle; key: string }[] = [];
  let { end } = line;
  while (end > 0 && isBlank(line.cell(end - 1))) end--;
  for (let x = 0; x < end; ) {
    const cell = line.cell(x);
    const from = x;
    x = Math.min(line.styleEnd(x), end);
    // The right half of a wide character has the style of the left one.
    while (x < line.cols && line.cell(x).width === 0) x++;
    const text = line.text({ from, to: x, untrimmed: true });
    const key = styleKey(cell);
    const last = runs.at(-1);
    if (last?.key === key) {
      last.text += text;
      last.width += x - from;
    } else runs.push({ text, width: x - from, style: cell, key });
  }
  return runs.map(({ text, width, style }) => ({ text, width, style }));
}

/** The row as text with SGR sequences and no others; plain where nothing has a style. */
export function styledText(line: ScreenLine): string {
  const runs = styledRuns(line);
  const text = runs.map((run) => `${sgr(run.style)}${run.text}`).join("");
  const isPlain = runs.every(({ style }) => sgrCodes(style).length === 0);
  return isPlain ? runs.map((run) => run.text).join("") : `${text}\x1b[0m`;
}

/** The names of a style's attributes, as `ATTRS` and `UNDERLINES` name them: `bold`, `underline`, `underline-curly`. */
export function attributeNames({ attrs, underline }: CellStyle): readonly string[] {
  const names: string[] = Object.entries(ATTRS)
    .filter(([, bit]) => (attrs & bit) !== 0)
    .map(([name]) => name);
  if (underline === 1) names.push("underline");
  else if (underline > 1) names.push(`underline-${UNDERLINES[underline]}`);
  return names;
}

function isBlank(cell: Cell | undefined): boolean {
  return cell !== undefined && (cell.chars === "" || cell.chars === " ") && sgrCodes(cell).length === 0;
}

function styleKey({ fg, bg, attrs, underline, underlineColor, link }: CellStyle): string {
  return `${fg} ${bg} ${attrs} ${underline} ${underlineColor} ${link}`;
}

const SGR_CODES: readonly (readonly [number, number])[] = [
  [ATTRS.bold, 1],
  [ATTRS.dim, 2],
  [ATTRS.italic, 3],
  [ATTRS.blink, 5],
  [ATTRS.inverse, 7],
  [ATTRS.invisible, 8],
  [ATTRS.strikethrough, 9],
  [ATTRS.overline, 53],
];

/** A style from whatever style was before. */
function sgr(style: CellStyle): string {
  return `\x1b[${["0", ...sgrCodes(style)].join(";")}m`;
}

function sgrCodes({ fg, bg, attrs, underline, underlineColor }: CellStyle): readonly string[] {
  const codes = SGR_CODES.filter(([bit]) => (attrs & bit) !== 0).map(([, code]) => `${code}`);
  if (underline > 0) codes.push(underline === 1 ? "4" : `4:${underline}`);
  if (fg >= 0) codes.push(colour("38", fg, 30));
  if (bg >= 0) codes.push(colour("48", bg, 40));
  if (underlineColor >= 0) codes.push(underlineColour(underlineColor));
  return codes;
}

function colour(prefix: string, value: Color, base: number): string {
  if (value >= TRUECOLOR) return `${prefix};2;${rgb(value).join(";")}`;
  if (value < 8) return `${base + value}`;
  return value < 16 ? `${base + 52 + value}` : `${prefix};5;${value}`;
}

function underlineColour(value: Color): string {
  return value >= TRUECOLOR ? `58:2::${rgb(value).join(":")}` : `58:5:${value}`;
}

function rgb(value: Color): readonly number[] {
  return [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
}
