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
