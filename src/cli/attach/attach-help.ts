// The keys of an attached terminal, as a page.
import { ATTACH_KEYS } from "./attach-keys.js";
import { type Page, type PageLine, pageScreen } from "./page.js";

const KEY_COLS = 8;

/** The page; `prefix`: how the prefix key is shown. */
export function attachHelp(cols: number, rows: number, prefix: string): Page {
  const lines: PageLine[] = [
    { text: `Keys behind ${prefix}: any key closes this`, style: "bold" },
    ...ATTACH_KEYS.map(({ keys, shown = keys.join(" "), help }) => ({ text: ` ${shown.padEnd(KEY_COLS)}${help}` })),
    { text: ` ${prefix.padEnd(KEY_COLS)}${prefix} itself, for the session` },
  ];
  return { screen: pageScreen(cols, rows, lines) };
}

/** The keys in one line, for the status line. */
export function shortHelp(prefix: string): string {
  const keys = ATTACH_KEYS.flatMap(({ keys: [first = ""], shown = first, short }) =>
    short === undefined ? [] : [`${shown} ${short}`],
  );
  return [...keys, `${prefix} sends it`].join("  ");
}
