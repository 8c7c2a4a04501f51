// Where a text stands on a screen: as it is read, over rows that were wrapped and past wide characters, in cells.
import type { ScreenLine } from "./cells.js";
import type { Highlight } from "./painted-cells.js";
import type { Screen } from "./screen.js";

/** The places of all matches, row by row: a match that was wrapped has one in each of its rows. */
export function findOnScreen(screen: Screen, regex: RegExp): readonly Highlight[] {
  const { lines } = screen.snapshot();
  const everywhere = new RegExp(regex.source, regex.flags.includes("g") ? regex.flags : `${regex.flags}g`);
  const found: Highlight[] = [];
  for (let first = 0; first < lines.length; ) {
    let end = first + 1;
    while (lines[end]?.wrapped === true) end++;
    found.push(...findInRows(lines.slice(first, end), first, everywhere));
    first = end;
  }
  return found;
}

/** Finds in rows that are one line. */
function findInRows(rows: readonly ScreenLine[], firstRow: number, regex: RegExp): Highlight[] {
  const texts = rows.map((row, n) => row.text({ untrimmed: n < rows.length - 1 }));
  const found: Highlight[] = [];
  let columns: readonly (readonly number[])[] | undefined;
  for (const { 0: match, index } of texts.join("").matchAll(regex)) {
    if (match === "") continue;
    columns ??= rows.map(columnsOf);
    let start = 0; // of the row, in the line's text
    for (const [n, text] of texts.entries()) {
      const [from, to] = [Math.max(index - start, 0), Math.min(index + match.length - start, text.length)];
      const x = columns[n]?.[from] ?? 0;
      if (from < to) found.push({ x, y: firstRow + n, cols: (columns[n]?.[to] ?? rows[n]?.cols ?? x) - x });
      start += text.length;
    }
  }
  return found;
}

/** The column of each UTF-16 unit of a row's untrimmed text. */
function columnsOf(row: ScreenLine): readonly number[] {
  const columns: number[] = [];
  for (let x = 0; x < row.cols; ) {
    const { chars, width } = row.cell(x);
    for (let unit = 0; unit < (chars.length || 1); unit++) columns.push(x);
    x += width || 1;
  }
  return columns;
}
