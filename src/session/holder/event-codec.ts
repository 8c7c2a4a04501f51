// Events between a holder and a daemon: exact, with their meta and codes as they came.
//
//     u8 kind, + 128 where there is meta | varint nanoseconds since the event before | [meta: text] | the kind's own
//     output, input: bytes; resize: varint cols, rows; marker: text; exit: zigzag varint; custom: text, bytes
//
// A varint has seven bits in a byte, the lowest first; text and bytes have their length before them.
import { type Batch, type Event, type EventMeta, eventBytes, MAX_CELLS, SessionError } from "../../core/index.js";

const KINDS = ["output", "input", "resize", "marker", "exit", "custom"] as const;
const HAS_META = 0x80;
/** What a number takes at most, bytes. */
const MAX_VARINT_BYTES = 8;

/** The bytes of events, whose times rise. Nobody else's from then on. */
export function encodeEvents(events: Batch): Buffer {
  const writer = new EventWriter(events.reduce((sum, event) => sum + eventBytes(event) + 32, 0));
  let time = 0;
  for (const event of events) {
    writer.event(event, time);
    time = event.time;
  }
  return writer.bytes();
}

/**
 * The events of these bytes. Their data are copies.
 * @throws SessionError `T2A_HOLDER` where the bytes are no events.
 */
export function decodeEvents(bytes: Uint8Array): Event[] {
  const reader = new EventReader(bytes);
  const events: Event[] = [];
  let time = 0;
  while (!reader.isAtEnd) {
    const event = reader.event(time);
    time = event.time;
    events.push(event);
  }
  return events;
}

class EventWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(expectedBytes: number) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
  }

  event(event: Event, lastTime: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = KINDS.indexOf(event.kind) + (event.meta === undefined ? 0 : HAS_META);
    this.#varint(event.time - lastTime);
    if (event.meta !== undefined) this.#text(JSON.stringify(event.meta));
    if (event.kind === "output" || event.kind === "input") this.#sized(event.data);
    else if (event.kind === "resize") {
      this.#varint(event.cols);
      this.#varint(event.rows);
    } else if (event.kind === "marker") this.#text(event.label);
    else if (event.kind === "exit") this.#varint(event.status < 0 ? -event.status * 2 - 1 : event.status * 2);
    else {
      this.#text(event.code);
      this.#sized(event.data);
    }
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #text(text: string): void {
    this.#sized(Buffer.from(text, "utf8"));
  }

  #sized(bytes: Uint8Array): void {
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

class EventReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  event(lastTime: number): Event {
    const head = this.#bytes[this.#at++] ?? 0;
    const kind = KINDS[head & ~HAS_META];
    const time = lastTime + this.#varint();
    if (kind === undefined || !Number.isSafeInteger(time)) throw noEvents();
    const meta = (head & HAS_META) === 0 ? undefined : this.#meta();
    const event = this.#kind(kind, time);
    return meta === undefined ? event : { ...event, meta };
  }

  #kind(kind: Event["kind"], time: number): Event {
    switch (kind) {
      case "output":
      case "input":
        return { kind, time, data: this.#sized() };
      case "resize":
        return { kind, time, cols: this.#cells(), rows: this.#cells() };
      case "marker":
        return { kind, time, label: this.#text() };
      case "exit": {
        const status = this.#varint();
        return { kind, time, status: status % 2 === 1 ? -(status + 1) / 2 : status / 2 };
      }
      case "custom":
        return { kind, time, code: this.#text(), data: this.#sized() };
    }
  }

  #meta(): EventMeta {
    try {
      const value: unknown = JSON.parse(this.#text());
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return Object.freeze(value as Record<string, unknown>);
      }
    } catch (error) {
      if (error instanceof SessionError) throw error;
    }
    throw noEvents();
  }

  #cells(): number {
    const cells = this.#varint();
    if (cells < 1 || cells > MAX_CELLS) throw noEvents();
    return cells;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw noEvents();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw noEvents();
  }

  #text(): string {
    return this.#view().toString("utf8");
  }

  #sized(): Uint8Array {
    return Uint8Array.from(this.#view());
  }

  #view(): Buffer {
    const length = this.#varint();
    if (length > this.#bytes.length - this.#at) throw noEvents();
    const view = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return view;
  }
}

function noEvents(): SessionError {
  return new SessionError("T2A_HOLDER", "a message between daemon and holder holds no events");
}
