// Random access to a finished .t2r: opened by its end, whatever its size, and read block by block where one wants.
import { type Header, type Source, T2aError } from "../../src/core/index.js";
import { parseHeader } from "./decoder.js";
import { frameSize } from "./frame.js";
import { type Piece, walkFrames } from "./frame-walker.js";
import { END_FRAME_BYTES, FRAME_HEAD_BYTES, MAX_FRAME_BYTES } from "./layout.js";
import { parseIndex, type RecordingIndex } from "./recording-index.js";

/** A .t2r that is open: what it says of itself. The source stays the caller's. */
export interface OpenT2r {
  readonly header: Header;
  readonly index: RecordingIndex;
}

/**
 * Reads the header and the index, and nothing else. Undefined where the file has none that can be trusted: unfinished,
 * damaged at its ends, of a newer version, or no .t2r at all; reading it from its beginning will tell.
 * The source must have ranges.
 * @throws what the source throws.
 */
export async function openT2r(source: Source): Promise<OpenT2r | undefined> {
  const size = await source.size();
  if (size === undefined || size < END_FRAME_BYTES) return undefined;
  const end = await readFrame(source, size - END_FRAME_BYTES, size);
  if (end?.kind !== "end" || end.total !== end.offset || end.indexOffset + end.indexSize !== end.offset)
    return undefined;
  const index = await readFrame(source, end.indexOffset, end.offset);
  const header = await readFrame(source, 0, end.indexOffset);
  if (index?.kind !== "index" || header?.kind !== "header") return undefined;
  try {
    const parsed = parseIndex(index.payload);
    return parsed === undefined ? undefined : { header: parseHeader(header.payload), index: parsed };
  } catch (error) {
    if (error instanceof T2aError) return undefined;
    throw error;
  }
}

/** The frame at `offset`, if it is whole and ends at `limit` or before. */
async function readFrame(source: Source, offset: number, limit: number): Promise<Piece | undefined> {
  const head = await source.readRange(offset, FRAME_HEAD_BYTES);
  const size = frameSize(head);
  if (size === undefined || size > Math.min(MAX_FRAME_BYTES, limit - offset)) return undefined;
  const bytes = await source.readRange(offset, size);
  async function* once() {
    yield bytes;
  }
  try {
    for await (const piece of walkFrames(once())) return { ...piece, offset: piece.offset + offset };
  } catch (error) {
    if (!(error instanceof T2aError)) throw error; // a newer version: who reads from the beginning is told
  }
  return undefined;
}
