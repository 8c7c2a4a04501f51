// The first and last line of a typescript, which util-linux puts around the output:
//   Script started on 2026-01-31 12:00:00+00:00 [COMMAND="ls" TERM="xterm" TTY="/dev/pts/0" COLUMNS="80" LINES="24"]
//   (empty) Script done on 2026-01-31 12:00:01+00:00 [COMMAND_EXIT_CODE="0"]
// The words are translated, the brackets are not. Source: term-utils/script.c of util-linux.
import { type Header, MAX_CELLS } from "../../src/core/index.js";

/** A longer first line is no such line. */
export const MAX_FIRST_LINE_BYTES = 64 * 1024;
/** A longer rest behind the timed output is no trailer. */
export const MAX_TRAILER_BYTES = 4096;

/** What files without a known start state: 1970-01-01, which is read as not known. */
const UNKNOWN_START = 0n;

const BRACKETS =
  /\[(?:COMMAND="(?<command>.*?)")? ?(?:TERM="(?<term>[^"]*)")? ?(?:TTY="(?<tty>[^"]*)")? ?(?:COLUMNS="(?<cols>[0-9]{1,5})" LINES="(?<rows>[0-9]{1,5})")? ?(?:<[^<>]*>)?\]$/s;

/** What the first line says, as far as it can be understood. */
export function parseFirstLine(line: string): Partial<Header> {
  const text = line.replace(/[\r\n]+$/, "");
  const open = text.indexOf(" [");
  const groups = (open < 0 ? undefined : BRACKETS.exec(text.slice(open + 1))?.groups) ?? {};
  const startTime = findTimestamp(open < 0 ? text : text.slice(0, open));
  const { command, term, tty } = groups;
  return {
    ...parseSize(groups.cols, groups.rows),
    ...(term === undefined ? {} : { termType: term }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(command === undefined ? {} : { command }),
    ...(tty === undefined ? {} : { extra: { TTY: tty } }),
  };
}

/** Both sides where both are possible sizes. */
export function parseSize(
  cols: string | undefined,
  rows: string | undefined,
): { cols: number; rows: number } | undefined {
  const size = { cols: Number(cols), rows: Number(rows) };
  const isPossible = size.cols >= 1 && size.rows >= 1 && size.cols <= MAX_CELLS && size.rows <= MAX_CELLS;
  return isPossible && Number.isInteger(size.cols) && Number.isInteger(size.rows) ? size : undefined;
}

/** The first line for a header, without the newline. */
export function formatFirstLine(header: Header): string {
  const { command, termType, cols, rows, extra } = header;
  const parts = [
    ...(command === undefined ? [] : [`COMMAND="${oneLine(command)}"`]),
    ...(termType === undefined ? [] : [`TERM="${quotable(termType)}"`]),
    ...(typeof extra?.TTY === "string" ? [`TTY="${quotable(extra.TTY)}"`] : []),
    `COLUMNS="${cols}" LINES="${rows}"`,
  ];
  return `Script started on ${formatTimestamp(header.startTime ?? UNKNOWN_START, "seconds")} [${parts.join(" ")}]`;
}

/** The trailer with its newlines; `end` is wall clock nanoseconds. */
export function formatTrailer(end: bigint | undefined, status: number | undefined): string {
  const why = status === undefined ? "<end of recording>" : `COMMAND_EXIT_CODE="${status}"`;
  return `\nScript done on ${formatTimestamp(end ?? UNKNOWN_START, "seconds")} [${why}]\n`;
}

/** Whether what stands behind the timed output is a trailer or the beginning of one: an empty line's newline, one line. */
export function isTrailer(rest: string): boolean {
  return /^(\n[^\n]*\n?)?$/.test(rest);
}

/** The exit status in a trailer. */
export function trailerStatus(rest: string): number | undefined {
  const match = /\[COMMAND_EXIT_CODE="(-?[0-9]{1,10})"\]\n?$/.exec(rest);
  return match === null ? undefined : Number(match[1]);
}

/** Text without control characters: it has to stay in its line. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}

/** Text that can stand between quotes in the first line. */
function quotable(text: string): string {
  return oneLine(text).replaceAll('"', "'");
}

const TIMESTAMP =
  /([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]{1,9}))?([+-][0-9]{2}):?([0-9]{2})/;

/** Wall clock nanoseconds of the first ISO 8601 time in a text; undefined where there is none (older versions wrote words). */
export function findTimestamp(text: string): bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const millis = Date.parse(`${match[1]}T${match[2]}${match[4]}:${match[5]}`);
  if (Number.isNaN(millis)) return undefined;
  const nanos = BigInt(millis) * 1_000_000n + BigInt((match[3] ?? "").padEnd(9, "0"));
  return nanos === UNKNOWN_START ? undefined : nanos;
}

/** The time as util-linux writes it, in UTC; `exact` adds the decimals of a second, where there are any. */
export function formatTimestamp(nanos: bigint, precision: "seconds" | "exact"): string {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const iso = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString();
  const decimals = precision === "exact" && fraction > 0n ? `,${String(fraction).padStart(9, "0")}` : "";
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${decimals}+00:00`;
}
