// Writes a recording as .t2r: blocks as they fill, the index and the END frame at the close.

import { zstdCompress } from "../../src/codec/index.js";
import {
  type Batch,
  type EncodeOptions,
  type Encoder,
  type Event,
  eventBytes,
  FormatError,
  type Header,
  type Keyframe,
  type KeyframeSource,
  Losses,
} from "../../src/core/index.js";
import { BlockBuilder } from "./block.js";
import { CanonicalHash, canonicalHeader } from "./canonical.js";
import { buildFrame, buildPackedFrame, checksum } from "./frame.js";
import { keyframePayload } from "./keyframe.js";
import { BLOCK_FIELDS_BYTES, Encoding, FrameType, MAX_EVENT_BYTES } from "./layout.js";
import { IndexBuilder, indexToJson } from "./recording-index.js";

/** Output that is packed as small as can be, in bytes: it takes no more than a few seconds. */
const BEST_UP_TO_BYTES = 8 * 1024 * 1024;
const BEST_LEVEL = 19;
/** The level for what follows in a large recording. */
const LARGE_LEVEL = 9;

/** How to encode. */
export interface T2rEncoderOptions {
  /** Of zstd, for all blocks; absent: small files as small as can be. */
  readonly level?: number | undefined;
  readonly createKeyframes?: EncodeOptions["createKeyframes"];
  readonly chain?: EncodeOptions["chain"];
}

/** Counts no losses: everything that t2a knows can be held. */
export class T2rEncoder implements Encoder {
  readonly losses = new Losses();
  readonly #fixedLevel: number | undefined;
  readonly #expectedChain: string | undefined;
  readonly #createKeyframes: EncodeOptions["createKeyframes"];
  #keyframes: KeyframeSource | undefined;
  readonly #block = new BlockBuilder();
  readonly #hash = new CanonicalHash();
  readonly #index = new IndexBuilder();
  #events = 0;
  #openBytes = 0;
  #offset = 0;
  /** Output in blocks that were written. */
  #writtenOutput = 0;

  constructor({ level, createKeyframes, chain }: T2rEncoderOptions = {}) {
    this.#expectedChain = chain;
    this.#fixedLevel = level;
    this.#createKeyframes = createKeyframes;
  }

  /** Bytes of data in events that are in no block yet. */
  get openBytes(): number {
    return this.#openBytes;
  }

  /** Events so far, those in no block yet included. */
  get eventCount(): number {
    return this.#events;
  }

  /** SHA-256 of the canonical form so far. */
  chain(): Uint8Array {
    return this.#hash.value();
  }

  header(header: Header): Uint8Array {
    this.#keyframes = this.#createKeyframes?.(header);
    if (this.#keyframes !== undefined) this.#index.engine(this.#keyframes.engine);
    this.#hash.header(header);
    return this.#put(buildFrame(FrameType.header, Buffer.from(canonicalHeader(header), "utf8")));
  }

  events(batch: Batch): Uint8Array {
    const written: Uint8Array[] = [];
    for (const event of batch) {
      checkSize(event);
      const keyframe = this.#keyframes?.take(event);
      if (keyframe !== undefined) written.push(this.#keyframe(keyframe));
      if (this.#block.isFullFor(event)) written.push(this.#takeBlock());
      this.#add(event);
      this.#hash.event(event);
    }
    return Buffer.concat(written);
  }

  /** As `events`, but closes no block: `flush` does. `canonical` is the batch in canonical form. */
  add(batch: Batch, canonical: Uint8Array): void {
    for (const event of batch) this.#add(event);
    this.#hash.canonical(canonical);
  }

  /** The open events as a block; nothing where there are none. */
  flush(): Uint8Array {
    return this.#block.events > 0 ? this.#takeBlock() : new Uint8Array(0);
  }

  end(): Uint8Array {
    const last = Buffer.concat([this.flush(), this.#lastKeyframe()]);
    const indexOffset = this.#offset;
    const content = this.#index.result(this.#hash.value());
    if (this.#expectedChain !== undefined && this.#expectedChain !== content.chain) {
      throw new FormatError("T2A_FORMAT_DAMAGED", "what was read is not what was recorded: its chain is another one");
    }
    const json = JSON.stringify(indexToJson(content));
    const index = this.#put(buildPackedFrame(FrameType.index, Buffer.from(json, "utf8")));
    const place = Buffer.alloc(20);
    place.writeBigUInt64LE(BigInt(indexOffset), 0);
    place.writeUInt32LE(index.length, 8);
    place.writeBigUInt64LE(BigInt(this.#offset), 12);
    return Buffer.concat([last, index, this.#put(buildFrame(FrameType.end, place))]);
  }

  get #level(): number {
    return this.#fixedLevel ?? (this.#writtenOutput < BEST_UP_TO_BYTES ? BEST_LEVEL : LARGE_LEVEL);
  }

  #add(event: Event): void {
    this.#block.add(event);
    this.#index.event(event);
    this.#events++;
    this.#openBytes += eventBytes(event);
  }

  #lastKeyframe(): Uint8Array {
    const keyframe = this.#keyframes?.end();
    if (this.#keyframes !== undefined) this.#index.dropKeyframes(this.#keyframes.dropped);
    return keyframe === undefined ? new Uint8Array(0) : this.#keyframe(keyframe);
  }

  #keyframe(keyframe: Keyframe): Uint8Array {
    const payload = keyframePayload(keyframe, this.#keyframes?.engine ?? "");
    const offset = this.#offset;
    const bytes = this.#put(buildPackedFrame(FrameType.keyframe, payload, this.#level));
    this.#index.keyframe({ offset, size: bytes.length, events: keyframe.events, time: keyframe.time });
    return bytes;
  }

  #takeBlock(): Uint8Array {
    this.#openBytes = 0;
    const { events, startTime, endTime, columns, output } = this.#block.take();
    const level = this.#level;
    const frame = output.length === 0 ? output : zstdCompress(output, level);
    const packed = zstdCompress(columns, level);
    const isPacked = packed.length < columns.length;
    const fields = Buffer.alloc(BLOCK_FIELDS_BYTES);
    fields.writeUInt32LE(this.#index.blocks, 0);
    fields.writeUInt32LE(events, 4);
    fields.writeBigUInt64LE(BigInt(startTime), 8);
    fields.writeBigUInt64LE(BigInt(endTime), 16);
    fields.writeBigUInt64LE(BigInt(this.#writtenOutput), 24);
    fields.writeUInt32LE(output.length, 32);
    fields.writeUInt32LE(frame.length, 36);
    fields.set(checksum(frame), 40);
    fields.set(this.#hash.value(), 48);
    fields.writeUInt32LE(columns.length, 80);
    fields.writeUInt32LE(isPacked ? Encoding.zstd : Encoding.plain, 84);
    const offset = this.#offset;
    const bytes = Buffer.concat([
      buildFrame(FrameType.block, Buffer.concat([fields, isPacked ? packed : columns])),
      frame,
    ]);
    this.#index.block({
      offset,
      size: bytes.length,
      startTime,
      endTime,
      outputOffset: this.#writtenOutput,
      outputBytes: output.length,
      events,
    });
    this.#writtenOutput += output.length;
    return this.#put(bytes);
  }

  #put(bytes: Uint8Array): Uint8Array {
    this.#offset += bytes.length;
    return bytes;
  }
}

/** @throws FormatError `T2A_FORMAT_LIMIT` where no reader would take the event. */
export function checkSize(event: Event): void {
  if (eventBytes(event) <= MAX_EVENT_BYTES) return;
  throw new FormatError("T2A_FORMAT_LIMIT", `an event is larger than .t2r holds (${MAX_EVENT_BYTES >> 20} MB)`);
}
