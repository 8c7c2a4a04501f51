// bash's history: a line an entry, or behind a `#1700000000` line the lines up to the next such line.
import { byteLines, LineJoin } from "./byte-lines.js";
import { type HistoryEntry, SECOND, type TextHistory } from "./entry.js";

/** bash takes any line that begins with `#` and a digit for a time. What has more than digits is read as what was typed. */
const TIME_LINE = /^#([0-9]{1,11})$/;

/** ~/.bash_history. */
export const bashHistory: TextHistory = {
  name: "bash",
  read: async function* (source, { onCut }) {
    const lines = new LineJoin(onCut);
    let time: bigint | undefined;
    /** As bash has it: only a file that begins with a time has entries of several lines. */
    let isTimed: boolean | undefined;
    for await (const bytes of byteLines(source, onCut)) {
      const line = withoutReturn(bytes);
      const found = line.length <= 12 ? TIME_LINE.exec(line.toString("latin1"))?.[1] : undefined;
      if (found !== undefined) {
        yield* entryOf(lines, time);
        isTimed ??= true;
        time = BigInt(found) * SECOND;
        continue;
      }
      if (line.length === 0 && lines.isEmpty) continue;
      isTimed ??= false;
      lines.add(line);
      if (isTimed) continue;
      yield* entryOf(lines, time);
      time = undefined;
    }
    yield* entryOf(lines, time);
  },
  createEncoder() {
    let last: bigint | undefined;
    return ({ line, time }) => {
      // In a file of times, an entry without one would be taken for more lines of the one before.
      last = time ?? last;
      const text = heldByBash(line);
      if (text === "") return new Uint8Array(0);
      return Buffer.from(`${last === undefined ? "" : `#${secondsOf(last)}\n`}${text}\n`);
    };
  },
};

/**
 * What of a line bash's file can hold: no NUL, no line that looks like a time (a space goes before it), no line feed at either
 * end, no carriage return at the end of a line.
 */
export function heldByBash(line: string): string {
  return line
    .replaceAll("\0", "")
    .replace(/\r+(?=\n|$)/g, "")
    .replace(/^\n+|\n+$/g, "")
    .replace(/^#(?=[0-9])/gm, " #");
}

/** Whole seconds since 1970; never before. */
export function secondsOf(time: bigint): bigint {
  return time < 0n ? 0n : time / SECOND;
}

function* entryOf(lines: LineJoin, time: bigint | undefined): Generator<HistoryEntry> {
  if (lines.isEmpty) return;
  const line = lines.take().toString("utf8").replace(/\n+$/, "");
  if (line !== "") yield { line, time };
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}
