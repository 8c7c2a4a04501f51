// Writes a recording as .t2r: blocks as they fill, the index and the END frame at the close.

import { zstdCompress } from "../../src/codec/index.js";
import {
  type Batch,
  type Encoder,
  type Event,
  eventBytes,
  FormatError,
  type Header,
  Losses,
} from "../../src/core/index.js";
import { BlockBuilder } from "./block.js";
import { CanonicalHash, canonicalHeader } from "./canonical.js";
import { buildFrame, buildPackedFrame, checksum } from "./frame.js";
import { BLOCK_FIELDS_BYTES, Encoding, FrameType, MAX_EVENT_BYTES } from "./layout.js";
import { type BlockEntry, IndexBuilder, indexToJson } from "./recording-index.js";

/** A block that is not yet written. */
interface PackedBlock {
  readonly bytes: Uint8Array;
  readonly entry: BlockEntry;
}

/** Output that is packed as small as can be, in bytes: it takes no more than a few seconds. */
const BEST_UP_TO_BYTES = 8 * 1024 * 1024;
export const BEST_LEVEL = 19;
/** The level for what follows in a large recording. */
const LARGE_LEVEL = 9;

/** Counts no losses: everything that t2a knows can be held. */
export class T2rEncoder implements Encoder {
  readonly losses = new Losses();
  readonly #level: number | undefined;
  readonly #block = new BlockBuilder();
  readonly #hash = new CanonicalHash();
  readonly #index = new IndexBuilder();
  #events = 0;
  #openBytes = 0;
  #offset = 0;
  /** Output in blocks that were written. */
  #writtenOutput = 0;

  /** `level`: of zstd, for all blocks; absent: small files as small as can be. */
  constructor(level?: number) {
    this.#level = level;
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
    this.#hash.header(header);
    const bytes = buildFrame(FrameType.header, Buffer.from(canonicalHeader(header), "utf8"));
    this.#offset += bytes.length;
    return bytes;
  }

  events(batch: Batch): Uint8Array {
    const written: Uint8Array[] = [];
    for (const event of batch) {
      checkSize(event);
      if (this.#block.isFullFor(event)) this.flush((bytes) => void written.push(bytes));
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

  /** What the INDEX may take in the file, about, bytes: of numbers that do not pack well. */
  get indexBytes(): number {
    return this.#index.storedBytes;
  }

  /** Writes the open events, if there are any, as a block. Where `write` throws they stay open, and may be written again. */
  flush(write: (bytes: Uint8Array) => void, level = this.#level): void {
    if (this.#block.events === 0) return;
    const { bytes, entry } = this.#pack(level ?? (this.#writtenOutput < BEST_UP_TO_BYTES ? BEST_LEVEL : LARGE_LEVEL));
    write(bytes);
    this.#index.block(entry);
    this.#block.reset();
    this.#openBytes = 0;
    this.#writtenOutput += entry.outputBytes;
    this.#offset += bytes.length;
  }

  /** INDEX and END behind what was written so far: all events are in blocks. */
  tail(): Uint8Array {
    const json = JSON.stringify(indexToJson(this.#index.result(this.#hash.value())));
    const index = buildPackedFrame(FrameType.index, Buffer.from(json, "utf8"));
    const place = Buffer.alloc(20);
    place.writeBigUInt64LE(BigInt(this.#offset), 0);
    place.writeUInt32LE(index.length, 8);
    place.writeBigUInt64LE(BigInt(this.#offset + index.length), 12);
    return Buffer.concat([index, buildFrame(FrameType.end, place)]);
  }

  end(): Uint8Array {
    const written: Uint8Array[] = [];
    this.flush((bytes) => void written.push(bytes));
    return Buffer.concat([...written, this.tail()]);
  }

  #add(event: Event): void {
    this.#block.add(event);
    this.#index.event(event);
    this.#events++;
    this.#openBytes += eventBytes(event);
  }

  #pack(level: number): PackedBlock {
    const { events, startTime, endTime, columns, output } = this.#block.content();
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
    const bytes = Buffer.concat([
      buildFrame(FrameType.block, Buffer.concat([fields, isPacked ? packed : columns])),
      frame,
    ]);
    const entry = {
      offset: this.#offset,
      size: bytes.length,
      startTime,
      endTime,
      outputOffset: this.#writtenOutput,
      outputBytes: output.length,
      events,
    };
    return { bytes, entry };
  }
}

/** @throws FormatError `T2A_FORMAT_LIMIT` where no reader would take the event. */
export function checkSize(event: Event): void {
  if (eventBytes(event) <= MAX_EVENT_BYTES) return;
  throw new FormatError("T2A_FORMAT_LIMIT", `an event is larger than .t2r holds (${MAX_EVENT_BYTES >> 20} MB)`);
}
