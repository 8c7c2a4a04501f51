// Frames of the holder's protocol: written as one run of bytes, read out of chunks that are cut anywhere. Whoever is at the other end,
// no more than one frame is kept in memory.
import { SessionError } from "../../core/index.js";
import { MAX_HOLDER_FRAME } from "./holder-protocol.js";

/** A frame as it came. */
export interface HolderFrame {
  readonly type: number;
  /** Number of a session; 0 where it is of none. */
  readonly session: number;
  /** A view of what was read: it is valid while the frame is dealt with, and copied by whoever keeps it. */
  readonly payload: Buffer;
}

const LENGTH_BYTES = 4;
/** Type and session. */
const FIELDS_BYTES = 5;
/** Bytes before a payload. */
export const FRAME_HEAD_BYTES = LENGTH_BYTES + FIELDS_BYTES;
/** What a payload may take, bytes. */
export const MAX_HOLDER_PAYLOAD = MAX_HOLDER_FRAME - FIELDS_BYTES;

const NOTHING = Buffer.alloc(0);

/**
 * A frame's bytes. The payload is copied.
 * @throws SessionError `T2A_HOLDER` where the payload is larger than a frame may be.
 */
export function encodeFrame(type: number, session = 0, payload: Uint8Array = NOTHING): Buffer {
  const frame = beginFrame(type, session, payload.length);
  frame.set(payload, FRAME_HEAD_BYTES);
  return frame;
}

/** A frame whose payload, of so many bytes, is still to be filled in. @throws as `encodeFrame`. */
export function beginFrame(type: number, session: number, payloadBytes: number): Buffer {
  if (payloadBytes > MAX_HOLDER_PAYLOAD) {
    throw new SessionError("T2A_HOLDER", `a message of ${payloadBytes} bytes is too large for a holder`, {
      details: { type, payloadBytes },
    });
  }
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payloadBytes);
  frame.writeUInt32BE(FIELDS_BYTES + payloadBytes, 0);
  frame.writeUInt8(type, LENGTH_BYTES);
  frame.writeUInt32BE(session, LENGTH_BYTES + 1);
  return frame;
}

/** A frame whose payload is JSON. @throws as `encodeFrame`. */
export function encodeJsonFrame(type: number, session: number, value: object): Buffer {
  return encodeFrame(type, session, Buffer.from(JSON.stringify(value), "utf8"));
}

/** The JSON object of a payload. @throws SessionError `T2A_HOLDER` where it is none. */
export function jsonOf(payload: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(payload.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new SessionError("T2A_HOLDER", "a message between daemon and holder is no JSON object");
}

/** Puts frames together again. One for a connection. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /**
   * Takes what came; gives the frames that are whole now.
   * @throws SessionError `T2A_HOLDER` at a length that no frame has: nothing behind it can be read.
   */
  *read(chunk: Uint8Array): Generator<HolderFrame> {
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#bytes += chunk.length;
    for (let length = this.#length(); length !== undefined; length = this.#length()) {
      if (length < FIELDS_BYTES || length > MAX_HOLDER_FRAME) {
        throw new SessionError("T2A_HOLDER", `no message between daemon and holder has ${length} bytes`);
      }
      if (this.#bytes < LENGTH_BYTES + length) return;
      const frame = this.#take(LENGTH_BYTES + length);
      yield {
        type: frame.readUInt8(LENGTH_BYTES),
        session: frame.readUInt32BE(LENGTH_BYTES + 1),
        payload: frame.subarray(FRAME_HEAD_BYTES),
      };
    }
  }

  #length(): number | undefined {
    return this.#bytes < LENGTH_BYTES ? undefined : this.#first(LENGTH_BYTES).readUInt32BE(0);
  }

  #take(length: number): Buffer {
    const first = this.#first(length);
    this.#chunks[0] = first.subarray(length);
    this.#bytes -= length;
    return first.subarray(0, length);
  }

  /** The first chunk, which has so many bytes at least: there are as many. */
  #first(length: number): Buffer {
    const [first = NOTHING] = this.#chunks;
    if (first.length >= length) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
