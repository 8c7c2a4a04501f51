// Encoding of ttyrec: one frame an event, stamped with the wall clock. Absolute times are rounded to microseconds, so no
// stamp is ever off by more than half of one. Bytes are never added to the output: a size cannot be held.
import {
  type AppendState,
  type Batch,
  type CustomEvent,
  DEFAULT_COLS,
  DEFAULT_ROWS,
  type Encoder,
  type Event,
  type Header,
  Losses,
} from "../../src/core/index.js";
import {
  type HeaderBytes,
  INPUT_CHANNEL,
  MAX_STAMP_SECONDS,
  OUTPUT_CHANNEL,
  SCORE_CHANNEL,
  SCORE_CODE,
  secondWord,
} from "./frame.js";
import { findLeadingSize } from "./leading-size.js";

const NOTHING = new Uint8Array(0);
const FIRST_BUFFER_BYTES = 64 * 1024;
/** Copying by hand is faster than a call up to about so many bytes. */
const SHORT_BYTES = 48;

/** An encoder of frames with or without channels. */
export function createFrameEncoder(headerBytes: HeaderBytes, append?: AppendState): Encoder {
  return new FrameEncoder(headerBytes, append);
}

class FrameEncoder implements Encoder {
  readonly losses = new Losses();
  readonly #headerBytes: HeaderBytes;
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  #view = new DataView(this.#buffer.buffer);
  #fill = 0;
  /** Microseconds since 1970 at time 0; 0 where that is not known. */
  #startMicros = 0;
  #outputSeen: boolean;

  constructor(headerBytes: HeaderBytes, append: AppendState | undefined) {
    this.#headerBytes = headerBytes;
    this.#outputSeen = append !== undefined;
    if (append !== undefined) this.#startMicros = wallMicros(append.header) ?? 0;
  }

  header(header: Header): Uint8Array {
    const { cols, rows, startTime, duration: _, ...others } = header;
    const start = wallMicros(header);
    this.#startMicros = start ?? 0;
    if (cols !== DEFAULT_COLS || rows !== DEFAULT_ROWS) this.losses.add("header");
    if (startTime !== undefined && start === undefined) this.losses.add("header");
    this.losses.add("header", Object.keys(others).length);
    return NOTHING;
  }

  events(batch: Batch): Uint8Array {
    this.#fill = 0;
    for (const event of batch) {
      if (event.kind === "output") this.#output(event.data, event);
      else if (event.kind === "input" && this.#headerBytes === 13) this.#frame(INPUT_CHANNEL, event.data, event);
      else if (event.kind === "custom" && this.#headerBytes === 13) this.#custom(event);
      else this.losses.add(event.kind);
    }
    return this.#buffer.subarray(0, this.#fill);
  }

  end(): Uint8Array {
    return NOTHING;
  }

  #output(data: Uint8Array, event: Event): void {
    const first = !this.#outputSeen && data.length > 0;
    if (first) this.#outputSeen = true;
    if (first && (findLeadingSize(data)?.length ?? 0) > 0) {
      // Output that happens to begin with a size is not to be taken for one: readers know it only in one frame.
      this.#write(OUTPUT_CHANNEL, data.subarray(0, 1), Math.round(event.time / 1000));
      this.#frame(OUTPUT_CHANNEL, data.subarray(1), event);
    } else this.#frame(OUTPUT_CHANNEL, data, event);
  }

  #custom(event: CustomEvent): void {
    const frame = channelFrame(event);
    if (frame === undefined) this.losses.add("custom");
    else this.#frame(frame.channel, frame.data, event);
  }

  #frame(channel: number, data: Uint8Array, { time, meta }: Event): void {
    if (data.length === 0) return;
    const sinceStart = Math.round(time / 1000);
    if (sinceStart * 1000 !== time) this.losses.add("time");
    if (meta !== undefined) this.losses.add("meta");
    this.#write(channel, data, sinceStart);
  }

  #write(channel: number, data: Uint8Array, sinceStart: number): void {
    const { length } = data;
    const at = this.#fill;
    const body = at + this.#headerBytes;
    if (body + length > this.#buffer.length) this.#grow(body + length);
    const micros = this.#startMicros + sinceStart;
    const seconds = Math.floor(micros / 1e6);
    const view = this.#view;
    view.setUint32(at, seconds, true);
    view.setUint32(at + 4, secondWord(seconds, micros - seconds * 1e6), true);
    view.setUint32(at + 8, length, true);
    if (this.#headerBytes === 13) view.setUint8(at + 12, channel);
    const buffer = this.#buffer;
    if (length > SHORT_BYTES) buffer.set(data, body);
    else for (let i = 0; i < length; i++) buffer[body + i] = data[i] ?? 0;
    this.#fill = body + length;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#fill));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Microseconds since 1970 at time 0, rounded; undefined where there is none that a stamp can hold. */
function wallMicros({ startTime }: Header): number | undefined {
  if (startTime === undefined || startTime < 0n) return undefined;
  const micros = (startTime + 500n) / 1000n;
  return micros <= BigInt(MAX_STAMP_SECONDS) * 1_000_000n && micros <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(micros)
    : undefined;
}

/** The channel and body of a custom event that a decoder here made; undefined for all others. */
function channelFrame({ code, data }: CustomEvent): { channel: number; data: Uint8Array } | undefined {
  if (!code.startsWith("ttyrec.")) return undefined;
  const value: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  if (code === SCORE_CODE) {
    if (typeof value !== "number" || (value | 0) !== value) return undefined;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, value, true);
    return { channel: SCORE_CHANNEL, data: bytes };
  }
  const channel = Number(/^ttyrec\.([0-9]{1,3})$/.exec(code)?.[1] ?? -1);
  if (channel <= INPUT_CHANNEL || channel > 255 || typeof value !== "string") return undefined;
  const bytes = Buffer.from(value, "base64");
  return bytes.length > 0 ? { channel, data: bytes } : undefined;
}
