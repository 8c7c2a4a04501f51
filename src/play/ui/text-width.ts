// How many columns a text takes, by the screen's own table of widths.
import { MAX_SIDE, Screen } from "../../terminal/index.js";

let ruler: Screen | undefined;

/** Columns of a text without control characters, as far as a screen is wide. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return Math.min(text.length, MAX_SIDE);
  ruler ??= new Screen({ cols: MAX_SIDE, rows: 1 });
  ruler.feed(Buffer.from(`\r${text.slice(0, MAX_SIDE)}`));
  const { x, pendingWrap } = ruler.cursor;
  return pendingWrap ? MAX_SIDE : x;
}

/** As much of a text as fits into so many columns, an ellipsis for the rest. */
export function fitText(text: string, cols: number): string {
  if (textWidth(text) <= cols) return text;
  const characters = [...text].slice(0, cols);
  while (characters.length > 0 && textWidth(characters.join("")) > cols - 1) characters.pop();
  return cols < 1 ? "" : `${characters.join("")}…`;
}
