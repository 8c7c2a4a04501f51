// Walks a .t2r from frame to frame: what each is, whether it is whole. Damage is a piece like others: a decoder stops at
// it, verification and recovery ask to go on and get what comes after it.

import { zstdDecompress } from "../../src/codec/index.js";
import { type Signature, T2aError } from "../../src/core/index.js";
import { ByteReader } from "../byte-reader.js";
import { checksum, equalBytes, type Frame, frameSize, parseFrame } from "./frame.js";
import { parseKeyframe, type StoredKeyframe } from "./keyframe.js";
import {
  BLOCK_FIELDS_BYTES,
  CHECKSUM_BYTES,
  END_FRAME_BYTES,
  Encoding,
  FRAME_HEAD_BYTES,
  FrameType,
  LAYOUT_VERSION,
  MAJOR_VERSION,
  MAX_BLOCK_BYTES,
  MAX_FRAME_BYTES,
  SKIPPABLE_MAGIC,
} from "./layout.js";
import { parseSection, type Section } from "./section.js";
import { parseSignature } from "./signature.js";
import { takeZstdFrame } from "./zstd-frame.js";

/** The fixed fields of a block. Times are nanoseconds, sizes bytes. */
export interface BlockFields {
  /** Number of the block in its recording, from 0. */
  readonly sequence: number;
  readonly events: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly outputOffset: number;
  readonly outputBytes: number;
  /** Of the zstd frame behind the skippable one; 0 where there is none. */
  readonly frameBytes: number;
  /** SHA-256 of the canonical form up to the block's end. */
  readonly chain: Uint8Array;
}

interface Place {
  /** In the file, bytes. */
  readonly offset: number;
  readonly size: number;
}

/** Something found in a .t2r. */
export type Piece =
  | (Place & { readonly kind: "header"; readonly payload: Uint8Array })
  | (Place & {
      readonly kind: "block";
      readonly fields: BlockFields;
      readonly columns: Uint8Array;
      readonly output: Uint8Array;
    })
  | (Place & { readonly kind: "index"; readonly payload: Uint8Array })
  | (Place & { readonly kind: "end"; readonly indexOffset: number; readonly indexSize: number; readonly total: number })
  | (Place & { readonly kind: "keyframe"; readonly keyframe: StoredKeyframe })
  | (Place & { readonly kind: "signature"; readonly signature: Signature })
  | (Place & { readonly kind: "section"; readonly section: Section })
  | (Place & { readonly kind: "generation" })
  | (Place & { readonly kind: "unknown"; readonly type: number })
  | (Place & {
      readonly kind: "damage";
      readonly reason: string;
      /** The block whose output is damaged, where its own frame is whole: what is said in it holds. */
      readonly fields?: BlockFields;
      /** The columns of that block. */
      readonly columns?: Uint8Array;
      /** The file ends here, in the midst of a frame. */
      readonly cut: boolean;
    });

/** Bytes looked at while searching for the next whole frame after damage. */
const SEARCH_BYTES = 64 * 1024;
/** Bytes searched at most: behind a lost block, the largest, the next frame begins within so many. */
const MAX_SEARCH_BYTES = MAX_FRAME_BYTES + MAX_BLOCK_BYTES + SEARCH_BYTES;
/** Bytes that are read in vain at most, in frames that only look like some: made-up input must not cost for ever. */
const MAX_VAIN_BYTES = 1024 * 1024 * 1024;
const MAGIC_BYTES = Buffer.alloc(4);
MAGIC_BYTES.writeUInt32LE(SKIPPABLE_MAGIC, 0);

/** Why bytes are damage that do not even look like t2a's. */
export const NO_FRAME = "no frame of a .t2r begins here";
const WRONG_SIZE = "a frame states a size that is not its own";

/** How to walk. */
export interface WalkOptions {
  /** After damage, search for the next whole frame and go on. Otherwise damage is the last piece. */
  readonly goOn?: boolean;
}

/**
 * The pieces of a .t2r, in order. Closes the stream.
 * @throws T2aError `T2A_FORMAT_UNSUPPORTED` at a frame of a newer major version.
 */
export async function* walkFrames(
  chunks: AsyncIterable<Uint8Array>,
  { goOn = false }: WalkOptions = {},
): AsyncGenerator<Piece> {
  const walker = new FrameWalker(new ByteReader(chunks));
  try {
    for (;;) {
      const piece = await walker.next();
      if (piece === undefined) return;
      if (piece.kind !== "damage") {
        yield piece;
        continue;
      }
      // A block says in a frame that is whole how long its output is: what ends inside it is cut indeed, unless it ends with
      // an END. What looks like frames in the output that is left is of a recording that was shown in this one.
      if (!goOn || (piece.cut && piece.fields !== undefined && !walker.hasEnd)) {
        yield piece;
        return;
      }
      const { size, found } = await walker.search(piece);
      yield piece.cut && found ? { ...piece, size, cut: false, reason: WRONG_SIZE } : { ...piece, size };
      if (!found) return;
    }
  } finally {
    await walker.close();
  }
}

class FrameWalker {
  readonly #reader: ByteReader;
  /** Bytes taken last in which, after damage, a frame may begin. */
  #taken: Uint8Array = new Uint8Array(0);
  #vainBytes = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  /** What was taken last ends with an END frame. */
  get hasEnd(): boolean {
    const frame = parseFrame(this.#taken.subarray(-END_FRAME_BYTES));
    return frame?.type === FrameType.end;
  }

  async next(): Promise<Piece | undefined> {
    const offset = this.#reader.offset;
    const head = await this.#reader.read(FRAME_HEAD_BYTES);
    if (head.length === 0) return undefined;
    const size = frameSize(head);
    if (head.length < FRAME_HEAD_BYTES) return this.#damage(offset, [head], "the file ends inside a frame", true);
    if (size === undefined) return this.#damage(offset, [head], NO_FRAME);
    if (size > MAX_FRAME_BYTES) return this.#damage(offset, [head], "a frame is larger than any can be");
    const rest = await this.#reader.read(size - head.length);
    if (head.length + rest.length < size) {
      return this.#damage(offset, [head, rest], "the file ends inside a frame", true);
    }
    const bytes = new Uint8Array(size);
    bytes.set(head);
    bytes.set(rest, head.length);
    const frame = parseFrame(bytes);
    if (frame === undefined) return this.#damage(offset, [bytes], "a frame's checksum does not hold");
    if (frame.major > MAJOR_VERSION) throw newer(`is of version ${frame.major}`, offset);
    if (frame.layout > LAYOUT_VERSION && KNOWN_TYPES.has(frame.type)) {
      throw newer(`has a frame of type ${frame.type} in layout ${frame.layout}`, offset);
    }
    return await this.#piece(frame, offset, bytes);
  }

  /**
   * Goes to the next whole frame, if one is found before the end and the bounds of a search; gives how many bytes from
   * the beginning of the damage on are lost.
   */
  async search({
    offset,
    cut,
  }: Piece & { kind: "damage" }): Promise<{ readonly size: number; readonly found: boolean }> {
    const taken = this.#taken;
    this.#taken = new Uint8Array(0);
    // Where sizes are right the next frame is where they say. Frames inside of output, of a recorded recording, are none.
    const isBehind = !cut && ((await this.#isFrame()) || (await this.#skipsContent()));
    if (!isBehind) this.#reader.unread(taken.subarray(1));
    const found = isBehind ? await this.#isFrame() : await this.#searchBytes(offset);
    const size = this.#reader.offset - offset;
    this.#vainBytes += Math.max(0, taken.length - size);
    return { size, found };
  }

  /** Goes on byte by byte. */
  async #searchBytes(offset: number): Promise<boolean> {
    for (;;) {
      const bytes = Buffer.from(await this.#reader.read(SEARCH_BYTES));
      const at = this.#candidate(bytes);
      if (at !== undefined) {
        this.#reader.unread(bytes.subarray(at));
        if (await this.#isFrame()) return true;
        await this.#reader.read(1);
      } else {
        // What could be the beginning of a head is looked at again with what follows it.
        const isLast = bytes.length < SEARCH_BYTES || this.#reader.offset - offset > MAX_SEARCH_BYTES;
        if (!isLast) this.#reader.unread(bytes.subarray(bytes.length - FRAME_HEAD_BYTES + 1));
        else return false;
      }
      if (this.#vainBytes > MAX_VAIN_BYTES) return false;
    }
  }

  /** Where in `bytes` a frame may begin: one that lies in them is whole, of a longer one the head alone was looked at. */
  #candidate(bytes: Buffer): number | undefined {
    const last = bytes.length - FRAME_HEAD_BYTES;
    for (let at = bytes.indexOf(MAGIC_BYTES); at >= 0 && at <= last; at = bytes.indexOf(MAGIC_BYTES, at + 1)) {
      const size = frameSize(bytes.subarray(at, at + FRAME_HEAD_BYTES));
      if (size === undefined || size > MAX_FRAME_BYTES) continue;
      if (at + size > bytes.length || parseFrame(bytes.subarray(at, at + size)) !== undefined) return at;
      this.#vainBytes += size;
    }
    return undefined;
  }

  /** Whether a whole frame stands here. Takes nothing. */
  async #isFrame(): Promise<boolean> {
    const head = await this.#reader.read(FRAME_HEAD_BYTES);
    const size = frameSize(head);
    if (size === undefined || size > MAX_FRAME_BYTES) {
      this.#reader.unread(head);
      return false;
    }
    const bytes = Buffer.concat([head, await this.#reader.read(size - head.length)]);
    const whole = parseFrame(bytes) !== undefined;
    if (!whole) this.#vainBytes += bytes.length;
    this.#reader.unread(bytes);
    return whole;
  }

  /** Takes the content frame that stands here if a whole frame or the end follows it; else nothing. */
  async #skipsContent(): Promise<boolean> {
    const taken: Uint8Array[] = [];
    const isContent = await takeZstdFrame(async (length) => {
      const bytes = await this.#reader.read(length);
      taken.push(bytes);
      return bytes.length === length ? bytes : undefined;
    });
    if (isContent && ((await this.#isFrame()) || (await this.#isEnd()))) return true;
    const bytes = Buffer.concat(taken);
    this.#vainBytes += bytes.length;
    this.#reader.unread(bytes);
    return false;
  }

  async #isEnd(): Promise<boolean> {
    const byte = await this.#reader.read(1);
    this.#reader.unread(byte);
    return byte.length === 0;
  }

  async #piece(frame: Frame, offset: number, bytes: Uint8Array): Promise<Piece> {
    const place = { offset, size: bytes.length };
    const { payload, type } = frame;
    if (type === FrameType.header) return { kind: "header", ...place, payload };
    if (type === FrameType.index) return { kind: "index", ...place, payload };
    if (type === FrameType.block) return await this.#block(payload, offset, bytes);
    if (type === FrameType.keyframe) {
      const keyframe = parseKeyframe(payload);
      return keyframe === undefined
        ? this.#damage(offset, [bytes], "a keyframe is too short")
        : { kind: "keyframe", ...place, keyframe };
    }
    if (type === FrameType.signature) {
      const signature = parseSignature(payload);
      return signature === undefined
        ? this.#damage(offset, [bytes], "a signature is too short")
        : { kind: "signature", ...place, signature };
    }
    if (type === FrameType.section) {
      const section = parseSection(payload);
      return section === undefined
        ? this.#damage(offset, [bytes], "a section has no name")
        : { kind: "section", ...place, section };
    }
    if (type === FrameType.generation) return { kind: "generation", ...place };
    if (type !== FrameType.end) return { kind: "unknown", ...place, type };
    if (payload.length < 20) return this.#damage(offset, [bytes], "the END frame is too short");
    const view = new DataView(payload.buffer, payload.byteOffset);
    return {
      kind: "end",
      ...place,
      indexOffset: Number(view.getBigUint64(0, true)),
      indexSize: view.getUint32(8, true),
      total: Number(view.getBigUint64(12, true)),
    };
  }

  async #block(payload: Uint8Array, offset: number, bytes: Uint8Array): Promise<Piece> {
    if (payload.length < BLOCK_FIELDS_BYTES) return this.#damage(offset, [bytes], "a block is too short");
    const view = new DataView(payload.buffer, payload.byteOffset);
    const fields: BlockFields = {
      sequence: view.getUint32(0, true),
      events: view.getUint32(4, true),
      startTime: Number(view.getBigUint64(8, true)),
      endTime: Number(view.getBigUint64(16, true)),
      outputOffset: Number(view.getBigUint64(24, true)),
      outputBytes: view.getUint32(32, true),
      frameBytes: view.getUint32(36, true),
      chain: payload.subarray(48, 80),
    };
    const columnsBytes = view.getUint32(80, true);
    const isPlain = view.getUint32(84, true) === Encoding.plain;
    if (Math.max(fields.frameBytes, fields.outputBytes, columnsBytes) > MAX_BLOCK_BYTES) {
      return this.#damage(offset, [bytes], "a block is larger than any can be");
    }
    const frame = await this.#reader.read(fields.frameBytes);
    const size = bytes.length + frame.length;
    const columns = unpack(payload.subarray(BLOCK_FIELDS_BYTES), isPlain, columnsBytes);
    // The block's own frame is whole: nothing is searched for in it.
    const damage = (reason: string, cut = false): Piece => {
      this.#taken = frame;
      return { kind: "damage", offset, size, reason, cut, fields, ...(columns === undefined ? {} : { columns }) };
    };
    if (frame.length < fields.frameBytes) return damage("the file ends inside a block", true);
    if (!equalBytes(checksum(frame), payload.subarray(40, 40 + CHECKSUM_BYTES))) {
      return damage("the checksum of a block's output does not hold");
    }
    const output = unpack(frame, frame.length === 0, fields.outputBytes);
    if (output === undefined || columns === undefined) return damage("a block does not unpack");
    return { kind: "block", offset, size, fields, columns, output };
  }

  #damage(offset: number, bytes: readonly Uint8Array[], reason: string, cut = false): Piece {
    this.#taken = Buffer.concat(bytes);
    return { kind: "damage", offset, size: this.#taken.length, reason, cut };
  }
}

/** What bytes unpack to that are plain or a zstd frame; undefined where that is not `size` bytes. */
function unpack(stored: Uint8Array, isPlain: boolean, size: number): Uint8Array | undefined {
  if (isPlain) return stored.length === size ? stored : undefined;
  try {
    return zstdDecompress(stored, size);
  } catch (error) {
    if (error instanceof T2aError) return undefined;
    throw error;
  }
}

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(FrameType));

function newer(what: string, offset: number): T2aError {
  return new T2aError("T2A_FORMAT_UNSUPPORTED", `this .t2r ${what}, which a newer t2a reads`, { details: { offset } });
}
