// Encoding of asciicast v2 and v3. Absolute times are rounded to the format's decimals and intervals are differences of
// rounded times, so no event is ever off by more than half a step.
import { isUtf8 } from "node:buffer";
import {
  type AppendState,
  type Batch,
  type EncodeOptions,
  type Encoder,
  type Event,
  type Header,
  type InputEvent,
  Losses,
  type OutputEvent,
} from "../../src/core/index.js";
import { JsonWriter } from "../ndjson/json-writer.js";
import { Utf8Carry } from "../ndjson/utf8-carry.js";
import { wouldBeOwn } from "./event-values.js";
import { formatHeader } from "./header.js";
import { TokenEvent } from "./token-event.js";

const ascii = (text: string) => Buffer.from(text, "latin1");
const BRACKET = ascii("[");
const CLOSING = ascii('"]\n');
/** What stands between an event's time and its text. */
const OPENINGS = {
  output: ascii(', "o", "'),
  input: ascii(', "i", "'),
  resize: ascii(', "r", "'),
  marker: ascii(', "m", "'),
  exit: ascii(', "x", "'),
};

/** An encoder of v2 or v3 event lines. */
export function createLineEncoder(version: 2 | 3, options: EncodeOptions, append?: AppendState): Encoder {
  return new LineEncoder(version, options, append);
}

class LineEncoder implements Encoder {
  readonly losses = new Losses();
  readonly #version: 2 | 3;
  readonly #writer = new JsonWriter();
  readonly #carries = { output: new Utf8Carry(), input: new Utf8Carry() };
  readonly #decimals: number;
  readonly #step: number;
  /** In steps. */
  #lastUnits = 0;
  #lastTime = 0;
  #openLine: boolean;

  constructor(version: 2 | 3, { precision = "us" }: EncodeOptions, append: AppendState | undefined) {
    this.#version = version;
    this.#decimals = precision === "ns" ? 9 : 6;
    this.#step = precision === "ns" ? 1 : 1000;
    this.#lastTime = append?.lastTime ?? 0;
    this.#lastUnits = Math.round(this.#lastTime / this.#step);
    this.#openLine = append !== undefined && !append.complete;
  }

  header(header: Header): Uint8Array {
    return Buffer.from(`${JSON.stringify(formatHeader(header, this.#version))}\n`);
  }

  events(batch: Batch): Uint8Array {
    const writer = this.#writer;
    writer.reset();
    if (this.#openLine) writer.text("\n");
    this.#openLine = false;
    for (const event of batch) {
      this.#lastTime = event.time;
      if (event.kind === "custom" && wouldBeOwn(event)) {
        this.losses.add("custom");
        continue;
      }
      if (event.time % this.#step !== 0) this.losses.add("time");
      if (event.meta !== undefined) this.losses.add("meta");
      if (event.kind === "output" || event.kind === "input") this.#text(event);
      else this.#rare(event);
    }
    return writer.bytes();
  }

  end(): Uint8Array {
    this.#writer.reset();
    for (const kind of ["input", "output"] as const) {
      const { text, invalidBytes } = this.#carries[kind].end();
      this.losses.add("invalidUtf8", invalidBytes);
      if (text.length > 0) this.#line(OPENINGS[kind], text);
    }
    return this.#writer.bytes();
  }

  #text(event: OutputEvent | InputEvent): void {
    const { kind, data } = event;
    const carry = this.#carries[kind];
    const writer = this.#writer;
    const start = writer.length;
    const lastUnits = this.#lastUnits;
    if (!carry.holds) {
      this.#open(OPENINGS[kind]);
      // Nearly all output is ASCII, which is known when it has been written: then there is nothing more to check.
      if (TokenEvent.copyToken(event, writer) || writer.escaped(data) || isUtf8(data)) {
        writer.raw(CLOSING);
        return;
      }
      writer.truncate(start);
      this.#lastUnits = lastUnits;
    }
    const { text, invalidBytes } = carry.push(data);
    this.losses.add("invalidUtf8", invalidBytes);
    if (text.length > 0) this.#line(OPENINGS[kind], text);
  }

  #rare(event: Exclude<Event, { kind: "output" | "input" }>): void {
    const writer = this.#writer;
    if (event.kind === "resize") this.#line(OPENINGS.resize, Buffer.from(`${event.cols}x${event.rows}`));
    else if (event.kind === "exit") this.#line(OPENINGS.exit, Buffer.from(String(event.status)));
    else if (event.kind === "marker") this.#line(OPENINGS.marker, Buffer.from(event.label));
    else {
      this.#time();
      writer.text(`, ${JSON.stringify(event.code)}, `);
      writer.raw(event.data);
      writer.text("]\n");
    }
  }

  #line(opening: Uint8Array, text: Uint8Array): void {
    this.#open(opening);
    this.#writer.escaped(text);
    this.#writer.raw(CLOSING);
  }

  #open(opening: Uint8Array): void {
    this.#time();
    this.#writer.raw(opening);
  }

  #time(): void {
    const units = Math.round(this.#lastTime / this.#step);
    this.#writer.raw(BRACKET);
    this.#writer.decimal(this.#version === 3 ? units - this.#lastUnits : units, this.#decimals);
    this.#lastUnits = units;
  }
}
