// The timeline: how much was put out when, the markers, the commands, and where one is.
import type { Outline } from "../../core/index.js";
import { hasFailed, type ListedCommand } from "../command-list.js";

const LEVELS = "·▁▂▃▄▅▆▇█";
const MARKER = "\x1b[0;1;33m◆";
const FAILED = "\x1b[0;1;31m×";
const PLAYED = "\x1b[0m";
const TO_COME = "\x1b[0;2m";
const HERE = "\x1b[0;7m";
const UNDERLINED = "\x1b[4m";
/** So many commands are marked at most, and their beginnings only where they leave most of the timeline free. */
const MAX_MARKED = 20_000;
const MAX_BEGUN_SHARE = 1 / 3;

/** Where on the terminal the timeline is, in cells from 0. */
export interface TimelinePlace {
  readonly x: number;
  readonly y: number;
  readonly cols: number;
}

/** The share of the duration (0-1) that a column of a timeline stands for. */
export function shareAt(column: number, cols: number): number {
  return Math.max(0, Math.min(1, column / Math.max(1, cols - 1)));
}

/** The column that a time stands in. */
function columnOf(time: number, duration: number, cols: number): number {
  return duration <= 0 ? 0 : Math.min(cols - 1, Math.round((time / duration) * (cols - 1)));
}

/** So many columns with SGR codes. Of a recording that is not read to its end the part that is known is shown. */
export function timelineBar(
  { duration, markers, histogram }: Outline,
  position: number,
  cols: number,
  commands: readonly ListedCommand[] = [],
): string {
  const end = Math.max(duration, position);
  const { failed, begun } = commandColumns(commands, end, cols);
  const bytes = new Float64Array(cols);
  for (const [step, count] of histogram.bytes.entries()) {
    const column = columnOf(Math.min((step + 0.5) * histogram.step, end), end, cols);
    bytes[column] = (bytes[column] ?? 0) + count;
  }
  const most = Math.log1p(Math.max(...bytes));
  const marked = new Set(markers.map(({ time }) => columnOf(time, end, cols)));
  const here = columnOf(position, end, cols);
  return Array.from(bytes, (count, column) => {
    const level = count === 0 ? 0 : Math.max(1, Math.round((8 * Math.log1p(count)) / most));
    const symbol = marked.has(column) ? "◆" : failed.has(column) ? "×" : LEVELS[level];
    if (column === here) return `${HERE}${symbol}`;
    if (marked.has(column)) return MARKER;
    if (failed.has(column)) return FAILED;
    return `${column < here ? PLAYED : TO_COME}${begun.has(column) ? UNDERLINED : ""}${symbol}`;
  }).join("");
}

/** Where commands begin, and where those that failed do. */
function commandColumns(commands: readonly ListedCommand[], end: number, cols: number) {
  const [failed, begun] = [new Set<number>(), new Set<number>()];
  if (commands.length > MAX_MARKED) return { failed, begun };
  for (const command of commands) {
    const column = columnOf(Math.min(command.start, end), end, cols);
    begun.add(column);
    if (hasFailed(command)) failed.add(column);
  }
  if (begun.size > cols * MAX_BEGUN_SHARE) begun.clear();
  return { failed, begun };
}
