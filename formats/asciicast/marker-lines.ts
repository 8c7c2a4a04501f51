// Other markers in an asciicast v2 or v3: lines come and go, every other byte stays as it is, but for the interval of a v3 line
// behind a change, which counts from another line then.
import { decimalSeconds, FormatError, type MarkerChange, type Source } from "../../src/core/index.js";
import { lineBlocks } from "../ndjson/line-blocks.js";
import { EventLineParser } from "./event-line.js";

/** Decimals of a marker's seconds: microseconds, as other recorders write them; more where the time has more. */
const DECIMALS = 6;
/** A line's beginning with its number; what is longer is nobody's. */
const MAX_HEAD = 1000;
const HEAD = /^(\s*\[\s*)([0-9]+(?:\.([0-9]*))?(?:e[+-]?[0-9]+)?)/i;

/**
 * The bytes of the recording with other markers.
 * @throws FormatError `T2A_FORMAT_DAMAGED` at a line that is no event.
 */
export async function* changeMarkerLines(
  version: 2 | 3,
  source: Source,
  change: MarkerChange,
): AsyncGenerator<Uint8Array> {
  const editor = new LineEditor(version, change);
  for await (const { bytes, offset, terminated } of lineBlocks(source.stream())) {
    const header = offset > 0 ? 0 : bytes.indexOf(10) + 1 || bytes.length;
    yield* editor.block(bytes, header, offset);
    editor.isTerminated = terminated;
  }
  yield* editor.end();
}

/** What stands in the place of a line's bytes up to `end`. */
interface Replacement {
  readonly text: string;
  readonly end: number;
}

class LineEditor {
  readonly #parser = new EventLineParser();
  readonly #isRelative: boolean;
  readonly #remove: ReadonlySet<number>;
  #add: MarkerChange["add"];
  #markers = 0;
  /** Of the last event as it was recorded, nanoseconds. */
  #time = 0;
  /** Of the last event that stays. */
  #keptTime = 0;
  isTerminated = true;

  constructor(version: 2 | 3, { add, remove = new Set() }: MarkerChange) {
    this.#isRelative = version === 3;
    this.#add = add;
    this.#remove = remove;
  }

  /** The block that stands at `offset` of the recording, its lines from `start` on changed. */
  *block(bytes: Buffer, start: number, offset: number): Generator<Uint8Array> {
    let copied = 0;
    for (let at = start; at < bytes.length; ) {
      const newline = bytes.indexOf(10, at);
      const next = newline < 0 ? bytes.length : newline + 1;
      const line = { start: at, end: newline < 0 ? next : newline, next };
      const found = this.#parser.parse(bytes, line.start, line.end);
      if (found === "damaged") throw damagedLine(offset + at);
      const replacement = found === "event" ? this.#event(bytes, line, offset) : undefined;
      if (replacement !== undefined) {
        yield bytes.subarray(copied, at);
        yield Buffer.from(replacement.text);
        copied = replacement.end;
      }
      at = next;
    }
    yield bytes.subarray(copied);
  }

  *end(): Generator<Uint8Array> {
    const line = this.#takeAdded(Number.POSITIVE_INFINITY);
    if (line !== "") yield Buffer.from(`${this.isTerminated ? "" : "\n"}${line}`);
  }

  #event(
    bytes: Buffer,
    line: { readonly start: number; readonly end: number; readonly next: number },
    offset: number,
  ): Replacement | undefined {
    const { nanos, code, text } = this.#parser;
    const counted = this.#isRelative ? this.#time : 0;
    this.#time = counted + nanos;
    const added = this.#takeAdded(this.#time);
    if (code === "m" && text !== undefined && this.#remove.has(this.#markers++)) return { text: added, end: line.next };
    const interval = this.#time - this.#keptTime;
    this.#keptTime = this.#time;
    if (!this.#isRelative || interval === nanos) return added === "" ? undefined : { text: added, end: line.start };
    const head = HEAD.exec(bytes.toString("latin1", line.start, Math.min(line.end, line.start + MAX_HEAD)));
    if (head === null) throw damagedLine(offset + line.start);
    const [whole, opening, , decimals = ""] = head;
    const seconds = decimalSeconds(interval, Math.min(decimals.length, 9));
    return { text: `${added}${opening}${seconds}`, end: line.start + whole.length };
  }

  /** The line of the marker to add, if it comes before `time`; empty where none does. */
  #takeAdded(time: number): string {
    const marker = this.#add;
    if (marker === undefined || marker.time >= time) return "";
    this.#add = undefined;
    const nanos = this.#isRelative ? marker.time - this.#keptTime : marker.time;
    this.#keptTime = marker.time;
    return `[${decimalSeconds(nanos, DECIMALS)}, "m", ${JSON.stringify(marker.label)}]\n`;
  }
}

function damagedLine(offset: number): FormatError {
  return new FormatError("T2A_FORMAT_DAMAGED", `no valid event line at byte ${offset}`, { offset });
}
