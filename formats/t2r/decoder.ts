// Reads a .t2r as a stream: header, then blocks as they come. What is whole is given before damage is told.
import {
  type Batch,
  type DecodeOptions,
  type Event,
  FormatError,
  type Recording,
  type Source,
} from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { checkAborted, damaged, warn } from "../damage.js";
import { headerFromJson } from "../json/header-json.js";
import { asObject } from "../json-values.js";
import { decodeBlock } from "./block.js";
import { CanonicalHash } from "./canonical.js";
import { ColumnError } from "./columns.js";
import { Continuity } from "./continuity.js";
import { equalBytes } from "./frame.js";
import { type Piece, walkFrames } from "./frame-walker.js";
import { type Journal, readJournal } from "./journal.js";
import { JOURNAL_BLOCKS } from "./layout.js";

/** Reads the header and gives the recording. Errors as in Format.decode. */
export async function decodeT2r(source: Source, options: DecodeOptions): Promise<Recording> {
  const pieces = walkFrames(source.stream());
  try {
    const first = await pieces.next();
    if (first.done || first.value.kind !== "header") {
      const reason = first.value?.kind === "damage" ? first.value.reason : "the header is missing";
      throw new FormatError("T2A_FORMAT_HEADER", `${reason} at byte 0`, { offset: 0 });
    }
    const progress = new Progress(first.value);
    return {
      header: parseHeader(first.value.payload),
      format: "t2r",
      batches: batches(pieces, progress, source, options),
      close: async () => void (await pieces.return(undefined)),
    };
  } catch (error) {
    await pieces.return(undefined);
    throw error;
  }
}

/** How far a recording was read: what the next frame, or the journal, has to follow. */
class Progress {
  readonly #continuity = new Continuity();
  /** Events and chain behind the header and behind the last blocks: a journal takes up at one of these. */
  readonly #places: { readonly events: number; readonly chain: Uint8Array }[] = [];
  /** Byte at which the last whole frame ends. */
  end = 0;
  events = 0;

  constructor(header: Piece & { kind: "header" }) {
    this.check(header);
    const hash = new CanonicalHash();
    hash.header(parseHeader(header.payload));
    this.#places.push({ events: 0, chain: hash.value() });
  }

  get isFinished(): boolean {
    return this.#continuity.ended;
  }

  /** What is wrong with a piece where it stands. */
  check(piece: Piece): string | undefined {
    const wrong = piece.kind === "damage" ? piece.reason : this.#continuity.check(piece);
    if (wrong === undefined) this.end = piece.offset + piece.size;
    return wrong;
  }

  block(chain: Uint8Array): void {
    this.#places.push({ events: this.events, chain });
    if (this.#places.length > 2 * JOURNAL_BLOCKS) this.#places.shift();
  }

  /** The events of the journal that follow; undefined where it is another recording's. */
  following({ chain, eventsBefore, events }: Journal): readonly Event[] | undefined {
    const place = this.#places.find((candidate) => candidate.events === eventsBefore);
    return place !== undefined && equalBytes(place.chain, chain) ? events.slice(this.events - eventsBefore) : undefined;
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
  progress: Progress,
  source: Source,
  options: DecodeOptions,
): AsyncGenerator<Batch> {
  let isTorn = false;
  for await (const piece of pieces) {
    checkAborted(options);
    const wrong = progress.check(piece);
    // A recorder that died while it wrote a block leaves half of it here and all of it in the journal; a power cut leaves
    // so any of the blocks that are there too.
    isTorn = wrong !== undefined && (yield* journalBatches(progress, source));
    if (isTorn) break;
    if (wrong !== undefined) {
      damaged(options, wrong, { offset: piece.offset, eventNumber: progress.events + 1 });
      return;
    }
    if (piece.kind === "block" && !(yield* blockBatches(piece, progress, options))) return;
    if (piece.kind === "block") progress.block(piece.fields.chain);
  }
  if (progress.isFinished && !isTorn) return;
  if (!isTorn) yield* journalBatches(progress, source);
  const message = `the recording was not finished: it was read up to byte ${progress.end} and what its journal holds`;
  warn(options, { code: "truncated", message, offset: progress.end });
}

/** False where the block is damaged and its rest was left out. */
async function* blockBatches(
  piece: Piece & { kind: "block" },
  progress: Progress,
  options: DecodeOptions,
): AsyncGenerator<Batch, boolean> {
  const builder = new BatchBuilder();
  try {
    for (const event of decodeBlock(piece.fields, piece.columns, piece.output)) {
      const full = builder.push(event);
      progress.events++;
      if (full === undefined) continue;
      yield full;
      checkAborted(options);
    }
  } catch (error) {
    if (!(error instanceof ColumnError)) throw error;
    yield* builder.rest();
    damaged(options, error.message, { offset: piece.offset, eventNumber: progress.events + 1 });
    return false;
  }
  yield* builder.rest();
  return true;
}

/** What stands in the journal alone; false where there is none of this recording, or it was read already. */
async function* journalBatches(progress: Progress, source: Source): AsyncGenerator<Batch, boolean> {
  const journal = await readJournal(source);
  const events = journal === undefined ? undefined : progress.following(journal);
  if (events === undefined) return false;
  const builder = new BatchBuilder();
  for (const event of events) {
    const full = builder.push(event);
    if (full !== undefined) yield full;
  }
  yield* builder.rest();
  progress.events += events.length;
  return true;
}
