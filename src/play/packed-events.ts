// Events packed into few bytes, to keep them in memory: output as columns and one run of bytes, everything else as it is.
import { deserialize, serialize } from "node:v8";
import { zstdCompress, zstdDecompress } from "../codec/index.js";
import type { Event } from "../core/index.js";

/** Fast: what is kept here is read again soon or never. */
const LEVEL = 1;

/** Packed by this process, for this process. */
export interface PackedBytes {
  readonly frame: Uint8Array;
  /** Bytes that it holds. */
  readonly size: number;
}

/** Packs bytes. */
export function packBytes(bytes: Uint8Array): PackedBytes {
  return { frame: zstdCompress(bytes, LEVEL), size: bytes.length };
}

/** The bytes again, the caller's own. */
export function unpackBytes({ frame, size }: PackedBytes): Uint8Array {
  return zstdDecompress(frame, size);
}

/** Plain output, by far the most of all events, in columns; the others by their number. */
interface Columns {
  readonly times: Float64Array;
  /** Where the output of each event ends in `output`. */
  readonly ends: Float64Array;
  readonly others: ReadonlyMap<number, Event>;
  readonly output: Uint8Array;
}

/** Packs events. */
export function packEvents(events: readonly Event[]): PackedBytes {
  const times = new Float64Array(events.length);
  const ends = new Float64Array(events.length);
  const others = new Map<number, Event>();
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [at, event] of events.entries()) {
    times[at] = event.time;
    if (event.kind === "output" && event.meta === undefined) {
      parts.push(event.data);
      end += event.data.length;
    } else others.set(at, event);
    ends[at] = end;
  }
  const columns: Columns = { times, ends, others, output: Buffer.concat(parts) };
  return packBytes(serialize(columns));
}

/** The events again. Their data are views of one piece of memory that nobody else writes to. */
export function unpackEvents(packed: PackedBytes): Event[] {
  const { times, ends, others, output } = deserialize(unpackBytes(packed)) as Columns;
  return Array.from(times, (time, at): Event => {
    const data = () => output.subarray(ends[at - 1] ?? 0, ends[at]);
    return others.get(at) ?? { kind: "output", time, data: data() };
  });
}
