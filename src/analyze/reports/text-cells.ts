// Text on a grid of cells: how wide it is, cut and wrapped.
import { certainWidth } from "../../terminal/index.js";

/** Cells that a text takes; two for each character whose width is not certain, so that it never takes more. */
export function cellWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

function widthOf(character: string): number {
  return certainWidth(character.codePointAt(0) ?? 0) || 2;
}

/** The text, cut to so many cells with an ellipsis. */
export function cut(text: string, cells: number): string {
  if (text.length * 2 <= cells || cellWidth(text) <= cells) return text;
  let width = 0;
  let kept = "";
  for (const character of text) {
    width += widthOf(character);
    if (width > cells - 1) break;
    kept += character;
  }
  return cells > 0 ? `${kept}…` : "";
}

/** The text, cut to so many cells with an ellipsis in place of its beginning. */
export function cutStart(text: string, cells: number): string {
  if (text.length * 2 <= cells || cellWidth(text) <= cells) return text;
  const reversed = [...text].reverse().join("");
  return [...cut(reversed, cells)].reverse().join("");
}

/** Filled with spaces on the right. */
export function padEnd(text: string, cells: number): string {
  return text + " ".repeat(Math.max(0, cells - cellWidth(text)));
}

/** Filled with spaces on the left. */
export function padStart(text: string, cells: number): string {
  return " ".repeat(Math.max(0, cells - cellWidth(text))) + text;
}

/** What begins an item is not left alone in its row. */
const BULLET = /^[!•]$/;

/** In pieces of so many cells, whatever is in them. */
function broken(text: string, cells: number): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const character of text) {
    if (piece !== "" && cellWidth(piece) + widthOf(character) > cells) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, piece];
}

/** In rows of so many cells, broken between words, and within them where they are longer than a row. */
export function wrap(text: string, cells: number): readonly string[] {
  const rows: string[] = [];
  let row = "";
  for (const word of text.split(" ")) {
    const longer = row === "" ? word : `${row} ${word}`;
    if (cellWidth(longer) <= cells) row = longer;
    else {
      if (row !== "" && !BULLET.test(row)) rows.push(row);
      const pieces = broken(BULLET.test(row) ? longer : word, cells);
      rows.push(...pieces.slice(0, -1));
      row = pieces.at(-1) ?? "";
    }
  }
  return row === "" ? rows : [...rows, row];
}
