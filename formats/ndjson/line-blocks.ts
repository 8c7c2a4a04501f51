// Cuts a byte stream into blocks of whole lines, so that line parsers run without a single asynchronous hop per line.
import { FormatError } from "../../src/core/index.js";

/** A longer line is refused before more memory is taken: no recorder writes such lines. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Some whole lines. */
export interface LineBlock {
  readonly bytes: Buffer;
  /** Offset of the block in the stream. */
  readonly offset: number;
  /** False for the last block where the stream does not end with a newline. */
  readonly terminated: boolean;
}

/**
 * The stream in blocks that end with a newline, except perhaps the last.
 * @throws FormatError `T2A_FORMAT_LIMIT` at a line longer than {@link MAX_LINE_BYTES}.
 */
export async function* lineBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LineBlock> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let offset = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(10) + 1;
    if (end === 0) {
      rest.push(bytes);
      restBytes += bytes.length;
      if (restBytes > MAX_LINE_BYTES) {
        throw new FormatError("T2A_FORMAT_LIMIT", `a line is longer than ${MAX_LINE_BYTES >> 20} MB`, { offset });
      }
      continue;
    }
    const block = restBytes === 0 ? bytes.subarray(0, end) : joinHead(rest, restBytes, bytes, end);
    yield { bytes: block, offset, terminated: true };
    offset += block.length;
    rest = end < bytes.length ? [bytes.subarray(end)] : [];
    restBytes = bytes.length - end;
  }
  if (restBytes > 0) yield { bytes: Buffer.concat(rest, restBytes), offset, terminated: false };
}

function joinHead(rest: readonly Buffer[], restBytes: number, bytes: Buffer, end: number): Buffer {
  return Buffer.concat([...rest, bytes.subarray(0, end)], restBytes + end);
}

/**
 * Takes the first block and reads the header line in it by `parse`. Closes the blocks where that throws.
 * @throws FormatError `T2A_FORMAT_HEADER` where there is nothing at all.
 */
export async function readHeaderLine<T>(
  blocks: AsyncGenerator<LineBlock>,
  parse: (first: LineBlock) => T,
): Promise<{ readonly first: LineBlock; readonly value: T }> {
  try {
    const first = await blocks.next();
    if (first.done)
      throw new FormatError("T2A_FORMAT_HEADER", "the file is empty: it has no header line", { offset: 0 });
    return { first: first.value, value: parse(first.value) };
  } catch (error) {
    await blocks.return(undefined);
    throw error;
  }
}
