// Decoding of script recordings: the timing file is read record by record, and each names how many bytes of which log
// come next. One chain of delays runs through all records. All files are streamed; none is held in memory.
import {
  type Batch,
  customEvent,
  DEFAULT_COLS,
  DEFAULT_ROWS,
  type DecodeOptions,
  type Event,
  FormatError,
  type Header,
  MAX_LEAP_NANOS,
  parseSeconds,
  type Recording,
  type Source,
  type Warning,
} from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { ByteReader } from "../byte-reader.js";
import { checkAborted, damaged, warn } from "../damage.js";
import { HEADER_CODE, SIGNAL_CODE } from "./codes.js";
import { type Found, findTiming, plainStream } from "./find-files.js";
import { InputLog } from "./input-log.js";
import { readHeaderRecords, splitNameValue } from "./timing-header.js";
import { beginsAsTiming, CLASSIC, HEADER, INPUT, OUTPUT, SIGNAL, TimingRecord } from "./timing-record.js";
import {
  isTrailer,
  MAX_FIRST_LINE_BYTES,
  MAX_TRAILER_BYTES,
  parseFirstLine,
  parseSize,
  trailerStatus,
} from "./typescript-line.js";

/** No terminal gives so much in one read: such a record is damage. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** Commands are the longest thing in a timing file. */
const MAX_TIMING_LINE_BYTES = 1024 * 1024;
/** Bytes of all header records before the first event together, each at least so many: they are kept in memory. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;
const HEADER_RECORD_BYTES = 64;

/** Reads a recording; errors as in Format.decode. */
export async function decodeScript(source: Source, options: DecodeOptions): Promise<Recording> {
  checkAborted(options);
  const typescript = new ByteReader(source.stream());
  try {
    const firstLine = await readFirstLine(typescript, source);
    const decoder = new ScriptDecoder(source, typescript, await findTiming(source, options), options);
    return {
      header: await decoder.header(firstLine),
      format: "script",
      batches: decoder.batches(),
      close: () => decoder.close(),
    };
  } catch (error) {
    await typescript.close();
    throw error;
  }
}

/** The first line, which is no output by its position; with its newline. */
async function readFirstLine(typescript: ByteReader, source: Source): Promise<Buffer> {
  const line = await typescript.readLine(MAX_FIRST_LINE_BYTES);
  if (line === "long") {
    throw new FormatError("T2A_FORMAT_HEADER", `${source.name} does not begin with the line of a typescript`, {
      offset: 0,
    });
  }
  const bytes = Buffer.concat([line?.bytes ?? Buffer.alloc(0), Buffer.from(line?.terminated ? "\n" : "")]);
  if (beginsAsTiming(bytes)) {
    throw new FormatError(
      "T2A_FORMAT_HEADER",
      `${source.name} is a timing file: give the typescript it belongs to, and this one with --timing`,
      { offset: 0 },
    );
  }
  return bytes;
}

class ScriptDecoder {
  readonly #source: Source;
  readonly #typescript: ByteReader;
  readonly #timingFile: Found;
  readonly #timing: ByteReader;
  readonly #options: DecodeOptions;
  readonly #record = new TimingRecord();
  /** Offset of that record in the timing file. */
  #offset = 0;
  /** The record was read with the header and is still to be played. */
  #isPending = false;
  readonly #batches = new BatchBuilder();
  readonly #ready: Batch[] = [];
  #time = 0;
  #isAdvanced = false;
  readonly #stated = new Map<string, string>();
  #inputLog: InputLog | undefined;
  #isDamaged = false;

  constructor(source: Source, typescript: ByteReader, timing: Found, options: DecodeOptions) {
    this.#source = source;
    this.#typescript = typescript;
    this.#timingFile = timing;
    this.#timing = new ByteReader(plainStream(timing.source));
    this.#options = options;
  }

  /** Reads the timing file up to the first record that is no header field. Closes everything where that fails. */
  async header(firstLine: Buffer): Promise<Header> {
    try {
      return await this.#readHeader(firstLine);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #readHeader(firstLine: Buffer): Promise<Header> {
    const isOutput = await this.#isOutput(firstLine);
    if (isOutput) this.#typescript.unread(firstLine);
    let headerBytes = 0;
    while (await this.#next()) {
      if (this.#record.letter !== HEADER || this.#record.text.startsWith("EXIT_CODE ")) {
        this.#isPending = true;
        break;
      }
      this.#pass();
      headerBytes += Math.max(this.#record.text.length, HEADER_RECORD_BYTES);
      if (headerBytes > MAX_HEADER_BYTES) {
        const message = `timing file: the header is longer than ${MAX_HEADER_BYTES >> 20} MB`;
        throw new FormatError("T2A_FORMAT_LIMIT", message, { offset: this.#offset });
      }
      this.#keep();
    }
    const first = isOutput ? {} : parseFirstLine(firstLine.toString());
    const stated = readHeaderRecords(this.#stated);
    const extra = { ...first.extra, ...stated.extra };
    const header = { cols: DEFAULT_COLS, rows: DEFAULT_ROWS, ...first, ...stated };
    return Object.keys(extra).length > 0 ? { ...header, extra } : header;
  }

  async *batches(): AsyncGenerator<Batch> {
    try {
      while (this.#isPending || (this.#nextAtHand() ?? (await this.#next()))) {
        this.#isPending = false;
        if (!this.#playAtHand() && !(await this.#play())) break;
        if (this.#ready.length > 0) {
          yield* this.#ready.splice(0);
          checkAborted(this.#options);
        }
      }
      await this.#finish();
      yield* this.#gathered();
    } catch (error) {
      yield* this.#gathered(); // every good event comes before the error
      throw error;
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#inputLog?.close();
    await this.#timing.close();
    if (!this.#timingFile.isGiven) await this.#timingFile.source.close();
    await this.#typescript.close();
  }

  *#gathered(): Generator<Batch> {
    yield* this.#ready.splice(0);
    yield* this.#batches.rest();
  }

  /**
   * The first line is no output, whatever it says: it is translated. Only old versions, told to be quiet, wrote none: then
   * the timed bytes are all there is.
   */
  async #isOutput(firstLine: Buffer): Promise<boolean> {
    if (firstLine.length === 0 || firstLine.toString("latin1", 0, 18) === "Script started on ") return false;
    const size = await this.#source.size();
    const { source } = this.#timingFile;
    return size !== undefined && source.supports.restart && (await timedBytes(source)) === size;
  }

  /** The next record if it is at hand; false at the end, undefined where it has to be waited for. */
  #nextAtHand(): boolean | undefined {
    this.#offset = this.#timing.offset;
    const line = this.#timing.takeLine();
    return line === undefined ? undefined : this.#accept(line, true);
  }

  async #next(): Promise<boolean> {
    this.#offset = this.#timing.offset;
    checkAborted(this.#options);
    const line = await this.#timing.readLine(MAX_TIMING_LINE_BYTES);
    if (line === undefined) return false;
    if (line !== "long") return this.#accept(line.bytes, line.terminated);
    this.#damage(`timing file: a line is longer than ${MAX_TIMING_LINE_BYTES} bytes`);
    return false;
  }

  #accept(line: Uint8Array, terminated: boolean): boolean {
    const record = this.#record;
    const isRecord = record.parse(line);
    if (isRecord && (terminated || isBytes(record))) {
      if (record.letter !== CLASSIC) this.#isAdvanced = true;
      return true;
    }
    if (line.length === 0) return record.clear();
    if (terminated) this.#damage("timing file: no timing record");
    else this.#warn("truncated", `timing file: the last record is cut short at byte ${this.#offset}: left out`);
    return false;
  }

  /** Plays a record of output whose bytes are at hand: nearly all are. */
  #playAtHand(): boolean {
    const { letter, size } = this.#record;
    if (letter !== OUTPUT && letter !== CLASSIC) return false;
    const data = this.#typescript.take(size);
    if (data === undefined) return false;
    this.#pass();
    if (size > 0) this.#add({ kind: "output", time: this.#time, data });
    return true;
  }

  /** Plays any record; false where the recording ends with it. */
  async #play(): Promise<boolean> {
    const { letter, text } = this.#record;
    if (letter === OUTPUT || letter === CLASSIC) return await this.#playBytes("output", this.#typescript);
    if (letter === INPUT) return await this.#playInput();
    this.#pass();
    if (letter === SIGNAL) this.#signal(text);
    else if (letter === HEADER) this.#lateHeader(text);
    else this.#warn("event", `timing file: record of an unknown kind at byte ${this.#offset}: left out`);
    return true;
  }

  async #playBytes(kind: "output" | "input", log: ByteReader): Promise<boolean> {
    const { size } = this.#record;
    if (size > MAX_RECORD_BYTES) {
      this.#damage(`timing file: a record of ${size} bytes, more than any recorder writes (${MAX_RECORD_BYTES}),`);
      return false;
    }
    const data = await log.read(size);
    this.#pass();
    if (data.length > 0) this.#add({ kind, time: this.#time, data });
    if (data.length === size) return true;
    this.#warn("truncated", `the ${kind} ends ${size - data.length} bytes before its timing: what is there is used`);
    if (kind === "input") await this.#inputLog?.forget();
    return kind === "input" && log !== this.#typescript;
  }

  /** Input whose log is missing or at its end is left out; its delay counts. */
  async #playInput(): Promise<boolean> {
    this.#inputLog ??= await InputLog.open(this.#source, this.#typescript, this.#stated);
    const { reader } = this.#inputLog;
    if (reader !== undefined) return await this.#playBytes("input", reader);
    this.#pass();
    if (!this.#inputLog.isForgotten) {
      this.#warn("timing", "the file with the recorded input is not beside the typescript: input is left out");
      await this.#inputLog.forget();
    }
    return true;
  }

  #signal(text: string): void {
    const time = this.#time;
    const match = /^SIGWINCH ROWS=([0-9]+) COLS=([0-9]+)$/.exec(text);
    const size = parseSize(match?.[2], match?.[1]);
    if (match !== null && size === undefined) {
      this.#warn("size", `timing file: an impossible terminal size at byte ${this.#offset}: kept as it is`);
    }
    this.#add(size === undefined ? customEvent(time, SIGNAL_CODE, text) : { kind: "resize", time, ...size });
  }

  #lateHeader(text: string): void {
    const { name, value } = splitNameValue(text);
    if (name === "EXIT_CODE" && /^-?[0-9]{1,10}$/.test(value)) {
      const duration = parseSeconds(this.#stated.get("DURATION") ?? "") ?? 0;
      if (duration - this.#time <= MAX_LEAP_NANOS) this.#time = Math.max(this.#time, duration);
      this.#add({ kind: "exit", time: this.#time, status: Number(value) });
    } else if (name === "DURATION" || name === "INPUT_LOG" || name === "OUTPUT_LOG") this.#keep();
    else if (text !== "") this.#add(customEvent(this.#time, HEADER_CODE, text));
  }

  #keep(): void {
    const { name, value } = splitNameValue(this.#record.text);
    if (name !== "") this.#stated.set(name, value);
  }

  /** The record's delay counts, whatever becomes of the record. */
  #pass(): void {
    const { delta } = this.#record;
    if (delta >= 0 && delta <= MAX_LEAP_NANOS && this.#time + delta <= Number.MAX_SAFE_INTEGER) this.#time += delta;
    else if (delta < 0) this.#warn("time-backwards", `timing file: time runs backwards at byte ${this.#offset}`);
    else this.#warn("time-leap", `timing file: time leaps by more than 30 days at byte ${this.#offset}: left out`);
  }

  /** What stands behind the timed output: the trailer, or what an interrupted recorder had no time to time. */
  async #finish(): Promise<void> {
    if (this.#isDamaged) return;
    const rest = await this.#typescript.read(MAX_TRAILER_BYTES);
    const more = await this.#typescript.drain();
    const text = Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength).toString("latin1");
    if (more > 0 || !isTrailer(text)) {
      this.#warn("timing", `${rest.length + more} bytes of output have no timing: left out`);
      return;
    }
    const status = this.#isAdvanced ? undefined : trailerStatus(text);
    if (status !== undefined) this.#add({ kind: "exit", time: this.#time, status });
  }

  #add(event: Event): void {
    const full = this.#batches.push(event);
    if (full !== undefined) this.#ready.push(full);
  }

  #warn(code: Warning["code"], message: string): void {
    warn(this.#options, { code, message, offset: this.#offset });
  }

  #damage(message: string): void {
    this.#isDamaged = true;
    damaged(this.#options, message, { offset: this.#offset });
  }
}

function isBytes({ letter }: TimingRecord): boolean {
  return letter === OUTPUT || letter === INPUT || letter === CLASSIC;
}

/** Bytes that a timing file speaks of. */
async function timedBytes(source: Source): Promise<number> {
  const reader = new ByteReader(plainStream(source));
  const record = new TimingRecord();
  let sum = 0;
  try {
    for (;;) {
      const line = reader.takeLine() ?? (await reader.readLine(MAX_TIMING_LINE_BYTES));
      if (line === undefined || line === "long") return sum;
      const bytes = line instanceof Uint8Array ? line : line.bytes;
      if (record.parse(bytes) && record.letter !== INPUT && isBytes(record)) sum += record.size;
    }
  } finally {
    await reader.close();
  }
}
