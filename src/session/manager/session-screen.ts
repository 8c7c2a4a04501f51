// A screen as it is told of.
import type { Screen } from "../../terminal/index.js";
import type { SessionScreen } from "../session-manager.js";

/** What a screen shows, and what makes a fresh terminal show it. */
export function screenOf(screen: Screen): SessionScreen {
  const { cols, rows, cursor, title } = screen;
  return {
    cols,
    rows,
    lines: screen.text(),
    cursor: { col: cursor.x, row: cursor.y, isVisible: cursor.visible },
    title,
    dump: screen.dump(),
  };
}

/** What a screen shows: its rows, and, where some were wrapped, its lines. */
export function textsOf(screen: Screen): readonly string[] {
  const rows = screen.snapshot().lines;
  const byRows = rows.map((row) => row.text()).join("\n");
  if (!rows.some(({ wrapped }) => wrapped)) return [byRows];
  let byLines = "";
  for (const [index, row] of rows.entries()) {
    const goesOn = rows[index + 1]?.wrapped === true;
    byLines += row.text({ untrimmed: goesOn }) + (goesOn ? "" : "\n");
  }
  return [byRows, byLines];
}
