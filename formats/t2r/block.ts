// A block: some events as columns (kinds, times, lengths, other payloads), their output as one run of bytes beside them.
import {
  type CustomEvent,
  type Event,
  type EventKind,
  type EventMeta,
  eventBytes,
  MAX_CELLS,
} from "../../src/core/index.js";
import { asObject } from "../json-values.js";
import { ColumnError, ColumnReader, ColumnWriter } from "./columns.js";
import { BLOCK_EVENTS, BLOCK_OTHER_BYTES, BLOCK_OUTPUT_BYTES } from "./layout.js";

/** The numbers that stand for kinds in columns and in the canonical form. */
export const KIND_NUMBERS: Readonly<Record<EventKind, number>> = {
  output: 1,
  input: 2,
  resize: 3,
  marker: 4,
  exit: 5,
  custom: 6,
};
const KINDS_BY_NUMBER = new Map(Object.entries(KIND_NUMBERS).map(([kind, number]) => [number, kind as EventKind]));
/** A run of kinds: its length times this, plus the kind. */
const RUN_SCALE = 16;
/** Nanoseconds in which a block may count its times, the coarsest first. */
const TIME_UNITS = [1_000_000, 1000, 1] as const;

/** A block as it is stored, not yet packed. Its arrays are the builder's: they hold until its next `add` or `reset`. */
export interface BlockContent {
  readonly events: number;
  /** Times of the first and the last event, nanoseconds. */
  readonly startTime: number;
  readonly endTime: number;
  readonly columns: Uint8Array;
  readonly output: Uint8Array;
}

/** Gathers events into a block; used again for the next one. */
export class BlockBuilder {
  readonly #output = new ColumnWriter();
  readonly #kinds = new ColumnWriter();
  readonly #lengths = new ColumnWriter();
  readonly #inputs = new ColumnWriter();
  readonly #resizes = new ColumnWriter();
  readonly #markers = new ColumnWriter();
  readonly #exits = new ColumnWriter();
  readonly #customs = new ColumnWriter();
  readonly #metas = new ColumnWriter();
  readonly #times: number[] = [];
  #otherBytes = 0;
  #lastMeta = 0;
  #run = { kind: 0, length: 0 };

  get events(): number {
    return this.#times.length;
  }

  /** Whether `event` has to go into the next block. */
  isFullFor(event: Event): boolean {
    if (this.events === 0) return false;
    const bytes = eventBytes(event);
    const output = this.#output.length + (event.kind === "output" ? bytes : 0);
    const other = this.#otherBytes + (event.kind === "output" ? 0 : bytes);
    return output > BLOCK_OUTPUT_BYTES || other > BLOCK_OTHER_BYTES || this.events >= BLOCK_EVENTS;
  }

  /** Takes an event; its bytes are copied. */
  add(event: Event): void {
    this.#kind(KIND_NUMBERS[event.kind]);
    this.#times.push(event.time);
    if (event.meta !== undefined) this.#meta(event.meta);
    if (event.kind === "output") {
      this.#lengths.varint(event.data.length);
      this.#output.bytes(event.data);
      return;
    }
    this.#otherBytes += eventBytes(event);
    if (event.kind === "input") this.#inputs.sized(event.data);
    else if (event.kind === "resize") {
      this.#resizes.varint(event.cols);
      this.#resizes.varint(event.rows);
    } else if (event.kind === "marker") {
      this.#otherBytes += event.label.length;
      this.#markers.text(event.label);
    } else if (event.kind === "exit") this.#exits.varint(zigzag(event.status));
    else {
      this.#otherBytes += event.code.length;
      this.#customs.text(event.code);
      this.#customs.sized(event.data);
    }
  }

  /** The block so far, which is not empty. */
  content(): BlockContent {
    this.#endRun();
    const times = this.#times;
    const startTime = times[0] ?? 0;
    const endTime = times.at(-1) ?? startTime;
    const columns = new ColumnWriter();
    columns.sized(timeColumn(times, startTime));
    for (const column of this.#columns()) columns.sized(column.view());
    return { events: times.length, startTime, endTime, columns: columns.view(), output: this.#output.view() };
  }

  /** Begins the next block. */
  reset(): void {
    for (const column of [this.#output, ...this.#columns()]) column.reset();
    this.#times.length = 0;
    this.#otherBytes = 0;
    this.#lastMeta = 0;
    this.#run = { kind: 0, length: 0 };
  }

  /** Gives back memory that a full block took, where this one is empty. */
  shrink(): void {
    for (const column of [this.#output, ...this.#columns()]) column.shrink();
  }

  #columns(): ColumnWriter[] {
    return [
      this.#kinds,
      this.#lengths,
      this.#inputs,
      this.#resizes,
      this.#markers,
      this.#exits,
      this.#customs,
      this.#metas,
    ];
  }

  #kind(kind: number): void {
    if (kind !== this.#run.kind) this.#endRun();
    this.#run = { kind, length: this.#run.length + 1 };
  }

  #endRun(): void {
    if (this.#run.length > 0) this.#kinds.varint(this.#run.length * RUN_SCALE + this.#run.kind);
    this.#run = { kind: 0, length: 0 };
  }

  #meta(meta: EventMeta): void {
    const text = JSON.stringify(meta);
    this.#otherBytes += text.length;
    this.#metas.varint(this.#times.length - 1 - this.#lastMeta);
    this.#metas.text(text);
    this.#lastMeta = this.#times.length - 1;
  }
}

function timeColumn(times: readonly number[], startTime: number): Uint8Array {
  const unit = TIME_UNITS.find((candidate) => times.every((time) => (time - startTime) % candidate === 0)) ?? 1;
  const column = new ColumnWriter();
  column.varint(unit);
  let last = startTime;
  for (const time of times) {
    column.varint((time - last) / unit);
    last = time;
  }
  return column.view();
}

/** What {@link decodeBlock} needs to know of a block beside its columns and its output. */
export interface BlockBounds {
  readonly events: number;
  readonly startTime: number;
  readonly endTime: number;
}

/**
 * The events of a block, whose data are views of `columns` and `output`. Where the output is lost, all others.
 * @throws ColumnError where the columns do not fit together, or not with the bounds.
 */
export function* decodeBlock(
  bounds: BlockBounds,
  columns: Uint8Array,
  output: Uint8Array | undefined,
): Generator<Event> {
  const all = new ColumnReader(columns);
  const next = () => new ColumnReader(all.sized());
  const times = next();
  const kinds = next();
  const read = new EventReader(
    { lengths: next(), inputs: next(), resizes: next(), markers: next(), exits: next(), customs: next() },
    output,
  );
  const metas = next();
  const unit = times.varint();
  let time = bounds.startTime;
  let run = 0;
  let kind: EventKind | undefined;
  let metaAt = metas.ended ? -1 : metas.varint();
  for (let index = 0; index < bounds.events; index++) {
    if (run === 0) {
      const packed = kinds.varint();
      run = Math.floor(packed / RUN_SCALE);
      kind = KINDS_BY_NUMBER.get(packed % RUN_SCALE);
    }
    if (kind === undefined || run === 0) throw new ColumnError("a block holds an unknown kind of event");
    run--;
    time += times.varint() * unit;
    if (time > bounds.endTime || (index === 0 && time !== bounds.startTime)) {
      throw new ColumnError("a block holds a time that is not within its own");
    }
    const event = read.event(kind, time);
    if (index !== metaAt) {
      if (event !== undefined) yield event;
      continue;
    }
    const meta = parseMeta(metas.text());
    if (event !== undefined) yield { ...event, meta };
    if (!metas.ended) metaAt += metas.varint();
  }
  if (time !== bounds.endTime) throw new ColumnError("a block's last time is not the one it states");
  if (!read.ended || run > 0 || !times.ended || !kinds.ended || !metas.ended) {
    throw new ColumnError("a block holds more than its events");
  }
}

type PayloadColumns = Readonly<
  Record<"lengths" | "inputs" | "resizes" | "markers" | "exits" | "customs", ColumnReader>
>;

class EventReader {
  readonly #columns: PayloadColumns;
  readonly #output: Uint8Array | undefined;
  #outputAt = 0;

  constructor(columns: PayloadColumns, output: Uint8Array | undefined) {
    this.#columns = columns;
    this.#output = output;
  }

  get ended(): boolean {
    const isUsedUp = this.#output === undefined || this.#outputAt === this.#output.length;
    return isUsedUp && Object.values(this.#columns).every((column) => column.ended);
  }

  /** Undefined for output that is lost. */
  event(kind: EventKind, time: number): Event | undefined {
    const { inputs, resizes, markers, exits } = this.#columns;
    if (kind === "output") {
      const data = this.#nextOutput();
      return data === undefined ? undefined : { kind, time, data };
    }
    if (kind === "input") return { kind, time, data: inputs.sized() };
    if (kind === "resize") return { kind, time, cols: cells(resizes.varint()), rows: cells(resizes.varint()) };
    if (kind === "marker") return { kind, time, label: markers.text() };
    if (kind === "exit") return { kind, time, status: unzigzag(exits.varint()) };
    return this.#custom(time);
  }

  #nextOutput(): Uint8Array | undefined {
    const end = this.#outputAt + this.#columns.lengths.varint();
    if (this.#output === undefined) return undefined;
    if (end > this.#output.length) throw new ColumnError("a block's events hold more output than the block");
    const data = this.#output.subarray(this.#outputAt, end);
    this.#outputAt = end;
    return data;
  }

  #custom(time: number): CustomEvent {
    const code = this.#columns.customs.text();
    return { kind: "custom", time, code, data: this.#columns.customs.sized() };
  }
}

function parseMeta(text: string): EventMeta {
  try {
    const meta = asObject(JSON.parse(text));
    if (meta !== undefined) return Object.freeze(meta);
  } catch (cause) {
    throw new ColumnError("an event's meta is no valid JSON", { cause });
  }
  throw new ColumnError("an event's meta is no JSON object");
}

function cells(value: number): number {
  if (value < 1 || value > MAX_CELLS) throw new ColumnError("a resize has an impossible size");
  return value;
}

/** Signed numbers as unsigned ones, small ones small; statuses are small. */
function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
