// Cuts chunks into frames and frames into events. A frame that lies in one chunk is a view of it, never copied; one that
// spans chunks is joined. Nothing here waits: the caller has one asynchronous hop a chunk.
import { type Batch, type CustomEvent, customEvent, type DecodeOptions, type Event } from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { damaged, warn } from "../damage.js";
import {
  type HeaderBytes,
  INPUT_CHANNEL,
  MAX_FRAME_BYTES,
  OUTPUT_CHANNEL,
  SCORE_CHANNEL,
  SCORE_CODE,
  stampMicros,
} from "./frame.js";
import { FrameClock } from "./frame-clock.js";
import { findLeadingSize, type LeadingSize } from "./leading-size.js";

/** A frame whose body has not come whole yet. */
interface OpenFrame {
  readonly micros: number;
  readonly channel: number;
  readonly length: number;
  readonly pieces: Uint8Array[];
  missing: number;
}

/** The state between chunks. Owned by one decoding. */
export class FrameParser {
  readonly clock: FrameClock;
  readonly #headerBytes: HeaderBytes;
  readonly #options: DecodeOptions;
  /** A header that spans chunks, and how much of it has come. */
  readonly #header: Uint8Array;
  #headerFill = 0;
  #open: OpenFrame | undefined;
  /** Offset of the frame being read. */
  #offset = 0;
  #frames = 0;
  readonly #batches = new BatchBuilder();
  /** Full batches, to be yielded at once. */
  readonly #ready: Batch[] = [];
  #size: LeadingSize | undefined;
  /** Until the first output has been seen, batches are held: the header, which goes out first, may depend on it. */
  #outputSeen = false;
  /** Where all-zero headers began that nothing has followed yet. */
  #zeros: number | undefined;
  #ended = false;

  constructor(headerBytes: HeaderBytes, options: DecodeOptions) {
    this.#headerBytes = headerBytes;
    this.#options = options;
    this.#header = new Uint8Array(headerBytes);
    this.clock = new FrameClock(options);
  }

  /** The size that the output began with. */
  get size(): LeadingSize | undefined {
    return this.#size;
  }

  /** True after damage that was recovered: nothing more will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The frames that this chunk completes. @throws FormatError `T2A_FORMAT_DAMAGED` behind all events before it. */
  *push(chunk: Uint8Array): Generator<Batch> {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    try {
      for (let at = 0; at < chunk.length && !this.#ended; ) {
        if (this.#open !== undefined) at += this.#continueBody(this.#open, chunk, at);
        else if (this.#headerFill > 0 || chunk.length - at < this.#headerBytes) at += this.#continueHeader(chunk, at);
        else at = this.#takeBody(chunk, view, at, at + this.#headerBytes);
        if (this.#ready.length > 0) yield* this.#ready.splice(0);
      }
    } catch (error) {
      yield* this.#gathered(); // every good event comes before the error
      throw error;
    }
    if (this.#outputSeen) yield* this.#gathered();
  }

  /** The stream is over. @throws FormatError `T2A_FORMAT_DAMAGED` where it ends inside a frame. */
  *end(): Generator<Batch> {
    yield* this.#gathered();
    if (this.#ended) return;
    const open = this.#open;
    if (open !== undefined) {
      const have = open.length - open.missing;
      this.#damage(`the last frame is cut short: ${have} of ${open.length} bytes`, this.#headerBytes + have);
    } else if (this.#headerFill > 0 && this.#header.subarray(0, this.#headerFill).some((byte) => byte !== 0)) {
      this.#damage("the header of the last frame is cut short", this.#headerFill);
    } else if (this.#zeros !== undefined && this.#frames > 0) {
      const message = `nothing but zeros from byte ${this.#zeros} to the end: left out`;
      warn(this.#options, { code: "trailing", message, offset: this.#zeros });
    }
  }

  *#gathered(): Generator<Batch> {
    yield* this.#ready.splice(0);
    yield* this.#batches.rest();
  }

  /** Begins the frame whose header is at `at` in `view`, its body at `body` in `chunk`; gives where reading goes on. */
  #takeBody(chunk: Uint8Array, view: DataView, at: number, body: number): number {
    const length = view.getUint32(at + 8, true);
    if (length > MAX_FRAME_BYTES) {
      this.#damage(`a frame of ${length} bytes, more than any recorder writes (${MAX_FRAME_BYTES}),`);
      return chunk.length;
    }
    const channel = this.#headerBytes === 13 ? view.getUint8(at + 12) : OUTPUT_CHANNEL;
    const micros = stampMicros(view.getUint32(at, true), view.getUint32(at + 4, true));
    const end = body + length;
    if (end <= chunk.length) {
      this.#frame(micros, channel, new Uint8Array(chunk.buffer, chunk.byteOffset + body, length));
      return end;
    }
    const piece = chunk.subarray(body);
    this.#open = { micros, channel, length, pieces: [piece], missing: length - piece.length };
    return chunk.length;
  }

  #continueHeader(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#headerBytes - this.#headerFill, chunk.length - at);
    this.#header.set(chunk.subarray(at, at + taken), this.#headerFill);
    this.#headerFill += taken;
    if (this.#headerFill < this.#headerBytes) return taken;
    this.#headerFill = 0;
    return this.#takeBody(chunk, new DataView(this.#header.buffer), 0, at + taken) - at;
  }

  #continueBody(open: OpenFrame, chunk: Uint8Array, at: number): number {
    const piece = chunk.subarray(at, at + open.missing);
    open.pieces.push(piece);
    open.missing -= piece.length;
    if (open.missing > 0) return piece.length;
    this.#open = undefined;
    const data = new Uint8Array(open.length);
    let fill = 0;
    for (const part of open.pieces) {
      data.set(part, fill);
      fill += part.length;
    }
    this.#frame(open.micros, open.channel, data);
    return piece.length;
  }

  #damage(message: string, lostBytes?: number): void {
    damaged(this.#options, message, { offset: this.#offset, eventNumber: this.#frames + 1, lostBytes });
    this.#ended = true;
  }

  #frame(micros: number, channel: number, data: Uint8Array): void {
    const offset = this.#offset;
    this.#offset += this.#headerBytes + data.length;
    if (data.length === 0) {
      // A crash can leave blocks of zeros at the end: they are no stamp. Other empty frames only hold a time.
      if (micros === 0) this.#zeros ??= offset;
      else this.clock.begin(micros);
      return;
    }
    this.#zeros = undefined;
    this.#frames++;
    const time = this.clock.time(micros, offset);
    if (channel === OUTPUT_CHANNEL) {
      const output = this.#outputSeen ? data : this.#firstOutput(data);
      if (output.length > 0) this.#add({ kind: "output", time, data: output });
    } else if (channel === INPUT_CHANNEL) this.#add({ kind: "input", time, data });
    else this.#add(channelEvent(time, channel, data));
  }

  #firstOutput(data: Uint8Array): Uint8Array {
    this.#outputSeen = true;
    this.#size = findLeadingSize(data);
    return this.#size === undefined ? data : data.subarray(this.#size.length);
  }

  #add(event: Event): void {
    const full = this.#batches.push(event);
    if (full === undefined) return;
    this.#ready.push(full);
    this.#outputSeen = true;
  }
}

/** A score as a number, anything else as base64: the encoder writes both back as they were. */
function channelEvent(time: number, channel: number, data: Uint8Array): CustomEvent {
  if (channel === SCORE_CHANNEL && data.length === 4) {
    return customEvent(time, SCORE_CODE, new DataView(data.buffer, data.byteOffset, 4).getInt32(0, true));
  }
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return customEvent(time, `ttyrec.${channel}`, bytes.toString("base64"));
}
