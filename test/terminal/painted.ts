// What a painted area must show, worked out cell by cell from copies: the slow twin of the painter.
import { ATTRS, type Cell, type PaintArea, type Screen, TRUECOLOR } from "../../src/terminal/index.js";

/** The cells of a part of a screen as text with its style, one string a cell: what a terminal that was painted shows. */
export function shownCells(screen: Screen, { cols, rows, left, top }: PaintArea): string[][] {
  const { lines } = screen.snapshot();
  return Array.from({ length: rows }, (_, y) => {
    const cells = lines[top + y]?.cells().slice(left, left + cols) ?? [];
    const shown: string[] = [];
    while (shown.length < Math.min(cols, screen.cols - left)) {
      const [cell, next] = [cells[shown.length], cells[shown.length + 1]];
      if (cell === undefined) shown.push(describe(undefined, " "));
      else if (cell.width === 2 && next?.width === 0 && next.chars === "")
        shown.push(describe(cell, cell.chars), "half");
      else if (cell.width === 2) shown.push(describe(cell, " "));
      else shown.push(describe(cell, cell.width === 0 && cell.chars !== "" ? ` ${cell.chars}` : cell.chars || " "));
    }
    return shown;
  });
}

function describe(cell: Cell | undefined, text: string): string {
  const { fg = -1, bg = -1, attrs = 0, underline = 0, underlineColor = -1 } = cell ?? {};
  // The engine makes white of SGR 59, which means none.
  const colour = underline === 0 || underlineColor === (TRUECOLOR | 0xffffff) ? -1 : underlineColor;
  const joined = text.replace(/\u200d+$/, ""); // a joiner that joins nothing is not painted
  return `${joined}|${fg} ${bg} ${attrs & ~ATTRS.protected} ${underline} ${colour}`;
}
