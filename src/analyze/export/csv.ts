// Commands as CSV (RFC 4180), harmless to spreadsheets and exact all the same.
import type { Target } from "../../core/index.js";
import { type Cell, COMMAND_COLUMNS } from "./columns.js";
import { type CommandWriter, PieceWriter } from "./writer.js";

/** A header line, then a line a command. Nothing is an empty field; an empty text is `""`. */
export function csvWriter(target: Target): CommandWriter {
  const pieces = new PieceWriter(target);
  const line = (cells: readonly Cell[]) => pieces.add(`${cells.map(csvField).join(",")}\r\n`);
  let isBegun = false;
  const begin = async () => {
    isBegun = true;
    await line(COMMAND_COLUMNS.map(({ name }) => name));
  };
  return {
    async add({ json }) {
      if (!isBegun) await begin();
      await line(COMMAND_COLUMNS.map(({ value }) => value(json)));
    },
    async end() {
      if (!isBegun) await begin();
      await pieces.flush();
    },
  };
}

/** What spreadsheets take for the beginning of a formula, wide forms and what they pass over before it included. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** Whether a spreadsheet could take the text for a formula. */
export function couldBeFormula(text: string): boolean {
  return FORMULA.test(text);
}

/** An apostrophe goes before what could be a formula, and before an apostrophe: taking one away again gives the exact text. */
function guarded(text: string): string {
  return couldBeFormula(text) || text.startsWith("'") ? `'${text}` : text;
}

function csvField(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  const text = guarded(cell);
  // Spaces at either end are quoted too: some readers take them away.
  return text === "" || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
