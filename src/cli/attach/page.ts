// A page of text that is shown on the user's terminal in place of a session: lines on a screen of their own, drawn by cells.
import { fitText } from "../../play/terminal-parts.js";
import { Screen } from "../../terminal/index.js";

/** A line of a page. */
export interface PageLine {
  /** Safe to print. */
  readonly text: string;
  readonly style?: "bold" | "inverse" | "dim";
}

/** What is shown, and where its cursor is; hidden where absent. */
export interface Page {
  readonly screen: Screen;
  readonly cursor?: { readonly x: number; readonly y: number } | undefined;
}

const STYLES = { bold: "\x1b[1m", inverse: "\x1b[7m", dim: "\x1b[2m" } as const;

/** A screen of this size with these lines; what is too long is cut. */
export function pageScreen(cols: number, rows: number, lines: readonly PageLine[]): Screen {
  const screen = new Screen({ cols, rows });
  const text = lines
    .slice(0, rows)
    .map(({ text: line, style }, y) => {
      const shown = fitText(line, cols);
      return `\x1b[${y + 1};1H${style === undefined ? shown : `${STYLES[style]}${shown}\x1b[0m`}`;
    })
    .join("");
  screen.feed(Buffer.from(`\x1b[?7l\x1b[?25l${text}`));
  return screen;
}
