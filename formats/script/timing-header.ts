// The `H` records of an advanced timing file: what they say of the recording, and how it is said in them.
import type { Header } from "../../src/core/index.js";
import { findTimestamp, formatTimestamp, oneLine, parseSize } from "./typescript-line.js";

/** Records that say where the files are or how the recording ended: they are no header fields. */
const NOT_KEPT = new Set(["TIMING_LOG", "OUTPUT_LOG", "INPUT_LOG", "DURATION", "EXIT_CODE"]);
const FIELDS = new Set(["START_TIME", "TERM", "COLUMNS", "LINES", "SHELL", "COMMAND"]);

/** NAME and VALUE of a record's text. */
export function splitNameValue(text: string): { name: string; value: string } {
  const space = text.indexOf(" ");
  return space < 0 ? { name: text, value: "" } : { name: text.slice(0, space), value: text.slice(space + 1) };
}

/** The header fields that records state. Names that are not known are kept in `extra`. */
export function readHeaderRecords(records: ReadonlyMap<string, string>): Partial<Header> {
  const startTime = findTimestamp(records.get("START_TIME") ?? "");
  const termType = records.get("TERM");
  const command = records.get("COMMAND");
  const shell = records.get("SHELL");
  const rest = [...records].filter(([name]) => !FIELDS.has(name) && !NOT_KEPT.has(name));
  return {
    ...parseSize(records.get("COLUMNS"), records.get("LINES")),
    ...(termType === undefined ? {} : { termType }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(command === undefined ? {} : { command }),
    ...(shell === undefined ? {} : { env: { SHELL: shell } }),
    ...(rest.length === 0 ? {} : { extra: Object.fromEntries(rest) }),
  };
}

/** The records of a header in util-linux's order, as NAME and VALUE. */
export function headerRecords(header: Header, files: { readonly timing: string; readonly output: string }): string[] {
  const { startTime, termType, cols, rows, env, command } = header;
  const records: [string, string | undefined][] = [
    ["START_TIME", startTime === undefined ? undefined : formatTimestamp(startTime, "exact")],
    ["TERM", termType],
    ...writableExtra(header),
    ["COLUMNS", String(cols)],
    ["LINES", String(rows)],
    ["SHELL", env?.SHELL],
    ["COMMAND", command],
    ["TIMING_LOG", files.timing],
    ["OUTPUT_LOG", files.output],
  ];
  return records.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${oneLine(value)}`]));
}

/** How many header fields script cannot hold, or not as they are. */
export function headerLosses(header: Header, timing: "advanced" | "classic"): number {
  const { cols: _cols, rows: _rows, duration: _, startTime, termType, command, env, extra, ...others } = header;
  const isAdvanced = timing === "advanced";
  const isWholeTime = isAdvanced || startTime === undefined || startTime % 1_000_000_000n === 0n;
  const texts = [termType, command, ...(isAdvanced ? [env?.SHELL] : [])];
  const changed = texts.filter((text) => text !== undefined && oneLine(text) !== text).length;
  const otherEnv = Object.keys(env ?? {}).some((name) => !isAdvanced || name !== "SHELL");
  const held = isAdvanced ? writableExtra(header).length : typeof extra?.TTY === "string" ? 1 : 0;
  return (
    Object.keys(others).length +
    changed +
    (isWholeTime ? 0 : 1) +
    (otherEnv ? 1 : 0) +
    (Object.keys(extra ?? {}).length - held)
  );
}

/** Extra fields that were such records: upper-case names with a text of one line. */
function writableExtra({ extra = {} }: Header): [string, string][] {
  return Object.entries(extra).flatMap(([name, value]): [string, string][] =>
    /^[A-Z][A-Z0-9_]*$/.test(name) &&
    !FIELDS.has(name) &&
    !NOT_KEPT.has(name) &&
    typeof value === "string" &&
    oneLine(value) === value
      ? [[name, value]]
      : [],
  );
}
