// The help: the player's keys on a screen of its own, in as many columns as there is room for, and on as many pages as it takes.
import { Screen } from "../../terminal/index.js";
import { PLAYER_KEYS } from "./player-keys.js";
import { fitText } from "./text-width.js";

const KEYS_COLS = 14;
const ENTRY_COLS = 40;

/** One page of the help. */
export interface HelpPage {
  readonly screen: Screen;
  /** Counted from 0. */
  readonly page: number;
  readonly isLast: boolean;
}

/** The page of this number (from 0), on a screen of this size. */
export function helpPage(cols: number, rows: number, page = 0): HelpPage {
  const perPage = Math.max(1, rows - 1);
  const lines = helpLines(cols, perPage);
  const pages = Math.ceil(lines.length / perPage);
  const isLast = page >= pages - 1;
  const heading = `Keys${pages > 1 ? ` ${page + 1}/${pages}` : ""}: any key ${isLast ? "closes this" : "shows more"}`;
  const shown = [
    `\x1b[1m${fitText(heading, cols)}\x1b[0m`,
    ...lines.slice(page * perPage, (page + 1) * perPage).map((line) => fitText(line, cols)),
  ];
  const screen = new Screen({ cols, rows });
  const text = shown.slice(0, rows).map((line, y) => `\x1b[${y + 1};1H${line}`);
  screen.feed(Buffer.from(`\x1b[?7l\x1b[?25l${text.join("")}`));
  return { screen, page, isLast };
}

/** In no more columns than one page of so many rows needs. */
function helpLines(cols: number, rows: number): string[] {
  const keysCols = cols < ENTRY_COLS ? 0 : KEYS_COLS;
  const entries = PLAYER_KEYS.map(
    ({ keys, shown, help }) => ` ${`${shown ?? keys.join(" ")} `.padEnd(keysCols)}${help}`,
  );
  const columns = Math.max(1, Math.min(Math.floor(cols / ENTRY_COLS), Math.ceil(entries.length / rows)));
  const perColumn = Math.ceil(entries.length / columns);
  return Array.from({ length: perColumn }, (_, row) => {
    const inRow = entries.filter((_entry, n) => n % perColumn === row);
    return inRow
      .map((entry) => entry.padEnd(ENTRY_COLS))
      .join("")
      .trimEnd();
  });
}
