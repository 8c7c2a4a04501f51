// The list of commands on a screen of its own: a heading, then a command a row.
import { formatDuration, type Outline } from "../../core/index.js";
import { Screen, visibleText } from "../../terminal/index.js";
import { hasFailed, type ListedCommand } from "../command-list.js";
import { failureText, lookingText, NO_COMMANDS } from "./command-jumps.js";
import type { CommandView, ViewRow } from "./command-view.js";
import { fitText, textWidth } from "./text-width.js";
import { formatClock } from "./times.js";

/** Narrower lists do without how long each command took, then without when it began. */
const MIN_TOOK_COLS = 56;
const MIN_START_COLS = 36;
const TOOK_COLS = 9;
const STATUS_COLS = 9;
const MAX_INDENT = 8;

/** Draws a list of commands; keeps its screen until the size changes. */
export class CommandPage {
  readonly #view: CommandView;
  #screen = new Screen({ cols: 1, rows: 1 });
  #text = "";

  constructor(view: CommandView) {
    this.#view = view;
  }

  /** The list as it is now on a screen of this size. */
  draw(cols: number, rows: number, outline: Outline): Screen {
    if (this.#screen.cols !== cols || this.#screen.rows !== rows) {
      this.#screen.dispose();
      this.#screen = new Screen({ cols, rows });
      this.#text = "";
    }
    const text = pageText(this.#view, { cols, rows, outline });
    if (text !== this.#text) this.#screen.feed(Buffer.from(text));
    this.#text = text;
    return this.#screen;
  }
}

interface Page {
  readonly cols: number;
  readonly rows: number;
  readonly outline: Outline;
}

function pageText(view: CommandView, { cols, rows, outline }: Page): string {
  // Where there is but one row, the selected command is more than a heading.
  const first = rows > 1 ? 1 : 0;
  const shown = view.rows(rows - first, first).map((row) => rowText(row, cols));
  const headings = [`\x1b[1m${fitText(headingText(view, outline), cols)}\x1b[0m`].slice(0, first);
  const lines = [...headings, ...(shown.length > 0 ? shown : [fitText(emptyText(view, outline), cols)])];
  return `\x1b[?7l\x1b[?25l\x1b[0m\x1b[2J${lines.map((line, y) => `\x1b[${y + 1};1H${line}`).join("")}`;
}

function headingText(view: CommandView, outline: Outline): string {
  const { size, index, pattern, list } = view;
  const filter = pattern === undefined ? "" : ` /${visibleText(pattern.source)}`;
  const place = size === 0 ? "" : ` ${index + 1}/${size}`;
  const isLooking = list.state === "looking" || list.state === "unasked";
  const state = size > 0 && isLooking ? `, ${lookingText(list, outline)}` : "";
  const damage = typeof list.state === "object" ? `, read as far as it goes: ${failureText(list.state.failure)}` : "";
  return `Commands${place}${filter}${state}${damage}: enter goes there, / filters, esc closes`;
}

function emptyText({ list, pattern }: CommandView, outline: Outline): string {
  if (list.state === "looking" || list.state === "unasked") return lookingText(list, outline);
  if (typeof list.state === "object") return failureText(list.state.failure);
  return pattern === undefined || list.commands.length === 0 ? NO_COMMANDS : "no command has that in its line";
}

function rowText({ command, isSelected, isHere }: ViewRow, cols: number): string {
  const status = statusText(command);
  const parts = [isHere ? "►" : " "];
  if (cols >= MIN_START_COLS) parts.push(formatClock(command.start).padStart(TOOK_COLS));
  if (cols >= MIN_TOOK_COLS)
    parts.push((command.duration === undefined ? "-" : formatDuration(command.duration)).padStart(TOOK_COLS));
  const before = `${parts.join(" ")} `;
  const mark = cols >= MIN_START_COLS ? status.padEnd(STATUS_COLS) : hasFailed(command) ? "×" : " ";
  const left = `${before}${mark} `;
  const room = Math.max(0, cols - textWidth(left));
  const indent = Math.min(command.depth, MAX_INDENT, Math.floor(room / MAX_INDENT));
  const line = fitText("  ".repeat(indent) + lineText(command, room), room);
  const style = isSelected ? "\x1b[0;7m" : "\x1b[0m";
  const colour = hasFailed(command) ? "\x1b[31m" : "";
  const padding = " ".repeat(Math.max(0, room - textWidth(line)));
  return `${style}${before}${colour}${mark} ${line}${padding}\x1b[0m`;
}

/** `0`, `× 1`, `× SIGKILL`; `-` where it is not known. */
export function statusText(command: ListedCommand): string {
  const { signal, exitStatus } = command;
  if (exitStatus === undefined) return "-";
  return hasFailed(command) ? `× ${signal ?? exitStatus}` : "0";
}

/** On one line, safe to print; of a long one as much as may fit into so many columns. */
export function lineText({ line }: ListedCommand, cols: number): string {
  return line === undefined ? "-" : visibleText(line, { maxLength: cols + 1 });
}
