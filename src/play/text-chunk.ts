// Appearances by the thousand, packed: their texts as lines, and beside them when they appeared and what of each was there before.
import { isAscii } from "node:buffer";
import { zstdCompress, zstdDecompress } from "../codec/index.js";
import type { Appearance } from "../terminal/index.js";

/** UTF-16 units of text after which a chunk is packed. */
const CHUNK_UNITS = 256 * 1024;
/** And lines, where they are short. */
const CHUNK_LINES = 32_768;
/** A chunk unpacked, bytes: no line has more than 128 K units. */
export const MAX_CHUNK_BYTES = (CHUNK_UNITS + 2 * 131_072) * 3 + CHUNK_LINES * 32;
/** Fast rather than small: what is packed is a tenth of the text anyway. */
const LEVEL = 1;
/** Two doubles, events and time, and two words, prefix and suffix. */
const LINE_BYTES = 24;

/** Where an appearance stands in the recording. */
export interface Moment {
  /** Events of the recording up to it, and nanoseconds. */
  readonly events: number;
  readonly time: number;
}

/** A chunk as it is kept. */
export interface PackedChunk {
  readonly lines: number;
  readonly firstEvents: number;
  readonly lastEvents: number;
  /** Bytes when unpacked. */
  readonly size: number;
  readonly packed: Uint8Array;
}

/** Appearances as they are searched. */
export interface Appearances {
  /** Their texts, each ended by a line feed, which no screen shows. */
  readonly text: string;
  readonly events: ArrayLike<number>;
  readonly times: ArrayLike<number>;
  readonly prefixes: ArrayLike<number>;
  readonly suffixes: ArrayLike<number>;
}

/** The chunk that is being filled. */
export class OpenChunk {
  #units = 0;
  readonly #texts: string[] = [];
  readonly #events: number[] = [];
  readonly #times: number[] = [];
  readonly #prefixes: number[] = [];
  readonly #suffixes: number[] = [];

  get lines(): number {
    return this.#texts.length;
  }

  get isFull(): boolean {
    return this.#units >= CHUNK_UNITS || this.#texts.length >= CHUNK_LINES;
  }

  add({ text, prefix, suffix }: Appearance, { events, time }: Moment): void {
    this.#texts.push(text);
    this.#events.push(events);
    this.#times.push(time);
    this.#prefixes.push(prefix);
    this.#suffixes.push(suffix);
    this.#units += text.length + 1;
  }

  /** The appearances from number `first` on. */
  from(first: number): Appearances {
    return {
      text: this.#texts.slice(first).map(toLine).join(""),
      events: this.#events.slice(first),
      times: this.#times.slice(first),
      prefixes: this.#prefixes.slice(first),
      suffixes: this.#suffixes.slice(first),
    };
  }

  pack(): PackedChunk {
    const { lines } = this;
    const text = Buffer.from(`${this.#texts.join("\n")}\n`, "utf8");
    const bytes = new Uint8Array(lines * LINE_BYTES + text.length);
    const columns = columnsOf(bytes, lines);
    columns.events.set(this.#events);
    columns.times.set(this.#times);
    columns.prefixes.set(this.#prefixes);
    columns.suffixes.set(this.#suffixes);
    for (const column of [columns.events, columns.times]) toSteps(column);
    bytes.set(text, lines * LINE_BYTES);
    return {
      lines,
      firstEvents: this.#events[0] ?? 0,
      lastEvents: this.#events.at(-1) ?? 0,
      size: bytes.length,
      packed: zstdCompress(bytes, LEVEL),
    };
  }
}

/**
 * What a chunk holds.
 * @throws T2aError `T2A_CODEC` where it is damaged.
 */
export function unpackChunk({ lines, size, packed }: PackedChunk): Appearances {
  const bytes = zstdDecompress(packed, size);
  const columns = columnsOf(bytes, lines);
  for (const column of [columns.events, columns.times]) fromSteps(column);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + lines * LINE_BYTES, size - lines * LINE_BYTES);
  return { text: text.toString(isAscii(text) ? "latin1" : "utf8"), ...columns };
}

/** Whether a chunk can be what it claims, without unpacking it: memory is taken by these numbers. */
export function isPlausible({ lines, size, firstEvents, lastEvents }: Omit<PackedChunk, "packed">): boolean {
  const isOrdered = firstEvents >= 0 && firstEvents <= lastEvents;
  return isOrdered && lines > 0 && size <= MAX_CHUNK_BYTES && lines * LINE_BYTES <= size;
}

function columnsOf({ buffer, byteOffset }: Uint8Array, lines: number) {
  return {
    events: new Float64Array(buffer, byteOffset, lines),
    times: new Float64Array(buffer, byteOffset + lines * 8, lines),
    prefixes: new Uint32Array(buffer, byteOffset + lines * 16, lines),
    suffixes: new Uint32Array(buffer, byteOffset + lines * 20, lines),
  };
}

/** Each value becomes the step from the one before it: steps are small, and pack well. */
function toSteps(column: Float64Array): void {
  for (let at = column.length - 1; at > 0; at--) column[at] = (column[at] ?? 0) - (column[at - 1] ?? 0);
}

function fromSteps(column: Float64Array): void {
  for (let at = 1; at < column.length; at++) column[at] = (column[at] ?? 0) + (column[at - 1] ?? 0);
}

function toLine(text: string): string {
  return `${text}\n`;
}
