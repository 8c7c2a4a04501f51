// What scrolled off a session's screen, with the screen below it as it stood: rows that are gone through with keys, in place of the session.
import { fitText, type Key } from "../../play/terminal-parts.js";
import { Screen } from "../../terminal/index.js";
import type { Page } from "./page.js";

const KEYS = "arrows PgUp PgDn g G  q leaves";

/** The rows as they stand. */
export class ScrollbackView {
  readonly #rows: readonly string[];
  /** The first row that is seen; beyond the last page: the last page. */
  #top: number;
  /** Rows that were drawn last. */
  #page = 1;

  /**
   * `above` and `screen`: rows with their styles (`styledText`), the oldest first. At first the last that scrolled off are seen, for a
   * terminal of so many rows.
   */
  constructor(above: readonly string[], screen: readonly string[], rows: number) {
    this.#rows = [...above, ...screen];
    this.#top = Math.max(0, above.length - pageOf(rows));
  }

  /** Takes a key. */
  take({ name, ctrl }: Key): "changed" | "left" | "nothing" {
    if (name === "q" || name === "escape" || name === "enter" || (ctrl && name === "c")) return "left";
    const by = this.#moveOf(name);
    if (by === undefined) return "nothing";
    this.#top = this.#clamped(this.#clamped(this.#top) + by);
    return "changed";
  }

  /** The page for a terminal of this size; its last row says where one is. */
  draw(cols: number, rows: number): Page {
    this.#page = pageOf(rows);
    const top = this.#clamped(this.#top);
    const shown = this.#rows.slice(top, top + this.#page);
    const lines = shown.map((row, y) => `\x1b[${y + 1};1H${row}\x1b[0m`);
    const place = ` ${top + 1}-${top + shown.length} of ${this.#rows.length} rows  ${KEYS}`;
    if (rows > 1) lines.push(`\x1b[${rows};1H\x1b[7m${fitText(place, cols).padEnd(cols)}\x1b[0m`);
    const screen = new Screen({ cols, rows });
    screen.feed(Buffer.from(`\x1b[?7l\x1b[?25l${lines.join("")}`));
    return { screen };
  }

  #clamped(top: number): number {
    return Math.max(0, Math.min(top, this.#rows.length - this.#page));
  }

  #moveOf(name: string): number | undefined {
    if (name === "up" || name === "k") return -1;
    if (name === "down" || name === "j") return 1;
    if (name === "pageup" || name === "b") return -this.#page;
    if (name === "pagedown" || name === "space" || name === "f") return this.#page;
    if (name === "home" || name === "g") return Number.NEGATIVE_INFINITY;
    return name === "end" || name === "G" ? Number.POSITIVE_INFINITY : undefined;
  }
}

/** Rows of a page: the last of the terminal is for the place. */
function pageOf(rows: number): number {
  return Math.max(1, rows - 1);
}
