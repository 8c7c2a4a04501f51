// Decoding of ttyrec, ttyrec2 and ttyrec3: the header is what the first frame tells, then frames are events.
import {
  type Batch,
  DEFAULT_COLS,
  DEFAULT_ROWS,
  type DecodeOptions,
  type Header,
  type Recording,
  type Source,
} from "../../src/core/index.js";
import { checkAborted } from "../damage.js";
import { findHeaderBytes, findSourceHeaderBytes } from "./chain.js";
import type { HeaderBytes } from "./frame.js";
import { FrameParser } from "./frame-parser.js";
import type { TtyrecName } from "./sniff.js";

/** Bytes that are looked at to tell frames with a channel from those without. */
const HEAD_BYTES = 64 * 1024;

/** Reads a recording; errors as in Format.decode. Reads up to the first output, which may state the size. */
export async function decodeTtyrec(name: TtyrecName, source: Source, options: DecodeOptions): Promise<Recording> {
  checkAborted(options);
  const { headerBytes, chunks } = await chooseHeaderBytes(name, source, options.follow !== undefined);
  const parser = new FrameParser(headerBytes, options);
  const batches = readBatches(parser, chunks, options);
  let first: IteratorResult<Batch, void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  try {
    first = await batches.next();
  } catch (error) {
    failure = { error }; // belongs behind the header, to whoever reads the events
  }
  return {
    header: readHeader(parser),
    format: headerBytes === 12 ? "ttyrec" : name === "ttyrec" ? "ttyrec2" : name,
    batches: continueBatches(first, failure, batches),
    close: async () => void (await batches.return()),
  };
}

async function* readBatches(
  parser: FrameParser,
  chunks: AsyncIterable<Uint8Array>,
  options: DecodeOptions,
): AsyncGenerator<Batch, void> {
  for await (const chunk of chunks) {
    checkAborted(options);
    for (const batch of parser.push(chunk)) {
      yield batch;
      checkAborted(options);
    }
    if (parser.ended) break;
  }
  yield* parser.end();
}

async function* continueBatches(
  first: IteratorResult<Batch, void> | undefined,
  failure: { readonly error: unknown } | undefined,
  rest: AsyncGenerator<Batch, void>,
): AsyncGenerator<Batch> {
  try {
    if (failure !== undefined) throw failure.error;
    if (first?.done === false) yield first.value;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return();
  }
}

function readHeader({ size, clock: { startTime } }: FrameParser): Header {
  const header = { cols: size?.cols ?? DEFAULT_COLS, rows: size?.rows ?? DEFAULT_ROWS };
  return startTime === undefined ? header : { ...header, startTime };
}

/**
 * The header size to read with. A name or a request for channels is believed; otherwise the first bytes decide, and where
 * they could be either (a first frame longer than they are) the whole source does, if it can be read twice. Of a recording
 * that is still being written no more is waited for than it takes.
 */
async function chooseHeaderBytes(
  name: TtyrecName,
  source: Source,
  isFollowed: boolean,
): Promise<{ headerBytes: HeaderBytes; chunks: AsyncIterable<Uint8Array> }> {
  if (name !== "ttyrec") return { headerBytes: 13, chunks: source.stream() };
  const iterator = source.stream()[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done) break;
    head.push(next.value);
    size += next.value.length;
    if (isFollowed && typeof findHeaderBytes(Buffer.concat(head)) === "number") break;
  }
  const bytes = head.length === 1 ? (head[0] ?? new Uint8Array(0)) : Buffer.concat(head);
  const found = findHeaderBytes(bytes) ?? 12;
  if (found !== "unclear") return { headerBytes: found, chunks: replay(head, iterator) };
  if (!source.supports.restart) return { headerBytes: 12, chunks: replay(head, iterator) };
  await iterator.return?.();
  return { headerBytes: await findSourceHeaderBytes(source), chunks: source.stream() };
}

async function* replay(head: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head.splice(0);
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
