// Whether bytes are a chain of frames. Nothing in a ttyrec names the format or its version: whoever wants to know walks
// from header to header and sees whether each makes sense.
import type { Source } from "../../src/core/index.js";
import { type HeaderBytes, MAX_FRAME_BYTES, SCORE_CHANNEL, stampMicros } from "./frame.js";

/** What a walk found. */
export interface Walk {
  /** Frames whose header made sense. */
  readonly frames: number;
  /** The walk came to the end of the bytes without meeting nonsense. */
  readonly holds: boolean;
  /** The last frame ends where the bytes end. */
  readonly complete: boolean;
  readonly scores: number;
  /** It holds, and is more than one header that happens to make sense. */
  readonly proven: boolean;
}

/** Seconds beyond this (the year 2242) are no stamp that a recorder wrote. */
const MAX_SECONDS = 2 ** 33;
/** What is taken for a ttyrec by content alone begins at a time that recorders write: near 0, or 1990 to 2045. */
const MAX_MICROS_FROM_ZERO = 30 * 86_400 * 1e6;
const EARLIEST_MICROS = 631_152_000 * 1e6;
const LATEST_MICROS = 2_366_841_600 * 1e6;

/** Walks bytes that come in pieces, with one header size. */
export class ChainWalker {
  readonly #headerBytes: HeaderBytes;
  readonly #header: Uint8Array;
  #fill = 0;
  #skip = 0;
  #frames = 0;
  #bodies = 0;
  #scores = 0;
  #broken = false;
  #lastMicros = 0;
  #firstMicros = 0;

  constructor(headerBytes: HeaderBytes) {
    this.#headerBytes = headerBytes;
    this.#header = new Uint8Array(headerBytes);
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#broken; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      const taken = Math.min(this.#headerBytes - this.#fill, chunk.length - at);
      this.#header.set(chunk.subarray(at, at + taken), this.#fill);
      this.#fill += taken;
      at += taken;
      if (this.#fill === this.#headerBytes) this.#frame();
    }
  }

  result(): Walk {
    const holds = !this.#broken && this.#bodies > 0;
    return {
      frames: this.#frames,
      holds,
      complete: this.#skip === 0 && this.#fill === 0,
      scores: this.#scores,
      proven: holds && (this.#frames > 1 || this.#skip === 0) && this.#beginsPlausibly(),
    };
  }

  #beginsPlausibly(): boolean {
    const first = this.#firstMicros;
    return first < MAX_MICROS_FROM_ZERO || (first > EARLIEST_MICROS && first < LATEST_MICROS);
  }

  #frame(): void {
    const view = new DataView(this.#header.buffer);
    this.#fill = 0;
    const length = view.getUint32(8, true);
    const word1 = view.getUint32(4, true);
    const micros = stampMicros(view.getUint32(0, true), word1);
    const channel = this.#headerBytes === 13 ? view.getUint8(12) : 0;
    const isPadding = micros === 0 && length === 0;
    const isSane =
      length <= MAX_FRAME_BYTES &&
      (word1 & 0xfffff) < 1e6 &&
      channel <= SCORE_CHANNEL &&
      micros < MAX_SECONDS * 1e6 &&
      (micros >= this.#lastMicros || isPadding);
    if (!isSane) {
      this.#broken = true;
      return;
    }
    if (this.#frames === 0) this.#firstMicros = micros;
    this.#frames++;
    if (length > 0) this.#bodies++;
    if (channel === SCORE_CHANNEL && length === 4) this.#scores++;
    if (!isPadding) this.#lastMicros = micros;
    this.#skip = length;
  }
}

/** Walks bytes in memory. */
export function walk(bytes: Uint8Array, headerBytes: HeaderBytes): Walk {
  const walker = new ChainWalker(headerBytes);
  walker.push(bytes);
  return walker.result();
}

/**
 * The header size with which bytes make sense; undefined where none does. `unclear`: both do as far as the bytes go. A
 * false chain soon leaps far ahead: one that ends where the bytes end, or else the one with more frames, is the true one.
 */
export function findHeaderBytes(bytes: Uint8Array): HeaderBytes | "unclear" | undefined {
  return judge(walk(bytes, 12), walk(bytes, 13));
}

/** The same for a whole source, which must be able to restart; where even that is unclear, frames have no channel. */
export async function findSourceHeaderBytes(source: Source): Promise<HeaderBytes> {
  const walkers = [new ChainWalker(12), new ChainWalker(13)] as const;
  for await (const chunk of source.stream()) {
    for (const walker of walkers) walker.push(chunk);
    if (!walkers.every((walker) => walker.result().holds)) break;
  }
  return judge(walkers[0].result(), walkers[1].result()) === 13 ? 13 : 12;
}

function judge(without: Walk, channels: Walk): HeaderBytes | "unclear" | undefined {
  if (!without.holds) return channels.holds ? 13 : undefined;
  if (!channels.holds) return 12;
  if (without.complete !== channels.complete) return without.complete ? 12 : 13;
  if (without.frames === channels.frames) return "unclear";
  return without.frames > channels.frames ? 12 : 13;
}
