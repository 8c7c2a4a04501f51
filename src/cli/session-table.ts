// Sessions as a table for people: as wide as the terminal, nothing in it that the terminal would obey.
import { formatDuration, formatSize } from "../core/index.js";
import type { ListedSession } from "../library/index.js";
import type { Session } from "../store/index.js";

/** Characters of an id that are shown at least: ten tell the millisecond. */
const MIN_ID_LENGTH = 10;
const ID_LENGTH = 26;
/** What cells are cut to at least, columns. */
const MIN_NAME = 8;
const GAP = 2;

/** The table; undefined `cols`: nothing is cut to a width. */
export async function sessionTable(sessions: readonly ListedSession[], cols: number | undefined): Promise<string> {
  const visibleText = await visibleTextFor(sessions.flatMap(({ session: { name, tags } }) => [name, ...tags]));
  const length = shownIdLength(sessions.map(({ session }) => session.id));
  const rows = sessions.map(({ session, spooled }) => [
    session.id.slice(0, length),
    visibleText(session.name, { maxLength: 200 }),
    localTime(session.createdAt),
    session.stats.durationNs === 0 && spooled !== undefined ? "" : formatDuration(session.stats.durationNs),
    statusText(session, spooled),
    session.commandCount === 0 ? "" : String(session.commandCount),
    session.stats.storedBytes === 0 ? "" : formatSize(session.stats.storedBytes),
    visibleText(session.tags.join(", "), { maxLength: 200 }),
  ]);
  const head = ["id", "name", "when", "length", "status", "commands", "size", "tags"];
  // The tags first, then the names.
  return columnsUnder(head, rows, { cols, cut: [7, 1] });
}

/** How columns are laid out: as wide as the terminal, where that is given, by cutting these of them. */
export interface ColumnLayout {
  readonly cols?: number | undefined;
  readonly cut: readonly number[];
}

/** Columns under their names, two blanks between them. Cells must be safe to print. */
export function columnsUnder(head: readonly string[], rows: string[][], { cols, cut }: ColumnLayout): string {
  if (cols !== undefined) cutToWidth(head, rows, cols, cut);
  return aligned([head.map((name) => name.toUpperCase()), ...rows]);
}

type VisibleText = typeof import("../terminal/index.js").visibleText;

/** What most names are made of, and no terminal obeys. */
const PLAIN = /^[ -~\u00a1-\u024f\u0391-\u03c9\u0400-\u04ff\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]*$/;

/** Where all is plain nothing is loaded to make it visible: lists are to be quick. */
export async function visibleTextFor(texts: readonly string[]): Promise<VisibleText> {
  if (!texts.every((text) => PLAIN.test(text))) return (await import("../terminal/index.js")).visibleText;
  return (text, { maxLength = text.length } = {}) =>
    text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

/** Columns under each other, two blanks between them. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  const pad = (cell: string, at: number) => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell));
  return rows.map((row) => row.map(pad).join(" ".repeat(GAP)).trimEnd()).join("\n");
}

/** Characters of ids that tell those that are shown apart, ten at least. */
export function shownIdLength(ids: readonly string[]): number {
  for (let length = MIN_ID_LENGTH; length < ID_LENGTH; length++) {
    if (new Set(ids.map((id) => id.slice(0, length))).size === ids.length) return length;
  }
  return ID_LENGTH;
}

function cutToWidth(head: readonly string[], rows: string[][], cols: number, cut: readonly number[]): void {
  for (const column of cut) {
    const widths = head.map((name, at) => Math.max(widthOf(name), ...rows.map((row) => widthOf(row[at] ?? ""))));
    const excess = widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1)) - cols;
    if (excess <= 0) return;
    const width = Math.max(MIN_NAME, (widths[column] ?? 0) - excess);
    for (const row of rows) row[column] = cutTo(row[column] ?? "", width);
  }
}

function cutTo(text: string, cols: number): string {
  if (widthOf(text) <= cols) return text;
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > cols - 1) break;
    end += character.length;
  }
  return `${text.slice(0, end)}…`;
}

/** Columns at most: what is not plain may take two. */
function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += (character.codePointAt(0) ?? 0) < 0x300 || character === "…" ? 1 : 2;
  return width;
}

/** What became of it, in a word or two. */
export function statusText({ status, exitStatus }: Session, spooled: ListedSession["spooled"]): string {
  if (spooled === "waiting") return "waiting";
  return exitStatus === undefined || exitStatus === 0
    ? status.replace("_", " ")
    : `${status.replace("_", " ")} ${exitStatus}`;
}

/** `2026-11-21 19:30`, by the local clock. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
