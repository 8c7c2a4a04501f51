// json: t2a's own interoperable form, one JSON object a line, lossless to the byte and the nanosecond.
// The first line is {"format":"t2a-json","version":1,"header":{...}}; docs/formats.md documents it.
import { isUtf8 } from "node:buffer";
import {
  type AppendState,
  type Batch,
  type DecodeOptions,
  type Encoder,
  type Event,
  type EventMeta,
  type Format,
  FormatError,
  type Header,
  Losses,
  MAX_CELLS,
  type Recording,
  type Source,
} from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { checkAborted, damaged, warn } from "../damage.js";
import { asObject } from "../json-values.js";
import { JsonWriter } from "../ndjson/json-writer.js";
import { type LineBlock, lineBlocks, readHeaderLine } from "../ndjson/line-blocks.js";
import { Timeline } from "../timeline.js";
import { headerFromJson, headerToJson } from "./header-json.js";

/** t2a's interoperable form. */
export const json: Format = {
  name: "json",
  title: "t2a's own NDJSON, lossless",
  extensions: [".json", ".ndjson"],
  supports: {
    input: true,
    resize: true,
    marker: true,
    exit: true,
    custom: true,
    meta: true,
    bytes: true,
    timeStepNanos: 1,
    crashSafe: true,
    append: true,
    follow: true,
  },
  sniff: (head) => /^\s*\{\s*"format"\s*:\s*"t2a-json"/.test(Buffer.from(head.subarray(0, 256)).toString("latin1")),
  decode,
  createEncoder: (_options, append) => new JsonEncoder(append),
};

async function decode(source: Source, options: DecodeOptions): Promise<Recording> {
  const blocks = lineBlocks(source.stream());
  const { first, value } = await readHeaderLine(blocks, ({ bytes }) => {
    const newline = bytes.indexOf(10);
    const end = newline < 0 ? bytes.length : newline + 1;
    return { header: parseHeaderLine(bytes.toString("utf8", 0, end)), end };
  });
  const { header, end: headerEnd } = value;
  const timeline = new Timeline(options);
  let count = 0;
  async function* batches(): AsyncGenerator<Batch> {
    try {
      yield* eventBatches();
    } finally {
      await blocks.return(undefined);
    }
  }
  async function* eventBatches(): AsyncGenerator<Batch> {
    let from = headerEnd;
    const batch = new BatchBuilder();
    for (
      let next: IteratorResult<LineBlock, unknown> = { value: first };
      !next.done;
      next = await blocks.next(), from = 0
    ) {
      checkAborted(options);
      const { bytes, offset: blockOffset } = next.value;
      for (let start = from; start < bytes.length; ) {
        const newline = bytes.indexOf(10, start);
        const end = newline < 0 ? bytes.length : newline;
        const line = bytes.toString("utf8", start, end);
        const offset = blockOffset + start;
        start = end + 1;
        if (line.trim() === "") continue;
        count++;
        if (!isUtf8(bytes.subarray(offset - blockOffset, end))) {
          const message = `event ${count} at byte ${offset} holds bytes that are not UTF-8: replaced`;
          warn(options, { code: "text", message, offset });
        }
        const event = parseEvent(line, timeline, offset);
        if (event === undefined) {
          yield* batch.rest();
          const message = newline < 0 ? "the last line is cut short" : `event ${count} is no valid event line`;
          damaged(options, message, { offset, eventNumber: count, lostBytes: newline < 0 ? line.length : undefined });
          return;
        }
        const full = batch.push(event);
        if (full !== undefined) yield full;
      }
      yield* batch.rest();
    }
  }
  return { header, format: "json", batches: batches(), close: async () => void (await blocks.return(undefined)) };
}

function parseHeaderLine(line: string): Header {
  let value: Readonly<Record<string, unknown>> | undefined;
  try {
    value = asObject(JSON.parse(line));
  } catch (cause) {
    throw new FormatError("T2A_FORMAT_HEADER", "the header line is no valid JSON", { offset: 0, cause });
  }
  if (value?.version !== 1) {
    throw new FormatError(
      "T2A_FORMAT_HEADER",
      `t2a-json version ${String(value?.version).slice(0, 20)} is not known to this t2a`,
      { offset: 0 },
    );
  }
  return headerFromJson(asObject(value.header) ?? {});
}

function parseEvent(line: string, timeline: Timeline, offset: number): Event | undefined {
  let value: Readonly<Record<string, unknown>> | undefined;
  try {
    value = asObject(JSON.parse(line));
  } catch {
    return undefined; // the caller reports the line with its offset
  }
  const raw = value?.time;
  if (value === undefined || typeof raw !== "number" || !Number.isSafeInteger(raw) || raw < 0) return undefined;
  const event = parseKind(value, raw, line);
  if (event === undefined) return undefined;
  const time = timeline.absolute(raw, offset);
  const meta = asObject(value.meta);
  return meta === undefined ? { ...event, time } : { ...event, time, meta: Object.freeze(meta) as EventMeta };
}

function parseKind(value: Readonly<Record<string, unknown>>, time: number, line: string): Event | undefined {
  const { kind, cols, rows, label, status, code } = value;
  if (kind === "output" || kind === "input") {
    const data =
      typeof value.text === "string"
        ? Buffer.from(value.text, "utf8")
        : typeof value.base64 === "string" && BASE64.test(value.base64)
          ? Buffer.from(value.base64, "base64")
          : undefined;
    return data === undefined ? undefined : { kind, time, data };
  }
  if (kind === "resize") return isCells(cols) && isCells(rows) ? { kind, time, cols, rows } : undefined;
  if (kind === "marker") return typeof label === "string" ? { kind, time, label } : undefined;
  if (kind === "exit")
    return typeof status === "number" && Number.isSafeInteger(status) ? { kind, time, status } : undefined;
  if (kind === "custom" && typeof code === "string" && "data" in value)
    return { kind, time, code, data: Buffer.from(dataText(line, value.data), "utf8") };
  return undefined;
}

function isCells(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= MAX_CELLS;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DATA_KEY = ',"data":';

/** The JSON text of the last key, `data`, as it stands in the line: numbers keep their spelling. */
function dataText(line: string, value: unknown): string {
  // Before the key there may be a meta that holds the same text, behind it data that does: the first place or the last
  // is right in all but made-up lines, and trying every place would take the square of a line's length.
  for (const at of new Set([line.indexOf(DATA_KEY), line.lastIndexOf(DATA_KEY)])) {
    if (at < 0) continue;
    try {
      JSON.parse(`${line.slice(0, at)}}`); // only a cut between two keys of the line's own object leaves an object
    } catch {
      continue;
    }
    const text = line.slice(at + DATA_KEY.length, line.lastIndexOf("}")).trim();
    try {
      JSON.parse(text);
      return text;
    } catch {
      break; // other keys follow
    }
  }
  return JSON.stringify(value);
}

class JsonEncoder implements Encoder {
  readonly losses = new Losses();
  readonly #writer = new JsonWriter();
  #openLine: boolean;

  constructor(append: AppendState | undefined) {
    this.#openLine = append !== undefined && !append.complete;
  }

  header(header: Header): Uint8Array {
    return Buffer.from(`${JSON.stringify({ format: "t2a-json", version: 1, header: headerToJson(header) })}\n`);
  }

  events(batch: Batch): Uint8Array {
    this.#writer.reset();
    if (this.#openLine) this.#writer.text("\n");
    this.#openLine = false;
    for (const event of batch) this.#event(event);
    return this.#writer.bytes();
  }

  end(): Uint8Array {
    return new Uint8Array(0);
  }

  #event(event: Event): void {
    const writer = this.#writer;
    writer.text('{"time":');
    writer.decimal(event.time, 0);
    writer.text(`,"kind":"${event.kind}"`);
    const meta = event.meta === undefined ? "" : `,"meta":${JSON.stringify(event.meta)}`;
    if (event.kind === "output" || event.kind === "input") {
      if (isUtf8(event.data)) {
        writer.text(',"text":"');
        writer.escaped(event.data);
      } else {
        writer.text(
          `,"base64":"${Buffer.from(event.data.buffer, event.data.byteOffset, event.data.byteLength).toString("base64")}`,
        );
      }
      writer.text(`"${meta}}\n`);
    } else if (event.kind === "resize") writer.text(`,"cols":${event.cols},"rows":${event.rows}${meta}}\n`);
    else if (event.kind === "marker") writer.text(`,"label":${JSON.stringify(event.label)}${meta}}\n`);
    else if (event.kind === "exit") writer.text(`,"status":${event.status}${meta}}\n`);
    else {
      writer.text(`,"code":${JSON.stringify(event.code)}${meta},"data":`);
      writer.raw(event.data);
      writer.text("}\n");
    }
  }
}
