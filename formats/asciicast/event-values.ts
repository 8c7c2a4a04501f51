// What the values of asciicast's own event codes must be, for reading, and for not writing what would be read as one.
import { type CustomEvent, MAX_CELLS } from "../../src/core/index.js";

/** The codes of v2 and v3: output, input, marker, resize, exit. */
const CODES = "oimrx";

/** Whether a code is one of asciicast's own. */
export function isOwnCode(code: string): boolean {
  return code.length === 1 && CODES.includes(code);
}

/** The size in cells that a resize states (`100x30`); undefined where it is impossible. */
export function parseCells(value: string): { readonly cols: number; readonly rows: number } | undefined {
  const match = /^([0-9]{1,5})x([0-9]{1,5})$/.exec(value);
  const cols = Number(match?.[1]);
  const rows = Number(match?.[2]);
  return cols > 0 && rows > 0 && cols <= MAX_CELLS && rows <= MAX_CELLS ? { cols, rows } : undefined;
}

/** The status that an exit states; undefined where it is none. */
export function parseStatus(value: string): number | undefined {
  return /^-?[0-9]{1,10}$/.test(value) ? Number(value) : undefined;
}

/** Whether a custom event, written as a line, would be read as an event of one of asciicast's own codes. */
export function wouldBeOwn({ code, data }: CustomEvent): boolean {
  if (!isOwnCode(code)) return false;
  const json = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
  const value: unknown = JSON.parse(json);
  const text = typeof value === "string" ? value : json;
  if (code === "r") return parseCells(text) !== undefined;
  if (code === "x") return parseStatus(text) !== undefined;
  return typeof value === "string";
}
