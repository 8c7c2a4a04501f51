// Verification of a .t2r: every checksum, the order of frames, the columns, the chain over the canonical form, the index.
import { type Event, FormatError, type Source } from "../../src/core/index.js";
import { asObject } from "../json-values.js";
import { decodeBlock } from "./block.js";
import { CanonicalHash } from "./canonical.js";
import { ColumnError } from "./columns.js";
import { Continuity } from "./continuity.js";
import { parseHeader } from "./decoder.js";
import { equalBytes } from "./frame.js";
import { type BlockFields, NO_FRAME, type Piece, walkFrames } from "./frame-walker.js";
import { IndexBuilder, indexToJson, type KeyframeEntry } from "./recording-index.js";
import { type PlacedSignature, SignatureCheck, type SignatureVerdict } from "./signature-check.js";

/** Problems told of at most: a made-up file has one every few bytes. */
export const MAX_PROBLEMS = 1000;

/** Something wrong in a file. Offsets and sizes are bytes, times nanoseconds. */
export interface Problem {
  readonly offset: number;
  readonly size: number;
  readonly reason: string;
  /** The times of the events that are lost, where they are known. */
  readonly startTime?: number;
  readonly endTime?: number;
}

/** What verification found. */
export interface Verdict {
  /** `unfinished`: whole as far as it goes, without an index and an END. */
  readonly state: "intact" | "unfinished" | "damaged";
  /** The first {@link MAX_PROBLEMS}. */
  readonly problems: readonly Problem[];
  /** It is a .t2r, however damaged: a frame is whole, or one begins at its beginning. */
  readonly recognized: boolean;
  /** Blocks, events and output bytes that are good. */
  readonly blocks: number;
  readonly events: number;
  readonly outputBytes: number;
  /** Time of the last good event, nanoseconds. */
  readonly duration: number;
  /** SHA-256 of the canonical form of all events, hexadecimal: where nothing is lost. */
  readonly chain: string | undefined;
  /** Of each key the valid one that covers most, and all that are not; in order of what they cover. */
  readonly signatures: readonly SignatureVerdict[];
}

/**
 * Reads a whole .t2r and says whether it is what was written, and what is still good where it is not. Memory stays flat.
 * @throws T2aError `T2A_FORMAT_UNSUPPORTED` for a newer version; what the source throws.
 */
export async function verifyT2r(source: Source): Promise<Verdict> {
  const verifier = new Verifier();
  for await (const piece of walkFrames(source.stream(), { goOn: true })) verifier.piece(piece);
  return verifier.verdict();
}

/** Verifies a .t2r piece by piece. */
export class Verifier {
  /** Over the events of all blocks so far. */
  readonly hash = new CanonicalHash();
  /** Of what was found so far. */
  readonly index = new IndexBuilder();
  readonly #onEvent: (event: Event) => void;
  readonly #continuity = new Continuity();
  readonly #problems: Problem[] = [];
  readonly #keyframes: KeyframeEntry[] = [];
  readonly #signatures = new SignatureCheck();
  #storedIndex: Uint8Array | undefined;
  #recognized = false;
  #blocks = 0;
  #events = 0;
  #outputBytes = 0;
  #duration = 0;
  #end = 0;

  /** `onEvent` is given the events of all blocks. */
  constructor(onEvent: (event: Event) => void = () => {}) {
    this.#onEvent = onEvent;
  }

  /** Events in blocks that are good. */
  get events(): number {
    return this.#events;
  }

  piece(piece: Piece): void {
    const { offset, size } = piece;
    this.#end = offset + size;
    if (piece.kind === "damage") {
      this.#recognized ||= offset === 0 && piece.reason !== NO_FRAME;
      this.#problem(piece, piece.reason, piece.fields);
      return;
    }
    this.#recognized = true;
    const wrong = this.#continuity.check(piece);
    if (wrong !== undefined) this.#problem(piece, wrong, undefined);
    if (piece.kind === "header") this.#header(piece);
    else if (piece.kind === "block") this.#block(piece);
    else if (piece.kind === "keyframe") this.#keyframe(piece);
    else if (piece.kind === "signature") this.#signature(piece);
    else if (piece.kind === "section") this.#section(piece);
    else if (piece.kind === "generation") this.index.generation();
    else if (piece.kind === "index") this.#storedIndex = piece.payload;
    else if (piece.kind === "end") this.#checkIndex(piece);
  }

  verdict(): Verdict {
    const { ended } = this.#continuity;
    if (ended && this.#problems.length === 0) {
      for (const unreached of this.#signatures.awaited) {
        this.#problem(unreached, "a signature covers events that are not there");
      }
    }
    if (this.#end === 0) this.#problems.push({ offset: 0, size: 0, reason: "the file is empty" });
    const whole = this.#problems.length === 0;
    return {
      state: !whole ? "damaged" : ended ? "intact" : "unfinished",
      problems: this.#problems,
      recognized: this.#recognized,
      blocks: this.#blocks,
      events: this.#events,
      outputBytes: this.#outputBytes,
      duration: this.#duration,
      chain: whole ? Buffer.from(this.hash.value()).toString("hex") : undefined,
      signatures: this.#signatures.verdicts(),
    };
  }

  #header(piece: Piece & { kind: "header" }): void {
    try {
      this.hash.header(parseHeader(piece.payload));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#problem(piece, error.message);
    }
  }

  #block(piece: Piece & { kind: "block" }): void {
    const due: Due[] = [];
    const isGood = this.#readBlock(piece, due);
    for (const { chain, ...placed } of due) this.#checkSignature(placed, isGood ? chain : undefined);
  }

  /** False where the block is not what was recorded. `due` gets the signatures over what ends in it. */
  #readBlock(piece: Piece & { kind: "block" }, due: Due[]): boolean {
    const { fields, columns, output, offset, size } = piece;
    try {
      for (const event of decodeBlock(fields, columns, output)) {
        this.hash.event(event);
        this.index.event(event);
        this.#events++;
        this.#onEvent(event);
        if (this.#events < this.#signatures.next) continue;
        const chain = this.hash.value();
        for (const placed of this.#signatures.take(this.#events)) due.push({ ...placed, chain });
      }
    } catch (error) {
      if (!(error instanceof ColumnError)) throw error;
      this.#problem(piece, error.message, fields);
      return false;
    }
    // The chain runs over everything: once something is lost, no later value can be checked.
    if (this.#problems.length === 0 && !equalBytes(this.hash.value(), fields.chain)) {
      this.#problem(piece, "a block's events are not those that were recorded", fields);
      return false;
    }
    const { startTime, endTime, outputOffset, outputBytes, events } = fields;
    this.index.block({ offset, size, startTime, endTime, outputOffset, outputBytes, events });
    this.#blocks++;
    this.#outputBytes += outputBytes;
    this.#duration = endTime;
    return true;
  }

  #signature({ signature, offset, size }: Piece & { kind: "signature" }): void {
    const placed = { signature, offset, size };
    if (this.#problems.length > 0) this.#checkSignature(placed, undefined);
    else if (signature.events === this.#events) this.#checkSignature(placed, this.hash.value());
    else if (signature.events < this.#events) {
      this.#signatures.check(signature, undefined);
      this.#problem(placed, "a signature stands behind events that it does not cover");
    } else if (!this.#signatures.await(placed)) this.#problem(placed, "more signatures than a reader keeps");
  }

  /** Once something is lost, nothing can be said of a signature: that is no further damage. */
  #checkSignature({ signature, offset, size }: PlacedSignature, chain: Uint8Array | undefined): void {
    const isKnown = this.#problems.length === 0;
    const holds = this.#signatures.check(signature, isKnown ? chain : undefined);
    if (isKnown && !holds) this.#problem({ offset, size }, "a signature does not hold");
  }

  #section({ offset, size, section }: Piece & { kind: "section" }): void {
    if (!this.index.section(section.name, { offset, size })) {
      this.#problem({ offset, size }, "more sections than a recording can have");
    }
  }

  #keyframe({ offset, size, keyframe: { events, time } }: Piece & { kind: "keyframe" }): void {
    this.#keyframes.push({ offset, size, events, time });
  }

  /** The index must say what the blocks, the keyframes and the sections say. */
  #checkIndex(piece: Piece): void {
    if (this.#problems.length > 0 || this.#storedIndex === undefined) return;
    const stored = parseJson(this.#storedIndex);
    this.#storedIndex = undefined;
    // What stands nowhere else is taken as it is: the engine's name, and how many keyframes were left out.
    const table = asObject(stored.keyframes);
    if (typeof table?.engine === "string") {
      const dropped = typeof table.dropped === "number" ? table.dropped : 0;
      this.index.keyframeTable({ engine: table.engine, entries: this.#keyframes, dropped });
    }
    const none = stored.sections === undefined ? {} : { sections: {} };
    const expected = { ...none, ...indexToJson(this.index.result(this.hash.value())) };
    // The stored one may hold more, of a later t2a.
    const same = Object.entries(expected).every(
      ([key, value]) => JSON.stringify(stored[key]) === JSON.stringify(value),
    );
    if (!same || (this.#keyframes.length > 0 && table === undefined)) {
      this.#problem(piece, "the index does not fit the recording");
    }
  }

  #problem({ offset, size }: Pick<Piece, "offset" | "size">, reason: string, fields?: BlockFields): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const times = fields === undefined ? {} : { startTime: fields.startTime, endTime: fields.endTime };
    this.#problems.push({ offset, size, reason, ...times });
  }
}

/** A signature, and the chain behind the events it covers. */
interface Due extends PlacedSignature {
  readonly chain: Uint8Array;
}

function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(Buffer.from(bytes).toString("utf8"))) ?? {};
  } catch {
    return {}; // it fits nothing
  }
}
