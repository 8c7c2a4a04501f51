// asciicast v1: one JSON object, its "stdout" an array of [seconds since the event before, text].
// Spec: https://docs.asciinema.org/manual/asciicast/v1/. Output only. Keys may come in any order.
import {
  type Batch,
  type DecodeOptions,
  type EncodeOptions,
  type Encoder,
  type Event,
  type Format,
  FormatError,
  type Header,
  Losses,
  NANOS_PER_SECOND,
  parseSeconds,
  type Recording,
  type Source,
} from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { checkAborted, damaged, warn } from "../damage.js";
import { JsonWriter } from "../ndjson/json-writer.js";
import { Utf8Carry } from "../ndjson/utf8-carry.js";
import { Timeline } from "../timeline.js";
import { formatHeader, parseHeader } from "./header.js";
import { asciicastVersion } from "./sniff.js";
import { type Part, scanV1 } from "./v1-scanner.js";

/** asciicast v1. */
export const asciicastV1: Format = {
  name: "asciicast-v1",
  title: "asciinema recording, version 1",
  extensions: [],
  supports: {
    input: false,
    resize: false,
    marker: false,
    exit: false,
    custom: false,
    meta: false,
    bytes: false,
    timeStepNanos: 1000,
    crashSafe: false,
    append: false,
    follow: false,
  },
  sniff: (head) => asciicastVersion(head) === 1,
  decode,
  createEncoder: (options) => new V1Encoder(options),
};

/** Bytes of events held until the keys behind them are known, where a stream cannot be read twice. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;
/** Bytes of all the header's keys and values together: each alone may be harmless. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;
/** What a part costs in memory beside its text, in bytes: many short ones are much as well. */
const PART_BYTES = 64;

async function decode(source: Source, options: DecodeOptions): Promise<Recording> {
  const { restart } = source.supports;
  const parts = scanV1(source.stream());
  try {
    const { values, pending } = await readKeys(parts, !restart, options);
    const header = parseHeader(Object.fromEntries(values), 1, options);
    const rest = restart ? scanV1(source.stream()) : parts;
    const close = async () => void (await rest.return(undefined));
    return { header, format: "asciicast-v1", batches: batches(pending, rest, options), close };
  } catch (error) {
    await parts.return(undefined);
    throw error;
  }
}

/**
 * The header's keys, which may also stand behind the events. `keep`: the events on the way are kept, up to a bound at
 * which whatever keys are known must do. Damage behind the first key is left to whoever reads the events.
 */
async function readKeys(parts: AsyncGenerator<Part>, keep: boolean, options: DecodeOptions) {
  const values = new Map<string, unknown>();
  const pending: (Part | FormatError)[] = [];
  let pendingBytes = 0;
  let headerBytes = 0;
  try {
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      checkAborted(options);
      const { key, json, offset } = next.value;
      if (key !== "stdout") {
        headerBytes += key.length + json.length + PART_BYTES;
        if (headerBytes > MAX_HEADER_BYTES) {
          const message = `the header is longer than ${MAX_HEADER_BYTES >> 20} MB`;
          throw new FormatError("T2A_FORMAT_LIMIT", message, { offset });
        }
        readValue(next.value, values);
      } else if (keep) {
        pending.push(next.value);
        pendingBytes += json.length + PART_BYTES;
        if (pendingBytes > MAX_PENDING_BYTES) break;
      }
    }
  } catch (error) {
    const sized = values.has("width") && values.has("height");
    if (!(error instanceof FormatError) || error.code !== "T2A_FORMAT_DAMAGED" || !sized) throw error;
    if (keep) pending.push(error);
  }
  return { values, pending };
}

function readValue({ key, json, offset }: Part, into: Map<string, unknown>): void {
  try {
    into.set(key, JSON.parse(json.toString("utf8")));
  } catch (cause) {
    throw new FormatError("T2A_FORMAT_HEADER", `the value of "${key}" is no valid JSON`, { offset, cause });
  }
}

async function* batches(
  pending: readonly (Part | FormatError)[],
  rest: AsyncGenerator<Part>,
  options: DecodeOptions,
): AsyncGenerator<Batch> {
  const timeline = new Timeline(options);
  const batch = new BatchBuilder();
  let count = 0;
  let failure: FormatError | undefined;
  async function* all() {
    yield* pending;
    yield* rest;
  }
  try {
    for await (const part of all()) {
      if (part instanceof FormatError) throw part;
      if (part.key !== "stdout") continue;
      checkAborted(options);
      count++;
      const full = batch.push(parseElement(part, count, timeline, options));
      if (full !== undefined) yield full;
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    failure = error;
  } finally {
    await rest.return(undefined);
  }
  yield* batch.rest();
  if (failure !== undefined) damaged(options, failure.message, { offset: failure.offset ?? 0, eventNumber: count });
}

function parseElement(
  { json, offset }: Part,
  count: number,
  timeline: Timeline,
  options: DecodeOptions,
): Event & { kind: "output" } {
  const text = json.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== "number" || typeof value[1] !== "string") {
    throw new FormatError("T2A_FORMAT_DAMAGED", `event ${count} is no [delay, text]`, { offset, eventNumber: count });
  }
  const [delay, data] = value as [number, string];
  if (delay < 0)
    warn(options, {
      code: "time-backwards",
      message: `event ${count} at byte ${offset} has a negative delay: 0 is taken`,
      offset,
    });
  const nanos =
    parseSeconds(/^\[\s*([0-9.]+)\s*,/.exec(text)?.[1] ?? "") ?? Math.round(Math.max(0, delay) * NANOS_PER_SECOND);
  return {
    kind: "output",
    time: timeline.relative(Math.min(nanos, Number.MAX_SAFE_INTEGER / 2), offset),
    data: Buffer.from(data, "utf8"),
  };
}

class V1Encoder implements Encoder {
  readonly losses = new Losses();
  readonly #writer = new JsonWriter();
  readonly #carry = new Utf8Carry();
  readonly #decimals: number;
  readonly #step: number;
  #lastTime = 0;
  #lastUnits = 0;
  #first = true;

  constructor({ precision = "us" }: EncodeOptions) {
    this.#decimals = precision === "ns" ? 9 : 6;
    this.#step = precision === "ns" ? 1 : 1000;
  }

  header(header: Header): Uint8Array {
    return Buffer.from(`${JSON.stringify(formatHeader(header, 1)).slice(0, -1)},"stdout":[`);
  }

  events(batch: Batch): Uint8Array {
    this.#writer.reset();
    for (const event of batch) {
      this.#lastTime = event.time;
      if (event.kind !== "output") {
        this.losses.add(event.kind);
        continue;
      }
      if (event.meta !== undefined) this.losses.add("meta");
      if (event.time % this.#step !== 0) this.losses.add("time");
      const { text, invalidBytes } = this.#carry.push(event.data);
      this.losses.add("invalidUtf8", invalidBytes);
      if (text.length > 0) this.#element(text);
    }
    return this.#writer.bytes();
  }

  end(): Uint8Array {
    this.#writer.reset();
    const { text, invalidBytes } = this.#carry.end();
    this.losses.add("invalidUtf8", invalidBytes);
    if (text.length > 0) this.#element(text);
    this.#writer.text('\n],"duration":');
    this.#writer.decimal(Math.round(this.#lastTime / this.#step), this.#decimals);
    this.#writer.text("}\n");
    return this.#writer.bytes();
  }

  #element(text: Uint8Array): void {
    const units = Math.round(this.#lastTime / this.#step);
    this.#writer.text(this.#first ? "\n[" : ",\n[");
    this.#first = false;
    this.#writer.decimal(units - this.#lastUnits, this.#decimals);
    this.#lastUnits = units;
    this.#writer.text(', "');
    this.#writer.escaped(text);
    this.#writer.text('"]');
  }
}
