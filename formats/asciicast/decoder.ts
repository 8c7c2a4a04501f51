// Decoding of asciicast v2 and v3: a header line, then one event a line; v2 states absolute seconds, v3 intervals.
import {
  type Batch,
  type DecodeOptions,
  type Event,
  FormatError,
  type Header,
  type Recording,
  type Source,
} from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { checkAborted, damaged, warn } from "../damage.js";
import { asObject } from "../json-values.js";
import { type LineBlock, lineBlocks, readHeaderLine } from "../ndjson/line-blocks.js";
import { Timeline } from "../timeline.js";
import { EventLineParser } from "./event-line.js";
import { isOwnCode, parseCells, parseStatus } from "./event-values.js";
import { parseHeader } from "./header.js";
import { TokenEvent } from "./token-event.js";

/** Reads the header line and gives the recording. Errors as in Format.decode. */
export async function decodeLines(version: 2 | 3, source: Source, options: DecodeOptions): Promise<Recording> {
  const blocks = lineBlocks(source.stream());
  const { first, value } = await readHeaderLine(blocks, (block) => readHeader(block, version, options));
  const { header, end } = value;
  const format = version === 2 ? "asciicast-v2" : "asciicast-v3";
  const decoder = new EventDecoder(version, options);
  return {
    header,
    format,
    batches: decoder.batches(first, end, blocks),
    close: async () => void (await blocks.return(undefined)),
  };
}

function readHeader(block: LineBlock, version: 2 | 3, options: DecodeOptions): { header: Header; end: number } {
  const newline = block.bytes.indexOf(10);
  const end = newline < 0 ? block.bytes.length : newline + 1;
  const line = block.bytes.toString("utf8", 0, end).replace(/^\ufeff/, "");
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new FormatError("T2A_FORMAT_HEADER", `the asciicast v${version} header line is no valid JSON`, {
      offset: 0,
      cause,
    });
  }
  return { header: parseHeader(asObject(value) ?? {}, version, options), end };
}

class EventDecoder {
  readonly #parser = new EventLineParser();
  readonly #timeline: Timeline;
  readonly #options: DecodeOptions;
  readonly #relative: boolean;
  #eventNumber = 0;

  constructor(version: 2 | 3, options: DecodeOptions) {
    this.#options = options;
    this.#relative = version === 3;
    this.#timeline = new Timeline(options);
  }

  async *batches(first: LineBlock, start: number, rest: AsyncGenerator<LineBlock>): AsyncGenerator<Batch> {
    try {
      if (yield* this.#block(first, start)) return;
      for await (const block of rest) {
        if (yield* this.#block(block, 0)) return;
      }
    } finally {
      await rest.return(undefined);
    }
  }

  /** The events of one block; true where the recording ends here because of damage that was recovered. */
  *#block(block: LineBlock, from: number): Generator<Batch, boolean> {
    checkAborted(this.#options);
    const { bytes, offset } = block;
    const batch = new BatchBuilder();
    for (let start = from; start < bytes.length; ) {
      const newline = bytes.indexOf(10, start);
      const end = newline < 0 ? bytes.length : newline;
      const found = this.#parser.parse(bytes, start, end);
      if (found === "event") {
        const full = batch.push(this.#event(bytes, offset + start));
        if (full !== undefined) {
          yield full;
          checkAborted(this.#options);
        }
      } else if (found === "damaged") {
        yield* batch.rest();
        const cut = newline < 0;
        const eventNumber = this.#eventNumber + 1;
        damaged(this.#options, cut ? "the last line is cut short" : `event ${eventNumber} is no valid event line`, {
          offset: offset + start,
          eventNumber,
          lostBytes: cut ? end - start : undefined,
        });
        return true;
      }
      start = end + 1;
    }
    yield* batch.rest();
    return false;
  }

  #event(bytes: Buffer, offset: number): Event {
    const { nanos, code, text, oddity } = this.#parser;
    this.#eventNumber++;
    if (oddity !== undefined) this.#warnOddity(offset);
    const time = this.#relative ? this.#timeline.relative(nanos, offset) : this.#timeline.absolute(nanos, offset);
    if (text !== undefined && (code === "o" || code === "i")) {
      const kind = code === "o" ? "output" : "input";
      const { tokenStart, tokenEnd } = this.#parser;
      return tokenStart < 0
        ? { kind, time, data: text }
        : new TokenEvent(kind, time, text, bytes, tokenStart, tokenEnd);
    }
    return this.#rareEvent(time, offset);
  }

  #rareEvent(time: number, offset: number): Event {
    const { code, text } = this.#parser;
    if (code === "m" && text !== undefined) return { kind: "marker", time, label: decodeText(text) };
    const value = text === undefined ? decodeText(this.#parser.json) : decodeText(text);
    if (code === "r") {
      const size = parseCells(value);
      if (size !== undefined) return { kind: "resize", time, ...size };
    }
    if (code === "x") {
      const status = parseStatus(value);
      if (status !== undefined) return { kind: "exit", time, status };
    }
    if (isOwnCode(code)) {
      warn(this.#options, {
        code: "event",
        message: `event ${this.#eventNumber} at byte ${offset} has the code "${code}" but no such value: kept as it is`,
        offset,
      });
    }
    const json =
      text === undefined || this.#parser.json.length > 0 ? this.#parser.json : Buffer.from(JSON.stringify(value));
    return { kind: "custom", time, code, data: json };
  }

  #warnOddity(offset: number): void {
    const { oddity } = this.#parser;
    const number = this.#eventNumber;
    if (oddity === "negative-time")
      warn(this.#options, {
        code: "time-backwards",
        message: `event ${number} at byte ${offset} has a negative time: 0 is taken`,
        offset,
      });
    else if (oddity === "invalid-utf8")
      warn(this.#options, {
        code: "text",
        message: `event ${number} at byte ${offset} holds bytes that are not UTF-8: replaced`,
        offset,
      });
    else
      warn(this.#options, {
        code: "event",
        message: `event ${number} at byte ${offset} has more than three elements: the rest is ignored`,
        offset,
      });
  }
}

function decodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
