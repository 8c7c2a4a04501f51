// Random access to a finished .t2r: opened by its end, whatever its size, and read block by block where one wants.
import {
  type Batch,
  FormatError,
  type Header,
  type Keyframe,
  type Outline,
  type Place,
  type SeekableRecording,
  type Source,
  T2aError,
} from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { decodeBlock } from "./block.js";
import { ColumnError } from "./columns.js";
import { parseHeader } from "./decoder.js";
import { frameSize } from "./frame.js";
import { type Piece, walkFrames } from "./frame-walker.js";
import { END_FRAME_BYTES, FRAME_HEAD_BYTES, MAX_BLOCK_BYTES, MAX_FRAME_BYTES } from "./layout.js";
import { type BlockEntry, type KeyframeEntry, parseIndex, type RecordingIndex } from "./recording-index.js";

/** A .t2r that is open: what it says of itself, and all that is in it, at any place. The source stays the caller's. */
export interface OpenT2r extends SeekableRecording {
  readonly index: RecordingIndex;
  /** The keyframe that the index lists so; undefined where it is damaged or another one. */
  readKeyframe(entry: KeyframeEntry): Promise<Keyframe | undefined>;
  /**
   * The content of the section of that name; undefined where there is none.
   * @throws FormatError `T2A_FORMAT_DAMAGED`.
   */
  section(name: string): Promise<Uint8Array | undefined>;
  /** All sections with their names, one at a time, as copying takes them. Throws as `section`. */
  sections(): AsyncGenerator<readonly [string, Uint8Array]>;
}

/** A block or a keyframe as it was read and unpacked: nothing in it may be changed. */
export type DecodedPiece = Piece & { readonly kind: "block" | "keyframe" };

/** Keeps what was read of one recording for the next who asks; whoever makes it bounds it. */
export interface DecodedCache {
  /** By the offset of its frame. */
  get(offset: number): DecodedPiece | undefined;
  set(offset: number, piece: DecodedPiece, bytes: number): void;
}

/** How to open a .t2r. */
export interface OpenT2rOptions {
  /** Nothing is kept where there is none. */
  readonly cache?: DecodedCache | undefined;
}

/**
 * Reads the header and the index, and nothing else. Undefined where the file has none that can be trusted: unfinished,
 * damaged at its ends, of a newer version, or no .t2r at all; reading it from its beginning will tell.
 * The source must have ranges. `batchesFrom` throws FormatError `T2A_FORMAT_DAMAGED` at a damaged block.
 * @throws what the source throws.
 */
export async function openT2r(source: Source, { cache }: OpenT2rOptions = {}): Promise<OpenT2r | undefined> {
  const size = await source.size();
  if (size === undefined || size < END_FRAME_BYTES) return undefined;
  const end = await readFrame(source, size - END_FRAME_BYTES, size);
  if (end?.kind !== "end" || end.total !== end.offset || end.indexOffset + end.indexSize !== end.offset)
    return undefined;
  const index = await readFrame(source, end.indexOffset, end.offset);
  const header = await readFrame(source, 0, end.indexOffset);
  if (index?.kind !== "index" || header?.kind !== "header") return undefined;
  try {
    const parsed = parseIndex(index.payload);
    return parsed === undefined ? undefined : new IndexedT2r(source, parseHeader(header.payload), parsed, cache);
  } catch (error) {
    if (error instanceof T2aError) return undefined;
    throw error;
  }
}

type BlockPiece = Piece & { readonly kind: "block" };

class IndexedT2r implements OpenT2r {
  readonly header: Header;
  readonly index: RecordingIndex;
  readonly #source: Source;
  readonly #cache: DecodedCache | undefined;
  /** Number of the first event of each block. */
  readonly #firstEvents: readonly number[];

  constructor(source: Source, header: Header, index: RecordingIndex, cache: DecodedCache | undefined) {
    this.#source = source;
    this.#cache = cache;
    this.header = header;
    this.index = index;
    let events = 0;
    this.#firstEvents = index.blocks.map((block) => {
      events += block.events;
      return events - block.events;
    });
  }

  get duration(): number {
    return this.index.duration;
  }

  get outline(): Outline {
    const { duration, markers, histogram } = this.index;
    return { duration, complete: true, markers, histogram };
  }

  get engine(): string | undefined {
    return this.index.keyframes?.engine;
  }

  async keyframe(place: Place): Promise<Keyframe | undefined> {
    const entries = this.index.keyframes?.entries ?? [];
    const last =
      "time" in place
        ? lastAtMost(entries, place.time, (entry) => entry.time)
        : lastAtMost(entries, place.events, (entry) => entry.events);
    for (let at = last; at >= 0; at--) {
      const entry = entries[at];
      const keyframe = entry && (await this.readKeyframe(entry));
      if (keyframe !== undefined) return keyframe; // instead of a damaged one an earlier one does as well, only slower
    }
    return undefined;
  }

  async *sections(): AsyncGenerator<readonly [string, Uint8Array]> {
    for (const name of this.index.sections.keys()) {
      const bytes = await this.section(name);
      if (bytes !== undefined) yield [name, bytes];
    }
  }

  async readKeyframe({ offset, size, events, time }: KeyframeEntry): Promise<Keyframe | undefined> {
    const kept = this.#cache?.get(offset);
    if (kept?.kind === "keyframe") return kept.keyframe;
    const piece = await readFrame(this.#source, offset, offset + size);
    if (piece?.kind !== "keyframe") return undefined;
    const { keyframe } = piece;
    const isListed = keyframe.events === events && keyframe.time === time && keyframe.engine === this.engine;
    if (isListed) this.#cache?.set(offset, piece, keyframe.state.length);
    return isListed ? keyframe : undefined;
  }

  async section(name: string): Promise<Uint8Array | undefined> {
    const entry = this.index.sections.get(name);
    if (entry === undefined) return undefined;
    const piece = await readFrame(this.#source, entry.offset, entry.offset + entry.size);
    if (piece?.kind === "section" && piece.section.name === name) return piece.section.bytes;
    throw damagedAt(piece?.kind === "damage" ? piece.reason : "no such section", entry.offset);
  }

  async *batchesFrom(first: number): AsyncGenerator<Batch> {
    const { blocks } = this.index;
    let skip = first;
    let at = Math.max(
      0,
      lastAtMost(this.#firstEvents, first, (events) => events),
    );
    skip -= this.#firstEvents[at] ?? 0;
    for (; at < blocks.length; at++) {
      const entry = blocks[at];
      if (entry === undefined) return;
      yield* blockBatches(await this.#block(entry, at), skip);
      skip = 0;
    }
  }

  async #block(entry: BlockEntry, sequence: number): Promise<BlockPiece> {
    const { offset, size } = entry;
    const kept = this.#cache?.get(offset);
    if (kept?.kind === "block") return kept;
    const piece = size > MAX_FRAME_BYTES + MAX_BLOCK_BYTES ? undefined : await readPiece(this.#source, offset, size);
    if (piece?.kind !== "block") throw damagedAt(piece?.kind === "damage" ? piece.reason : "no block", offset);
    const { fields } = piece;
    if (fields.sequence !== sequence || fields.events !== entry.events) {
      throw damagedAt("a block is not the one that the index lists", offset);
    }
    this.#cache?.set(offset, piece, piece.columns.length + piece.output.length);
    return piece;
  }
}

function damagedAt(reason: string, offset: number): FormatError {
  return new FormatError("T2A_FORMAT_DAMAGED", `${reason} at byte ${offset}`, { offset });
}

/** The events of a block from number `skip` of it on. */
function* blockBatches({ fields, columns, output, offset }: BlockPiece, skip: number): Generator<Batch> {
  const builder = new BatchBuilder();
  let left = skip;
  try {
    for (const event of decodeBlock(fields, columns, output)) {
      if (left-- > 0) continue;
      const full = builder.push(event);
      if (full !== undefined) yield full;
    }
  } catch (error) {
    if (error instanceof ColumnError) throw damagedAt(error.message, offset);
    throw error;
  }
  yield* builder.rest();
}

/** Index of the last entry whose value is at most `limit`, by halving; -1 where there is none. */
function lastAtMost<T>(entries: readonly T[], limit: number, value: (entry: T) => number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry !== undefined && value(entry) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The frame at `offset`, if it is whole and ends at `limit` or before. */
async function readFrame(source: Source, offset: number, limit: number): Promise<Piece | undefined> {
  const head = await source.readRange(offset, FRAME_HEAD_BYTES);
  const size = frameSize(head);
  if (size === undefined || size > Math.min(MAX_FRAME_BYTES, limit - offset)) return undefined;
  return await readPiece(source, offset, size);
}

/** The piece that begins at `offset` and is so many bytes long. */
async function readPiece(source: Source, offset: number, size: number): Promise<Piece | undefined> {
  const bytes = await source.readRange(offset, size);
  async function* once() {
    yield bytes;
  }
  try {
    for await (const piece of walkFrames(once())) return { ...piece, offset: piece.offset + offset };
  } catch (error) {
    if (!(error instanceof T2aError)) throw error; // a newer version: who reads from the beginning is told
  }
  return undefined;
}
