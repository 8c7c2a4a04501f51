// Reads a .t2r as a stream: header, then blocks as they come. What is whole is given before damage is told.
import { type Batch, type DecodeOptions, FormatError, type Recording, type Source } from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { checkAborted, damaged, warn } from "../damage.js";
import { headerFromJson } from "../json/header-json.js";
import { asObject } from "../json-values.js";
import { decodeBlock } from "./block.js";
import { ColumnError } from "./columns.js";
import { Continuity } from "./continuity.js";
import { type Piece, walkFrames } from "./frame-walker.js";

/** Reads the header and gives the recording. Errors as in Format.decode. */
export async function decodeT2r(source: Source, options: DecodeOptions): Promise<Recording> {
  const pieces = walkFrames(source.stream());
  try {
    const first = await pieces.next();
    if (first.done || first.value.kind !== "header") {
      const reason = first.value?.kind === "damage" ? first.value.reason : "the header is missing";
      throw new FormatError("T2A_FORMAT_HEADER", `${reason} at byte 0`, { offset: 0 });
    }
    const continuity = new Continuity();
    continuity.check(first.value);
    return {
      header: parseHeader(first.value.payload),
      format: "t2r",
      batches: batches(pieces, continuity, options),
      close: async () => void (await pieces.return(undefined)),
    };
  } catch (error) {
    await pieces.return(undefined);
    throw error;
  }
}

/**
 * The header of a HEADER frame's payload.
 * @throws FormatError `T2A_FORMAT_HEADER`.
 */
export function parseHeader(payload: Uint8Array) {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch (cause) {
    throw new FormatError("T2A_FORMAT_HEADER", "the header is no valid JSON", { offset: 0, cause });
  }
  return headerFromJson(asObject(value) ?? {});
}

async function* batches(
  pieces: AsyncGenerator<Piece>,
  continuity: Continuity,
  options: DecodeOptions,
): AsyncGenerator<Batch> {
  let end = 0;
  let events = 0;
  for await (const piece of pieces) {
    checkAborted(options);
    const wrong = piece.kind === "damage" ? piece.reason : continuity.check(piece);
    if (wrong !== undefined) {
      damaged(options, wrong, { offset: piece.offset, eventNumber: events + 1 });
      return;
    }
    end = piece.offset + piece.size;
    if (piece.kind !== "block") continue;
    const builder = new BatchBuilder();
    try {
      for (const event of decodeBlock(piece.fields, piece.columns, piece.output)) {
        const full = builder.push(event);
        events++;
        if (full === undefined) continue;
        yield full;
        checkAborted(options);
      }
    } catch (error) {
      if (!(error instanceof ColumnError)) throw error;
      yield* builder.rest();
      damaged(options, error.message, { offset: piece.offset, eventNumber: events + 1 });
      return;
    }
    yield* builder.rest();
  }
  if (continuity.ended) return;
  const message = `the recording was not finished: it ends at byte ${end}`;
  warn(options, { code: "truncated", message, offset: end });
}
