// Verification of a .t2r: every checksum, the order of frames, the columns, the chain over the canonical form, the index.
import { type Event, FormatError, type Source } from "../../src/core/index.js";
import { asObject } from "../json-values.js";
import { decodeBlock } from "./block.js";
import { Trail } from "./block-order.js";
import { CanonicalHash } from "./canonical.js";
import { ColumnError } from "./columns.js";
import { Continuity } from "./continuity.js";
import { parseHeader } from "./decoder.js";
import { equalBytes } from "./frame.js";
import { type BlockFields, NO_FRAME, type Piece, walkFrames } from "./frame-walker.js";
import { type Journal, readJournal } from "./journal.js";
import { JournalPlaces, journalProblem } from "./journal-places.js";
import { type Problem, ProblemList } from "./problems.js";
import { IndexBuilder, indexToJson, type KeyframeEntry, parseIndex } from "./recording-index.js";
import { type PlacedSignature, SignatureCheck, type SignatureVerdict } from "./signature-check.js";

/** What verification found. */
export interface Verdict {
  /**
   * `unfinished`: whole as far as it goes, without an index and an END. What is cut or damaged at its end is no damage
   * where the journal has it.
   */
  readonly state: "intact" | "unfinished" | "damaged";
  /** The first {@link MAX_PROBLEMS}. */
  readonly problems: readonly Problem[];
  /** It is a .t2r, however damaged: a frame is whole, or one begins at its beginning. */
  readonly recognized: boolean;
  /** Blocks, events and output bytes that are good, without those that are in the journal alone. */
  readonly blocks: number;
  readonly events: number;
  readonly outputBytes: number;
  /** Time of the last good event, nanoseconds. */
  readonly duration: number;
  /** What the journal of an unfinished file has besides; undefined where none of this recording is beside it. */
  readonly journal: JournalVerdict | undefined;
  /** SHA-256 of the canonical form of all events, those of the journal included, hexadecimal: where nothing is lost. */
  readonly chain: string | undefined;
  /** Of each key the valid one that covers most, and all that are not; in order of what they cover. */
  readonly signatures: readonly SignatureVerdict[];
}

/** What a journal has that is in no block. Sizes are bytes, the duration is nanoseconds. */
export interface JournalVerdict {
  readonly events: number;
  readonly outputBytes: number;
  /** Time of its last event, or of the last one before it. */
  readonly duration: number;
}

/** A file that grows is looked at again, so often at most. */
const MAX_ATTEMPTS = 5;

/**
 * Reads a whole .t2r and says whether it is what was written, and what is still good where it is not. Memory stays flat.
 * @throws T2aError `T2A_FORMAT_UNSUPPORTED` for a newer version; what the source throws.
 */
export async function verifyT2r(source: Source): Promise<Verdict> {
  for (let attempt = 1; ; attempt++) {
    const size = await source.size();
    const trail = new Trail();
    const verifier = new Verifier();
    for await (const piece of trail.follow(walkFrames(source.stream(), { goOn: true }))) verifier.piece(piece);
    if (trail.mayMissLast) verifier.missLast();
    const journal = verifier.isFinished ? undefined : await readJournal(source, verifier.chains);
    // While it is recorded, the journal that was read may be a later one than the end of the file that was read.
    const isSame = !source.supports.restart || (await source.size()) === size;
    if (isSame || verifier.isFinished || attempt === MAX_ATTEMPTS) return verifier.verdict(journal);
  }
}

/** Verifies a .t2r piece by piece. */
export class Verifier {
  /** Over the events of all blocks so far. */
  readonly hash = new CanonicalHash();
  /** Of what was found so far. */
  readonly index = new IndexBuilder();
  readonly #onEvent: (event: Event) => void;
  readonly #continuity = new Continuity();
  readonly #problems = new ProblemList();
  readonly #places = new JournalPlaces();
  /** Of the blocks so far. */
  readonly #sequences = new Set<number>();
  /** How it stood when something was lost for the first time. */
  #loss: Loss | undefined;
  readonly #keyframes: KeyframeEntry[] = [];
  readonly #signatures = new SignatureCheck();
  #storedIndex: Uint8Array | undefined;
  #recognized = false;
  #isFinished = false;
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
    this.#isFinished = piece.kind === "end";
    if (piece.kind === "damage") {
      this.#recognized ||= offset === 0 && piece.reason !== NO_FRAME;
      this.#damage(piece);
      return;
    }
    this.#recognized = true;
    if (!this.#isInPlace(piece)) return;
    if (piece.kind === "header") this.#header(piece);
    else if (piece.kind === "block") this.#block(piece);
    else if (piece.kind === "keyframe") this.#keyframe(piece);
    else if (piece.kind === "signature") this.#signature(piece);
    else if (piece.kind === "section") this.#section(piece);
    else if (piece.kind === "generation") this.index.generation();
    else if (piece.kind === "index") this.#storedIndex = piece.payload;
    else if (piece.kind === "end") this.#checkIndex(piece);
  }

  /** The last frame is END. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Where a journal may take up. */
  get chains(): readonly Uint8Array[] {
    return [...this.#places.chains, ...(this.#loss?.places.chains ?? [])];
  }

  /** What is damaged behind the last block may be others, unless the index knows of none. */
  missLast(): void {
    const index = this.#storedIndex === undefined ? undefined : parseIndex(this.#storedIndex);
    if (index?.blocks.length !== this.#sequences.size) this.#problems.isLeftOf(this.#duration);
  }

  verdict(journal: Journal | undefined): Verdict {
    const ended = this.isFinished;
    if (ended && this.#problems.length === 0) {
      for (const unreached of this.#signatures.awaited) {
        this.#problem(unreached, "a signature covers events that are not there");
      }
    }
    if (this.#end === 0) this.#problems.add({ offset: 0, size: 0 }, "the file is empty");
    const inJournal = journal === undefined ? undefined : this.#journal(journal);
    const whole = this.#problems.length === 0;
    return {
      state: !whole ? "damaged" : ended ? "intact" : "unfinished",
      problems: this.#problems.list,
      recognized: this.#recognized,
      blocks: this.#blocks,
      events: this.#events,
      outputBytes: this.#outputBytes,
      duration: this.#duration,
      journal: inJournal,
      chain: whole ? Buffer.from(this.hash.value()).toString("hex") : undefined,
      signatures: this.#signatures.verdicts(),
    };
  }

  /** What is lost with it is told when a good block says what is missing, or at the end. */
  #damage(piece: Damage): void {
    const { fields } = piece;
    this.#lose(fields);
    if (fields !== undefined && this.#continuity.isNew(fields)) {
      const missing = this.#continuity.block(fields);
      if (missing !== undefined) this.#missing(piece, missing, fields.startTime);
    }
    this.#problem(piece, piece.reason, fields);
  }

  /** False for a block that is here already. */
  #isInPlace(piece: Piece): boolean {
    const isNew = piece.kind === "block" && this.#continuity.isNew(piece.fields);
    const wrong = this.#continuity.check(piece);
    const isHere = piece.kind === "block" && this.#sequences.has(piece.fields.sequence);
    if (piece.kind === "block") this.#sequences.add(piece.fields.sequence);
    if (wrong === undefined) return true;
    this.#lose(undefined);
    if (isNew) this.#missing(piece, wrong, piece.fields.startTime);
    else this.#problem(piece, wrong);
    return !isHere;
  }

  /** Blocks before `piece`: damage that is left of them tells it, if there is any. */
  #missing({ offset }: Piece, wrong: string, endTime: number): void {
    const times = { startTime: this.#duration, endTime };
    if (!this.#problems.isLeftOf(this.#duration, endTime)) this.#problems.add({ offset, size: 0 }, wrong, times);
  }

  /** From here on the chain proves nothing, unless the journal has what is lost. */
  #lose(torn: BlockFields | undefined): void {
    if (this.#loss !== undefined) return;
    this.#loss = {
      torn,
      places: this.#places.copy(),
      problems: this.#problems.length,
      blocks: this.#blocks,
      events: this.#events,
      outputBytes: this.#outputBytes,
      duration: this.#duration,
    };
  }

  /** What the journal has; whatever was lost at its place or behind it is not lost then. */
  #journal(journal: Journal): JournalVerdict | undefined {
    const loss = this.#loss;
    const atLoss = loss?.places.following(journal, loss.events, loss.duration);
    const following = atLoss ?? this.#places.following(journal, this.#events, this.#duration);
    const wrong = journalProblem(journal, following, this.#events);
    if (following === undefined) {
      if (wrong !== undefined) this.#problems.add({ offset: this.#end, size: 0 }, wrong);
      return undefined;
    }
    if (loss !== undefined && atLoss !== undefined && atLoss.events.length >= (loss.torn?.events ?? 0)) {
      this.#problems.truncate(loss.problems);
      this.#blocks = loss.blocks;
      this.#events = loss.events;
      this.#outputBytes = loss.outputBytes;
      this.#duration = loss.duration;
    }
    if (wrong !== undefined) this.#problems.add({ offset: this.#end, size: 0 }, wrong);
    let outputBytes = 0;
    let duration = this.#duration;
    const all = [...following.events, ...following.later.flatMap(({ events }) => events)];
    this.#awaitSignatures(journal);
    for (const [index, event] of all.entries()) {
      if (this.#problems.length === 0) this.hash.event(event);
      this.#takeSignatures(this.#events + index + 1);
      if (event.kind === "output") outputBytes += event.data.length;
      duration = Math.max(duration, event.time);
    }
    return { events: all.length, outputBytes, duration };
  }

  #awaitSignatures({ signatures }: Journal): void {
    const place = { offset: this.#end, size: 0 };
    for (const signature of signatures) {
      if (signature.events > this.#events) this.#signatures.await({ signature, ...place });
      else if (signature.events === this.#events) this.#checkSignature({ signature, ...place }, this.hash.value());
    }
  }

  #takeSignatures(events: number): void {
    if (events < this.#signatures.next) return;
    const chain = this.hash.value();
    for (const placed of this.#signatures.take(events)) this.#checkSignature(placed, chain);
  }

  #header(piece: Piece & { kind: "header" }): void {
    try {
      this.hash.header(parseHeader(piece.payload));
      this.#places.add(this.hash.value(), 0);
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
        if (this.#loss === undefined) this.hash.event(event);
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
    this.#duration = Math.max(this.#duration, endTime);
    this.#places.add(fields.chain, this.#events);
    this.#problems.pass();
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

  #problem(place: Pick<Piece, "offset" | "size">, reason: string, times?: BlockFields): void {
    this.#problems.add(place, reason, times);
  }
}

type Damage = Extract<Piece, { kind: "damage" }>;

/** What was good before something was lost. */
interface Loss extends Pick<Verdict, "blocks" | "events" | "outputBytes" | "duration"> {
  /** The block that is lost, as far as it is known. */
  readonly torn: BlockFields | undefined;
  readonly places: JournalPlaces;
  readonly problems: number;
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
