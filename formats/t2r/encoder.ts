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
  type Signature,
  type Signer,
  UsageError,
} from "../../src/core/index.js";
import type { T2rPlace } from "./append.js";
import { BlockBuilder } from "./block.js";
import { CanonicalHash, canonicalHeader } from "./canonical.js";
import { buildFrame, buildPackedFrame, checksum, equalBytes } from "./frame.js";
import { keyframePayload } from "./keyframe.js";
import { BLOCK_FIELDS_BYTES, Encoding, FrameType, MAX_EVENT_BYTES } from "./layout.js";
import { type BlockEntry, IndexBuilder, indexToJson } from "./recording-index.js";
import { MAX_SECTIONS, sectionPayload } from "./section.js";
import { isSignedByKey, signaturePayload, signEvents } from "./signature.js";

/** Output that is packed as small as can be, in bytes: it takes no more than a few seconds. */
const BEST_UP_TO_BYTES = 8 * 1024 * 1024;
export const BEST_LEVEL = 19;
/** The level for what follows in a large recording. */
const LARGE_LEVEL = 9;
/** A section that is packed as small as can be, in bytes. */
const BEST_SECTION_BYTES = 1024 * 1024;

/** A block that is not yet written. */
interface PackedBlock {
  /** The BLOCK frame and its content frame: joined only where they are written, since they may be large. */
  readonly frames: readonly Uint8Array[];
  readonly entry: BlockEntry;
}

/** How to encode. */
export interface T2rEncoderOptions {
  /** Of zstd, for all blocks; absent: small files as small as can be. */
  readonly level?: number | undefined;
  readonly createKeyframes?: EncodeOptions["createKeyframes"];
  readonly chain?: EncodeOptions["chain"];
  /** Signs the recording at its end. */
  readonly signer?: Signer | undefined;
  /** Made earlier over the same content: each is written before the block that ends what it covers. */
  readonly signatures?: readonly Signature[] | undefined;
  /** Where an existing recording goes on: no header is written then. Its hash and index are the encoder's from now on. */
  readonly place?: T2rPlace | undefined;
}

/** Loses nothing that t2a knows but signatures over something else. */
export class T2rEncoder implements Encoder {
  readonly losses = new Losses();
  readonly #fixedLevel: number | undefined;
  readonly #expectedChain: string | undefined;
  readonly #createKeyframes: EncodeOptions["createKeyframes"];
  #keyframes: KeyframeSource | undefined;
  #keyframesEnded = false;
  readonly #signer: Signer | undefined;
  /** Signatures that were given, over events that have not come yet: the next one last. */
  readonly #awaited: Signature[];
  /** Those that the open block ends. */
  #reached: Signature[] = [];
  /** Events that the last signature of our own covers. */
  #signedEvents: number | undefined;
  readonly #sectionNames = new Set<string>();
  readonly #block = new BlockBuilder();
  readonly #hash: CanonicalHash;
  readonly #index: IndexBuilder;
  #events: number;
  #openBytes = 0;
  #offset: number;
  /** Output in blocks that were written. */
  #writtenOutput: number;

  constructor({ level, createKeyframes, chain, signer, signatures = [], place }: T2rEncoderOptions = {}) {
    this.#hash = place?.hash ?? new CanonicalHash();
    this.#index = place?.index ?? new IndexBuilder();
    this.#events = place?.events ?? 0;
    this.#offset = place?.end ?? 0;
    this.#writtenOutput = this.#index.outputBytes;
    this.#expectedChain = chain;
    this.#fixedLevel = level;
    this.#createKeyframes = createKeyframes;
    this.#signer = signer;
    this.#awaited = [...signatures].sort((a, b) => b.events - a.events);
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
    this.#reach();
    return this.#put(buildFrame(FrameType.header, Buffer.from(canonicalHeader(header), "utf8")));
  }

  /** Begins a new generation behind the END of the one before. */
  generation(): Uint8Array {
    this.#index.generation();
    return this.#put(buildFrame(FrameType.generation, new Uint8Array(0)));
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
      this.#reach();
    }
    return Buffer.concat(written);
  }

  /** As `events`, but closes no block: `flush` does. `canonical` is the batch in canonical form. No signature is awaited. */
  add(batch: Batch, canonical: Uint8Array): void {
    for (const event of batch) this.#add(event);
    this.#hash.canonical(canonical);
  }

  /** What the INDEX may take in the file, about, bytes: of numbers that do not pack well. */
  get indexBytes(): number {
    return this.#index.storedBytes;
  }

  /** The open events as a block, signed where somebody signs; nothing where there are none. */
  flush(): Uint8Array {
    if (this.#block.events === 0) return new Uint8Array(0);
    const block = this.#takeBlock();
    return this.#signer === undefined ? block : Buffer.concat([block, this.#sign()]);
  }

  /**
   * Writes what `flush` would give, and a signature also where there are no open events, unless it stands there already.
   * Where `write` throws nothing has changed: the events stay open, and may be written again. No signature is awaited.
   */
  writeOpen(write: (bytes: Uint8Array) => void, level = this.#level): void {
    const block = this.#block.events === 0 ? undefined : this.#pack(level);
    const signature = this.#signedEvents === this.#events ? undefined : this.signature();
    if (block === undefined && signature === undefined) return;
    const signed = signature === undefined ? [] : [buildFrame(FrameType.signature, signaturePayload(signature))];
    write(Buffer.concat([...(block?.frames ?? []), ...signed]));
    if (block !== undefined) this.#close(block);
    for (const frame of signed) this.#put(frame);
    if (signature !== undefined) this.#signedEvents = this.#events;
  }

  /** Gives back memory that the last block took. Nothing where events are open. */
  shrink(): void {
    this.#block.shrink();
  }

  /** A signature over all events so far; undefined where nobody signs. */
  signature(): Signature | undefined {
    return this.#signer === undefined ? undefined : signEvents(this.#signer, this.#events, this.chain());
  }

  /**
   * A section, behind the last events.
   * @throws UsageError where the name is none or was given already; FormatError `T2A_FORMAT_LIMIT` beyond the bounds.
   */
  section(name: string, bytes: Uint8Array): Uint8Array {
    const payload = sectionPayload({ name, bytes });
    if (this.#sectionNames.has(name)) throw new UsageError(`a section has this name already: ${name}`);
    const last = this.#lastBlock();
    const offset = this.#offset;
    const level = payload.length > BEST_SECTION_BYTES ? Math.min(this.#level, LARGE_LEVEL) : this.#level;
    const frame = buildPackedFrame(FrameType.section, payload, level);
    if (!this.#index.section(name, { offset, size: frame.length })) {
      throw new FormatError("T2A_FORMAT_LIMIT", `a recording has ${MAX_SECTIONS} sections at most`);
    }
    this.#sectionNames.add(name);
    return Buffer.concat([last, this.#put(frame)]);
  }

  end(): Uint8Array {
    const last = this.#lastBlock();
    return Buffer.concat([last, this.tail()]);
  }

  /** INDEX and END behind what was written: all events are in blocks. */
  tail(): Uint8Array {
    this.losses.add("signature", this.#awaited.splice(0).length);
    const content = this.#index.result(this.#hash.value());
    if (this.#expectedChain !== undefined && this.#expectedChain !== content.chain) {
      throw new FormatError("T2A_FORMAT_DAMAGED", "what was read is not what was recorded: its chain is another one");
    }
    const json = JSON.stringify(indexToJson(content));
    const index = buildPackedFrame(FrameType.index, Buffer.from(json, "utf8"));
    const place = Buffer.alloc(20);
    place.writeBigUInt64LE(BigInt(this.#offset), 0);
    place.writeUInt32LE(index.length, 8);
    place.writeBigUInt64LE(BigInt(this.#offset + index.length), 12);
    return Buffer.concat([index, buildFrame(FrameType.end, place)]);
  }

  /** What stands behind the last events and before sections and the index. */
  #lastBlock(): Uint8Array {
    return Buffer.concat([this.flush(), this.#lastKeyframe(), this.#takeReached(), this.#sign()]);
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
    const keyframes = this.#keyframes;
    if (keyframes === undefined || this.#keyframesEnded) return new Uint8Array(0);
    this.#keyframesEnded = true;
    const keyframe = keyframes.end();
    this.#index.dropKeyframes(keyframes.dropped);
    return keyframe === undefined ? new Uint8Array(0) : this.#keyframe(keyframe);
  }

  #keyframe(keyframe: Keyframe): Uint8Array {
    const payload = keyframePayload(keyframe, this.#keyframes?.engine ?? "");
    const offset = this.#offset;
    const bytes = this.#put(buildPackedFrame(FrameType.keyframe, payload, this.#level));
    this.#index.keyframe({ offset, size: bytes.length, events: keyframe.events, time: keyframe.time });
    return bytes;
  }

  /** Looks whether the events so far are what the next signatures cover. */
  #reach(): void {
    for (let next = this.#awaited.at(-1); next?.events === this.#events; next = this.#awaited.at(-1)) {
      this.#awaited.pop();
      if (equalBytes(next.chain, this.chain()) && isSignedByKey(next)) this.#reached.push(next);
      else this.losses.add("signature");
    }
  }

  /** A signature over all events, which are in blocks; nothing where nobody signs, or it stands there already. */
  #sign(): Uint8Array {
    const signature = this.#signedEvents === this.#events ? undefined : this.signature();
    if (signature === undefined) return new Uint8Array(0);
    this.#signedEvents = this.#events;
    return this.#putSignatures([signature]);
  }

  #takeReached(): Uint8Array {
    const frames = this.#putSignatures(this.#reached);
    this.#reached = [];
    return frames;
  }

  #putSignatures(signatures: readonly Signature[]): Uint8Array {
    const frames = signatures.map((signature) => buildFrame(FrameType.signature, signaturePayload(signature)));
    return this.#put(Buffer.concat(frames));
  }

  #takeBlock(): Uint8Array {
    const signatures = this.#takeReached();
    const block = this.#pack(this.#level);
    this.#close(block);
    return Buffer.concat([signatures, ...block.frames]);
  }

  /** The block is written: the next one begins. */
  #close({ entry }: PackedBlock): void {
    this.#index.block(entry);
    this.#block.reset();
    this.#openBytes = 0;
    this.#writtenOutput += entry.outputBytes;
    this.#offset += entry.size;
  }

  #pack(level: number): PackedBlock {
    const { events, startTime, endTime, columns, output } = this.#block.content();
    const frame = output.length === 0 ? output : zstdCompress(output, level);
    const packed = zstdCompress(columns, Math.max(1, level));
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
    const head = buildFrame(FrameType.block, Buffer.concat([fields, isPacked ? packed : columns]));
    const entry = {
      offset: this.#offset,
      size: head.length + frame.length,
      startTime,
      endTime,
      outputOffset: this.#writtenOutput,
      outputBytes: output.length,
      events,
    };
    return { frames: [head, frame], entry };
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
