// The index at the end of a .t2r: where blocks are and what is in them, so that a reader who has the index needs nothing
// else to open the recording, to draw its timeline, or to find its way to a moment.
import { EVENT_KINDS, type Event, type EventKind, type Histogram, HistogramMaker } from "../../src/core/index.js";
import { asObject } from "../json-values.js";
import { MAX_SECTIONS } from "./section.js";

/** Where one block is and what it holds. Offsets and sizes are bytes, times nanoseconds. */
export interface BlockEntry {
  /** Of the block's skippable frame in the file. */
  readonly offset: number;
  /** Of the skippable frame and the zstd frame behind it together. */
  readonly size: number;
  readonly startTime: number;
  readonly endTime: number;
  /** Output of the recording before the block. */
  readonly outputOffset: number;
  readonly outputBytes: number;
  readonly events: number;
}

/** Where one keyframe is and what it stands behind. Offset and size are bytes, the time nanoseconds. */
export interface KeyframeEntry {
  readonly offset: number;
  readonly size: number;
  /** Events of the recording before it. */
  readonly events: number;
  /** Of the last of these. */
  readonly time: number;
}

/** The keyframes of a recording: where a replay can start. */
export interface KeyframeTable {
  /** The terminal engine whose states they are, in its own words. */
  readonly engine: string;
  /** In order of events. */
  readonly entries: readonly KeyframeEntry[];
  /** Keyframes that did not stand the proof and were left out. */
  readonly dropped: number;
}

/** Where a section is in the file, bytes. */
export interface SectionEntry {
  readonly offset: number;
  readonly size: number;
}

/** A pause between two events, in nanoseconds. */
export interface Gap {
  readonly startTime: number;
  readonly length: number;
}

/** All that the index says. Lists are in order of time. */
export interface RecordingIndex {
  readonly blocks: readonly BlockEntry[];
  readonly events: Readonly<Record<EventKind, number>>;
  readonly outputBytes: number;
  readonly inputBytes: number;
  /** Time of the last event, nanoseconds. */
  readonly duration: number;
  readonly markers: readonly { readonly time: number; readonly label: string }[];
  readonly resizes: readonly { readonly time: number; readonly cols: number; readonly rows: number }[];
  /** The longest pauses of at least {@link MIN_GAP_NANOS}. */
  readonly gaps: readonly Gap[];
  /** The longest pause of all, nanoseconds. */
  readonly largestGap: number;
  readonly histogram: Histogram;
  /** True where a recording has more markers or resizes than are listed. */
  readonly truncated: boolean;
  /** SHA-256 of the canonical form, hexadecimal. */
  readonly chain: string;
  /** Undefined where nobody made any: a recording that was not finalized. */
  readonly keyframes?: KeyframeTable;
  /** How often the recording was ended: once, and once more each time that it was continued. */
  readonly generations: number;
  /** By name; {@link MAX_SECTIONS} at most. */
  readonly sections: ReadonlyMap<string, SectionEntry>;
}

/** A shorter pause is not listed, nanoseconds. */
export const MIN_GAP_NANOS = 1_000_000_000;
/** Markers and resizes listed at most: memory stays bounded whatever is recorded. */
export const MAX_LISTED = 65_536;
/** Pauses listed at most. */
export const MAX_GAPS = 256;
/** What the index takes at most when packed: its totals, pauses and histogram; for each block; for each marker and size. */
const FIXED_BYTES = 8 * 1024;
const BLOCK_ENTRY_BYTES = 40;
const LISTED_ENTRY_BYTES = 24;

/** Gathers the index while a recording is written. Memory is bounded but for one entry a block. */
export class IndexBuilder {
  readonly #blocks: BlockEntry[] = [];
  readonly #events: Record<EventKind, number> = { output: 0, input: 0, resize: 0, marker: 0, exit: 0, custom: 0 };
  readonly #markers: { time: number; label: string }[] = [];
  readonly #resizes: { time: number; cols: number; rows: number }[] = [];
  #gaps: Gap[] = [];
  readonly #histogram = new HistogramMaker();
  #outputBytes = 0;
  #inputBytes = 0;
  #duration = 0;
  #largestGap = 0;
  #truncated = false;
  #listedBytes = 0;
  #generations = 1;
  readonly #sections = new Map<string, SectionEntry>();
  #keyframes: { readonly engine: string; readonly entries: KeyframeEntry[]; dropped: number } | undefined;

  /** Output bytes of all events so far. */
  get outputBytes(): number {
    return this.#outputBytes;
  }

  get blocks(): number {
    return this.#blocks.length;
  }

  /** What the index may take when it is packed, about, bytes. */
  get storedBytes(): number {
    return FIXED_BYTES + this.#blocks.length * BLOCK_ENTRY_BYTES + this.#listedBytes;
  }

  block(entry: BlockEntry): void {
    this.#blocks.push(entry);
  }

  /** The recording is continued behind its END. */
  generation(): void {
    this.#generations++;
  }

  /** Takes the place of all that was said of keyframes before. */
  keyframeTable({ engine, entries, dropped }: KeyframeTable): void {
    this.#keyframes = { engine, entries: [...entries], dropped };
  }

  /** From now on there may be keyframes, of that engine. */
  engine(engine: string): void {
    this.#keyframes ??= { engine, entries: [], dropped: 0 };
  }

  /** Of the engine that was named before. */
  keyframe(entry: KeyframeEntry): void {
    this.#keyframes?.entries.push(entry);
  }

  dropKeyframes(count: number): void {
    if (this.#keyframes !== undefined) this.#keyframes.dropped += count;
  }

  /** Takes the place of an earlier section of that name. False where it is one too many. */
  section(name: string, entry: SectionEntry): boolean {
    if (this.#sections.size >= MAX_SECTIONS && !this.#sections.has(name)) return false;
    this.#sections.set(name, entry);
    return true;
  }

  event(event: Event): void {
    const pause = event.time - this.#duration;
    this.#largestGap = Math.max(this.#largestGap, pause);
    if (pause >= MIN_GAP_NANOS) this.#gap({ startTime: this.#duration, length: pause });
    this.#duration = event.time;
    this.#events[event.kind]++;
    if (event.kind === "output") {
      this.#outputBytes += event.data.length;
      this.#histogram.count(event.time, event.data.length);
    } else if (event.kind === "input") this.#inputBytes += event.data.length;
    else if (event.kind === "marker") this.#list(this.#markers, { time: event.time, label: event.label });
    else if (event.kind === "resize") {
      this.#list(this.#resizes, { time: event.time, cols: event.cols, rows: event.rows });
    }
  }

  /** The index of what was gathered. */
  result(chain: Uint8Array): RecordingIndex {
    return {
      blocks: this.#blocks,
      events: this.#events,
      outputBytes: this.#outputBytes,
      inputBytes: this.#inputBytes,
      duration: this.#duration,
      markers: this.#markers,
      resizes: this.#resizes,
      gaps: longest(this.#gaps).sort((a, b) => a.startTime - b.startTime),
      largestGap: this.#largestGap,
      histogram: this.#histogram.histogram,
      truncated: this.#truncated,
      chain: Buffer.from(chain).toString("hex"),
      ...(this.#keyframes === undefined ? {} : { keyframes: this.#keyframes }),
      generations: this.#generations,
      sections: this.#sections,
    };
  }

  #list<T extends { readonly time: number } | { readonly time: number; readonly label: string }>(
    list: T[],
    entry: T,
  ): void {
    if (list.length >= MAX_LISTED) {
      this.#truncated = true;
      return;
    }
    list.push(entry);
    this.#listedBytes += LISTED_ENTRY_BYTES + ("label" in entry ? entry.label.length * 2 : 0);
  }

  #gap(gap: Gap): void {
    this.#gaps.push(gap);
    if (this.#gaps.length >= MAX_GAPS * 4) this.#gaps = longest(this.#gaps);
  }
}

function longest(gaps: readonly Gap[]): Gap[] {
  return [...gaps].sort((a, b) => b.length - a.length).slice(0, MAX_GAPS);
}

/** The index as JSON, in t2a's own words; blocks and keyframes as columns, because there may be thousands. */
export function indexToJson(index: RecordingIndex): Readonly<Record<string, unknown>> {
  const { blocks, duration, largestGap, markers, resizes, gaps, histogram, keyframes, generations, sections, ...same } =
    index;
  return {
    ...same,
    durationNs: duration,
    largestGapNs: largestGap,
    blocks: columns(BLOCK_COLUMNS, blocks),
    markers: markers.map(({ time, label }) => [time, label]),
    resizes: resizes.map(({ time, cols, rows }) => [time, cols, rows]),
    gaps: gaps.map(({ startTime, length }) => [startTime, length]),
    histogram: { stepNs: histogram.step, bytes: histogram.bytes },
    ...(keyframes === undefined ? {} : { keyframes: keyframesToJson(keyframes) }),
    ...(generations === 1 ? {} : { generations }),
    ...(sections.size === 0 ? {} : { sections: sectionsToJson(sections) }),
  };
}

function keyframesToJson({ engine, entries, dropped }: KeyframeTable) {
  return { engine, dropped, ...columns(KEYFRAME_COLUMNS, entries) };
}

function sectionsToJson(sections: RecordingIndex["sections"]) {
  return Object.fromEntries([...sections].map(([name, { offset, size }]) => [name, [offset, size]]));
}

function columns<Column extends string>(
  names: readonly (readonly [string, Column])[],
  rows: readonly Readonly<Record<Column, number>>[],
): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(names.map(([name, column]) => [name, rows.map((row) => row[column])]));
}

const BLOCK_COLUMNS = [
  ["offset", "offset"],
  ["size", "size"],
  ["startNs", "startTime"],
  ["endNs", "endTime"],
  ["outputOffset", "outputOffset"],
  ["outputBytes", "outputBytes"],
  ["events", "events"],
] as const;
const KEYFRAME_COLUMNS = [
  ["offset", "offset"],
  ["size", "size"],
  ["events", "events"],
  ["timeNs", "time"],
] as const;

/** Reads the payload of an INDEX frame; undefined where it is none. */
export function parseIndex(payload: Uint8Array): RecordingIndex | undefined {
  try {
    return indexFromJson(asObject(JSON.parse(Buffer.from(payload).toString("utf8"))) ?? {});
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Reads what {@link indexToJson} gave; undefined where it is not that. */
export function indexFromJson(json: Readonly<Record<string, unknown>>): RecordingIndex | undefined {
  try {
    return readIndex(json as unknown as IndexJson); // whatever it is: each value is looked at as it is read
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

interface IndexJson
  extends Omit<
    RecordingIndex,
    | "blocks"
    | "duration"
    | "largestGap"
    | "markers"
    | "resizes"
    | "gaps"
    | "histogram"
    | "keyframes"
    | "generations"
    | "sections"
  > {
  readonly durationNs: number;
  readonly largestGapNs: number;
  readonly blocks: Readonly<Record<(typeof BLOCK_COLUMNS)[number][0], readonly number[]>>;
  readonly markers: readonly (readonly [number, string])[];
  readonly resizes: readonly (readonly [number, number, number])[];
  readonly gaps: readonly (readonly [number, number])[];
  readonly histogram: { readonly stepNs: number; readonly bytes: readonly number[] };
  readonly keyframes?: Readonly<Record<(typeof KEYFRAME_COLUMNS)[number][0], readonly number[]>> & {
    readonly engine: string;
    readonly dropped: number;
  };
  readonly generations?: number;
  readonly sections?: Readonly<Record<string, readonly [number, number]>>;
}

function number(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new TypeError("no number");
  return value;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("no text");
  return value;
}

function readIndex(json: IndexJson): RecordingIndex {
  const { blocks } = json;
  return {
    blocks: blocks.offset.map((offset, at) => ({
      offset: number(offset),
      size: number(blocks.size[at]),
      startTime: number(blocks.startNs[at]),
      endTime: number(blocks.endNs[at]),
      outputOffset: number(blocks.outputOffset[at]),
      outputBytes: number(blocks.outputBytes[at]),
      events: number(blocks.events[at]),
    })),
    events: Object.fromEntries(EVENT_KINDS.map((kind) => [kind, number(json.events[kind])])) as Record<
      EventKind,
      number
    >,
    outputBytes: number(json.outputBytes),
    inputBytes: number(json.inputBytes),
    duration: number(json.durationNs),
    largestGap: number(json.largestGapNs),
    markers: json.markers.map(([time, label]) => ({ time: number(time), label: text(label) })),
    resizes: json.resizes.map(([time, cols, rows]) => ({ time: number(time), cols: number(cols), rows: number(rows) })),
    gaps: json.gaps.map(([startTime, length]) => ({ startTime: number(startTime), length: number(length) })),
    histogram: { step: number(json.histogram.stepNs), bytes: json.histogram.bytes.map(number) },
    truncated: json.truncated === true,
    chain: text(json.chain),
    ...(json.keyframes === undefined ? {} : { keyframes: readKeyframes(json.keyframes) }),
    generations: number(json.generations ?? 1),
    sections: readSections(Object.entries(json.sections ?? {})),
  };
}

function readSections(entries: readonly (readonly [string, readonly [number, number]])[]): RecordingIndex["sections"] {
  if (entries.length > MAX_SECTIONS) throw new TypeError("too many sections");
  return new Map(entries.map(([name, [offset, size]]) => [name, { offset: number(offset), size: number(size) }]));
}

function readKeyframes(json: NonNullable<IndexJson["keyframes"]>): KeyframeTable {
  return {
    engine: text(json.engine),
    dropped: number(json.dropped),
    entries: json.offset.map((offset, at) => ({
      offset: number(offset),
      size: number(json.size[at]),
      events: number(json.events[at]),
      time: number(json.timeNs[at]),
    })),
  };
}
