// The help: the player's keys on a screen of its own, in as many columns as there is room for.
import { Screen } from "../../terminal/index.js";
import { PLAYER_KEYS } from "./player-keys.js";
import { fitText } from "./text-width.js";

const KEYS_COLS = 14;
const ENTRY_COLS = 40;

/** A screen of this size that shows the keys. */
export function helpScreen(title: string, cols: number, rows: number): Screen {
  const screen = new Screen({ cols, rows });
  const lines = [`\x1b[1m${fitText(title, cols)}\x1b[0m`, ...helpLines(cols, rows - 1)];
  const text = lines.slice(0, rows).map((line, y) => `\x1b[${y + 1};1H${line}`);
  screen.feed(Buffer.from(`\x1b[?7l\x1b[?25l${text.join("")}`));
  return screen;
}

function helpLines(cols: number, rows: number): string[] {
  const entries = PLAYER_KEYS.map(({ keys, shown, help }) => ` ${(shown ?? keys.join(" ")).padEnd(KEYS_COLS)}${help}`);
  const columns = Math.max(1, Math.min(Math.floor(cols / ENTRY_COLS), Math.ceil(entries.length / Math.max(1, rows))));
  const perColumn = Math.ceil(entries.length / columns);
  return Array.from({ length: Math.min(rows, perColumn) }, (_, row) => {
    const inRow = entries.filter((_entry, n) => n % perColumn === row);
    return fitText(
      inRow
        .map((entry) => entry.padEnd(ENTRY_COLS))
        .join("")
        .trimEnd(),
      cols,
    );
  });
}
