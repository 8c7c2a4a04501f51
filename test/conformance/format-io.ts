// Runs a format's encoder and decoder over memory and gathers all that came out: the hands of the conformance suite.
import {
  type Batch,
  type DecodeOptions,
  type EncodeOptions,
  type Event,
  type Format,
  FormatError,
  type Header,
  type LossTable,
  MAX_BATCH_BYTES,
  MAX_BATCH_EVENTS,
  MAX_CELLS,
  T2aError,
  type Warning,
} from "../../src/core/index.js";
import { concatBytes, copyBytes, MemorySource, MemoryTarget } from "../support/memory-io.js";

/** A recording on disk: its main file and those beside it. */
export interface Files {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly siblings?: Readonly<Record<string, Uint8Array>>;
}

/** A recording in memory. */
export interface Plain {
  readonly header: Header;
  readonly events: readonly Event[];
}

/** What encoding gave. */
export interface Encoded {
  readonly files: Files;
  readonly losses: LossTable;
}

/** Everything decoding gave before it ended, well or not. */
export interface Decoded {
  readonly header: Header | undefined;
  readonly events: readonly Event[];
  readonly warnings: readonly Warning[];
  readonly error: unknown;
}

/** Encodes batch by batch, through whichever of encoder and writer the format has. */
export async function encodeBatches(
  format: Format,
  header: Header,
  batches: readonly Batch[],
  options: EncodeOptions = {},
): Promise<Encoded> {
  const name = `sample${format.extensions[0] ?? ""}`;
  if (format.createWriter !== undefined) {
    const target = new MemoryTarget(name);
    const writer = format.createWriter(target, options);
    await writer.header(header);
    for (const batch of batches) await writer.events(batch);
    await writer.end();
    return {
      files: { name, bytes: target.bytes(), siblings: target.siblingBytes() },
      losses: writer.losses.table(),
    };
  }
  const encoder = await format.createEncoder?.(options);
  if (encoder === undefined) throw new Error(`${format.name} cannot be written`);
  const chunks = [copyBytes(encoder.header(header))];
  for (const batch of batches) chunks.push(copyBytes(encoder.events(batch)));
  chunks.push(copyBytes(encoder.end()));
  return { files: { name, bytes: concatBytes(chunks) }, losses: encoder.losses.table() };
}

/** How to decode {@link Files}. */
export interface DecodeFilesOptions extends DecodeOptions {
  readonly chunkSize?: number | undefined;
  readonly restart?: boolean;
  /** Called with each batch as it comes. */
  readonly onBatch?: (batch: Batch) => void;
}

/** Decodes to the end or to the error, and checks what holds for every decoder: batch bounds, times, closed streams. */
export async function decodeFiles(format: Format, files: Files, options: DecodeFilesOptions = {}): Promise<Decoded> {
  const { chunkSize, restart = true, onBatch, ...rest } = options;
  const source = new MemorySource(files.bytes, {
    name: files.name,
    restart,
    siblings: files.siblings,
    ...(chunkSize === undefined ? {} : { chunkSize }),
  });
  if (format.decode === undefined) throw new Error(`${format.name} cannot be read`);
  const warnings: Warning[] = [];
  const events: Event[] = [];
  let header: Header | undefined;
  let readAs = format.name;
  let failure: unknown;
  try {
    const recording = await format.decode(source, { ...rest, onWarning: (warning) => warnings.push(warning) });
    header = recording.header;
    readAs = recording.format;
    for await (const batch of recording.batches) {
      checkBatch(batch);
      for (const event of batch) events.push(event);
      onBatch?.(batch);
    }
    await recording.close();
    await recording.close();
  } catch (error) {
    failure = error;
  }
  for (const opened of [source, ...source.opened]) {
    if (opened.openStreams !== 0) throw new Error(`${opened.name}: a stream was left open`);
  }
  if (source.closed !== 0) throw new Error("the decoder closed a source it did not open");
  if (readAs !== format.name) throw new Error(`a recording of ${readAs}, not ${format.name}`);
  checkHeader(header);
  checkTimes(events);
  return { header, events, warnings, error: failure };
}

/** The same, for input that must decode without error or warning. */
export async function decodeClean(format: Format, files: Files, options: DecodeFilesOptions = {}): Promise<Plain> {
  const { header, events, warnings, error } = await decodeFiles(format, files, options);
  if (error !== undefined) throw error;
  if (warnings.length > 0) throw new Error(`warnings: ${warnings.map((warning) => warning.message).join("; ")}`);
  if (header === undefined) throw new Error("no header");
  return { header, events };
}

/** Fails unless the value is an error that a decoder may throw at damage. */
export function assertFormatError(error: unknown): asserts error is FormatError {
  if (!(error instanceof FormatError)) throw new Error("not a FormatError", { cause: error });
  if (error.message === "" || error.message.includes("\n")) throw new Error("not a one-line message", { cause: error });
}

/** Fails unless the value is what an aborted signal makes a decoder throw. */
export function assertAborted(error: unknown): void {
  if (!(error instanceof T2aError) || error.code !== "T2A_ABORTED") {
    throw new Error("not a T2aError with T2A_ABORTED", { cause: error });
  }
}

function checkBatch(batch: Batch): void {
  if (batch.length === 0) throw new Error("an empty batch");
  if (batch.length > MAX_BATCH_EVENTS) throw new Error(`a batch of ${batch.length} events`);
  const bytes = batch.reduce((sum, event) => sum + ("data" in event ? event.data.length : 0), 0);
  if (bytes > MAX_BATCH_BYTES && batch.length > 1) throw new Error(`a batch of ${batch.length} events, ${bytes} bytes`);
}

function checkHeader(header: Header | undefined): void {
  if (header === undefined) return;
  checkCells(header.cols);
  checkCells(header.rows);
}

function checkTimes(events: readonly Event[]): void {
  let last = 0;
  for (const event of events) {
    if (!Number.isSafeInteger(event.time) || event.time < last) throw new Error(`time ${event.time} after ${last}`);
    last = event.time;
    if (event.kind === "resize") {
      checkCells(event.cols);
      checkCells(event.rows);
    }
  }
}

function checkCells(cells: number): void {
  if (!Number.isInteger(cells) || cells < 1 || cells > MAX_CELLS) throw new Error(`an impossible size: ${cells}`);
}
