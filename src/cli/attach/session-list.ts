// A list of sessions to choose one from: arrow keys go through it, what is typed leaves those in it that hold every word, enter chooses.
import { fitText, type Key, type Paste, Prompt } from "../../play/terminal-parts.js";
import { type Page, type PageLine, pageScreen } from "./page.js";

/** A session in the list. All texts are safe to print. */
export interface ListedItem {
  readonly id: string;
  readonly name: string;
  /** What else is told of it. */
  readonly about: string;
  /** The one that is seen just now. */
  readonly isCurrent: boolean;
}

/** What a key led to. */
export type ListResult = "changed" | "chosen" | "left" | "nothing";

const LABEL = "Session: ";
const NAME_COLS = 20;
const MIN_NAME_COLS = 8;

/** The list as it stands. */
export class SessionList {
  readonly #items: readonly ListedItem[];
  readonly #prompt = new Prompt(LABEL);
  #shown: readonly ListedItem[];
  #at: number;
  #top = 0;
  /** Rows of the list that were drawn last. */
  #page = 10;

  /** The session that was seen before stands first among others: it is marked unless it is the current one. */
  constructor(items: readonly ListedItem[]) {
    this.#items = items;
    this.#shown = items;
    const other = items.findIndex(({ isCurrent }) => !isCurrent);
    this.#at = Math.max(0, other);
  }

  /** What enter chooses; undefined where nothing is left. */
  get chosen(): ListedItem | undefined {
    return this.#shown[this.#at];
  }

  /** Takes a key or a paste. Escape empties what was typed, then leaves. */
  take(input: Key | Paste): ListResult {
    const move = input.kind === "key" ? this.#moveOf(input) : undefined;
    if (move !== undefined) return this.#move(move);
    if (input.kind === "key") {
      if (input.name === "enter") return this.chosen === undefined ? "nothing" : "chosen";
      if (input.name === "escape" && this.#prompt.text !== "") return this.#filter({ ...input, name: "u", ctrl: true });
      if (input.name === "escape" || (input.ctrl && (input.name === "c" || input.name === "g"))) return "left";
      if (input.name === "backspace" && this.#prompt.text === "") return "nothing";
    }
    return this.#filter(input);
  }

  /** The page for a terminal of this size. */
  draw(cols: number, rows: number): Page {
    const line = this.#prompt.line(cols);
    this.#page = Math.max(1, rows - 1);
    this.#top = Math.max(0, Math.min(this.#top, this.#shown.length - this.#page));
    this.#top = Math.min(this.#at, Math.max(this.#top, this.#at - this.#page + 1));
    const nameCols = Math.min(NAME_COLS, Math.max(MIN_NAME_COLS, ...this.#shown.map(({ name }) => [...name].length)));
    const entries: PageLine[] = this.#shown.slice(this.#top, this.#top + this.#page).map((item, n) => {
      const mark = item.isCurrent ? "*" : " ";
      const name = fitText(item.name, nameCols);
      const text = `${mark} ${name}${" ".repeat(Math.max(0, nameCols - [...name].length))}  ${item.about}`;
      return this.#top + n === this.#at ? { text, style: "inverse" } : { text };
    });
    const lines = [{ text: line.text, style: "bold" } as const, ...entries, ...this.#remarks()];
    return { screen: pageScreen(cols, rows, lines), cursor: { x: line.cursor, y: 0 } };
  }

  /** What a list that leads nowhere else says of that. */
  #remarks(): readonly PageLine[] {
    if (this.#shown.length === 0) return [{ text: "  none of the sessions", style: "dim" }];
    const isAlone = this.#items.every(({ isCurrent }) => isCurrent);
    return isAlone ? [{ text: "  no other one lives", style: "dim" }] : [];
  }

  #moveOf({ name, ctrl, shift }: Key): number | undefined {
    if (name === "up" || (ctrl && name === "p") || (name === "tab" && shift)) return -1;
    if (name === "down" || (ctrl && name === "n") || name === "tab") return 1;
    if (name === "pageup") return -this.#page;
    if (name === "pagedown") return this.#page;
    if (name === "home") return Number.NEGATIVE_INFINITY;
    return name === "end" ? Number.POSITIVE_INFINITY : undefined;
  }

  /** One step goes round. */
  #move(by: number): ListResult {
    const count = this.#shown.length;
    if (count === 0) return "nothing";
    const to = this.#at + by;
    this.#at = Math.abs(by) === 1 ? (to + count) % count : Math.max(0, Math.min(count - 1, to));
    return "changed";
  }

  #filter(input: Key | Paste): ListResult {
    if (this.#prompt.take(input) !== "typed") return "nothing";
    const words = this.#prompt.text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const before = this.chosen?.id;
    this.#shown = this.#items.filter(({ id, name, about }) => {
      const text = `${name} ${about} ${id}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    this.#at = Math.max(
      0,
      this.#shown.findIndex(({ id }) => id === before),
    );
    return "changed";
  }
}
