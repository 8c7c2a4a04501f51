// Reads all of a damaged .t2r that its checksums hold: a block that is lost takes its own events along and nothing else,
// and a gap event stands where they were. Everything that is lost is told; nothing is made up.
import {
  type Batch,
  DEFAULT_COLS,
  DEFAULT_ROWS,
  type DecodeOptions,
  type Event,
  FormatError,
  gapEvent,
  type Header,
  type Recording,
  type Source,
  type Warning,
} from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { checkAborted, warn } from "../damage.js";
import { decodeBlock } from "./block.js";
import { type BlockPiece, inOrder, isBlock, type TornBlock, Trail } from "./block-order.js";
import { CanonicalHash } from "./canonical.js";
import { ColumnError } from "./columns.js";
import { parseHeader } from "./decoder.js";
import { equalBytes } from "./frame.js";
import { type BlockFields, type Piece, walkFrames } from "./frame-walker.js";
import { type Journal, readJournal } from "./journal.js";
import { type Following, JournalPlaces, journalFrom } from "./journal-places.js";
import { describeMissing, isListed, type Missing, missingBlocks, outputEnd } from "./missing-blocks.js";
import { parseIndex, type RecordingIndex } from "./recording-index.js";

/**
 * As the decoder, but goes on behind damage. Where the header is lost, a terminal of 80x24 is taken.
 * @throws FormatError `T2A_FORMAT_HEADER` where there is neither a header nor an event; T2aError `T2A_FORMAT_UNSUPPORTED`
 * for a newer version.
 */
export async function recoverT2r(source: Source, options: DecodeOptions): Promise<Recording> {
  const trail = new Trail();
  const pieces = inOrder(trail.follow(walkFrames(source.stream(), { goOn: true })), source);
  const recovery = new Recovery(source, options, trail);
  try {
    let next = await pieces.next();
    for (; !next.done && recovery.header === undefined && !isBlock(next.value); next = await pieces.next()) {
      recovery.take(next.value);
    }
    if (recovery.header === undefined && next.done && !(await recovery.hasJournal())) {
      throw new FormatError("T2A_FORMAT_HEADER", "neither a header nor a block is whole", { offset: 0 });
    }
    return {
      header: recovery.header ?? recovery.defaultHeader(),
      format: "t2r",
      batches: recovery.batches(next, pieces),
      close: async () => void (await pieces.return(undefined)),
    };
  } catch (error) {
    await pieces.return(undefined);
    throw error;
  }
}

const UNPROVEN_JOURNAL = "the journal is taken as it is: that it is this recording's cannot be checked";

class Recovery {
  header: Header | undefined;
  readonly #source: Source;
  readonly #options: DecodeOptions;
  readonly #trail: Trail;
  readonly #places = new JournalPlaces();
  readonly #builder = new BatchBuilder();
  #journal: Journal | undefined;
  #isJournalRead = false;
  /** The journal has everything from here on. */
  #isInJournal = false;
  /** Over everything, as long as nothing is lost. */
  #hash: CanonicalHash | undefined;
  #isUnchecked = false;
  #index: RecordingIndex | undefined;
  /** The last block that was dealt with. */
  #last: BlockFields | undefined;
  /** What the file ends with, if that is half a frame. */
  #cut: Extract<Piece, { kind: "damage" }> | undefined;
  /** Nanoseconds of the last event. */
  #time = 0;
  /** Events so far, lost ones included; they are not counted any more where it is not known how many those are. */
  #events = 0;
  #isCounted = true;
  #end = 0;

  constructor(source: Source, options: DecodeOptions, trail: Trail) {
    this.#source = source;
    this.#options = options;
    this.#trail = trail;
  }

  defaultHeader(): Header {
    const message = `the header is lost: the terminal is taken to have had ${DEFAULT_COLS}x${DEFAULT_ROWS} cells`;
    this.#tell("header", message, 0);
    this.header = { cols: DEFAULT_COLS, rows: DEFAULT_ROWS };
    return this.header;
  }

  async hasJournal(): Promise<boolean> {
    return ((await this.#readJournal())?.events.length ?? 0) > 0;
  }

  async *batches(first: IteratorResult<Piece>, rest: AsyncGenerator<Piece>): AsyncGenerator<Batch> {
    try {
      for (let next = first; !next.done && !this.#isInJournal; next = await rest.next()) {
        checkAborted(this.#options);
        if (isBlock(next.value)) yield* this.#block(next.value);
        else this.take(next.value);
      }
      if (!this.#isInJournal) yield* this.#finish();
      yield* this.#builder.rest();
    } finally {
      await rest.return(undefined);
    }
    if (this.#trail.isFinished) return;
    const message = `the recording was not finished: it was read up to byte ${this.#end} and what its journal holds`;
    warn(this.#options, { code: "truncated", message, offset: this.#end });
  }

  /** Takes what is no block. */
  take(piece: Piece): void {
    if (piece.kind === "damage") {
      if (piece.cut) this.#cut = piece;
      else this.#leaveOut(piece, piece.reason);
      return;
    }
    this.#end = Math.max(this.#end, piece.offset + piece.size);
    if (piece.kind === "header") this.#header(piece);
    if (piece.kind === "index") this.#index = parseIndex(piece.payload);
  }

  #header(piece: Piece & { kind: "header" }): void {
    if (this.header !== undefined) {
      this.#leaveOut(piece, "another header");
      return;
    }
    try {
      this.header = parseHeader(piece.payload);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#leaveOut(piece, error.message);
      return;
    }
    this.#hash = new CanonicalHash();
    this.#hash.header(this.header);
    this.#places.add(this.#hash.value(), 0);
  }

  /** Tells what is missing before a block. */
  *#hole(after: BlockFields): Generator<Batch> {
    const missing = missingBlocks(this.#last, after, this.#index);
    yield* this.#missing(missing);
    this.#events += missing?.events ?? 0;
    this.#isCounted &&= missing === undefined || missing.events !== undefined;
  }

  async *#block(piece: BlockPiece): AsyncGenerator<Batch> {
    const { kind, fields, offset, size } = piece;
    const wrong = this.#misplaced(fields);
    if (wrong !== undefined) {
      this.#leaveOut(piece, wrong);
      return;
    }
    // What a recorder had not finished is here in part, and in the journal whole.
    const isNext = fields.sequence === (this.#last === undefined ? 0 : this.#last.sequence + 1);
    if ((kind === "damage" || !isNext) && (yield* this.#fromJournal(fields))) return;
    yield* this.#hole(fields);
    if (kind === "damage") yield* this.#torn(piece);
    else {
      this.#end = Math.max(this.#end, offset + size);
      yield* this.#whole(piece);
    }
  }

  #misplaced(fields: BlockFields): string | undefined {
    const last = this.#last;
    const { sequence, outputOffset, startTime, endTime, events } = fields;
    const next = last === undefined ? 0 : last.sequence + 1;
    if (sequence < next) return "a block that stands twice, or in a wrong place,";
    const isTime = startTime >= this.#time && startTime <= endTime && Number.isSafeInteger(endTime);
    const missingBytes = outputOffset - outputEnd(last);
    const isPlace = sequence === next ? missingBytes === 0 : missingBytes >= 0 && Number.isSafeInteger(outputOffset);
    if (events === 0 || !isTime || !isPlace) return "a block that does not follow the one before it";
    // An index that lists the last block lists this one too, unless it is of a recording that was shown in this one.
    const index = this.#index;
    if (index === undefined || last === undefined || !isListed(index, last) || isListed(index, fields))
      return undefined;
    const mayBeLater = sequence >= index.blocks.length && !this.#trail.isFinished;
    return mayBeLater ? undefined : "a block that is not in the index";
  }

  *#whole({ fields, columns, output, offset }: Piece & { kind: "block" }): Generator<Batch> {
    if (this.#hash === undefined) this.#tellUnchecked(offset);
    let events = 0;
    let outputBytes = 0;
    try {
      for (const event of decodeBlock(fields, columns, output)) {
        const full = this.#builder.push(event);
        if (full !== undefined) yield full;
        this.#hash?.event(event);
        this.#time = event.time;
        events++;
        if (event.kind === "output") outputBytes += event.data.length;
      }
      this.#checkChain(fields, offset);
    } catch (error) {
      if (!(error instanceof ColumnError)) throw error;
      this.#tell("truncated", `${error.message} at byte ${offset}`, offset);
      const rest = { events: fields.events - events, outputBytes: fields.outputBytes - outputBytes };
      yield* this.#missing({ startTime: Math.max(this.#time, fields.startTime), endTime: fields.endTime, ...rest });
    }
    yield* this.#builder.rest();
    this.#past(fields);
  }

  #checkChain({ chain }: BlockFields, offset: number): void {
    if (this.#hash === undefined || equalBytes(this.#hash.value(), chain)) return;
    this.#hash = undefined;
    this.#isUnchecked = true;
    this.#tell(
      "chain",
      `the header and the events up to the block at byte ${offset} are not as they were recorded`,
      offset,
    );
  }

  #tellUnchecked(offset: number): void {
    if (this.#isUnchecked) return;
    this.#isUnchecked = true;
    const message = `behind what is lost, from byte ${offset} on, the chain of all events cannot be checked: each block's own checksum holds`;
    this.#tell("chain", message, offset);
  }

  #past(fields: BlockFields): void {
    this.#last = fields;
    this.#time = fields.endTime;
    this.#events += fields.events;
    this.#places.add(fields.chain, this.#events);
  }

  /** Tells what is lost, here. */
  *#missing(missing: Missing | undefined): Generator<Batch> {
    if (missing === undefined) return;
    const { blocks: _, ...span } = missing;
    this.#time = Math.max(this.#time, span.startTime ?? 0);
    yield* this.#give([gapEvent(this.#time, "damage", span)]);
    this.#tell("truncated", describeMissing(missing));
    this.#hash = undefined;
    this.#places.clear();
  }

  *#give(events: Iterable<Event>): Generator<Batch> {
    for (const event of events) {
      const full = this.#builder.push(event);
      if (full !== undefined) yield full;
      this.#time = event.time;
    }
  }

  /** Of a block whose output is lost there may be other events. */
  *#torn(torn: TornBlock): Generator<Batch> {
    const { startTime, endTime, events, outputBytes } = torn.fields;
    this.#leaveOut(torn, torn.reason);
    let kept = 0;
    for (const _ of withoutOutput(torn)) kept++;
    yield* this.#missing({ startTime, endTime, events: events - kept, outputBytes });
    yield* this.#give(withoutOutput(torn));
    yield* this.#builder.rest();
    this.#past(torn.fields);
  }

  /** Gives all that follows if the journal takes up before what is lost, be it here or behind the last block; else false. */
  async *#fromJournal(lost?: BlockFields): AsyncGenerator<Batch, boolean> {
    const journal = await this.#readJournal();
    const following = journal === undefined ? undefined : this.#places.following(journal, this.#events, this.#time);
    if (journal === undefined || following === undefined) return false;
    this.#isInJournal = true;
    yield* this.#journalEvents(following);
    const missing = (lost?.events ?? 0) - following.events.length;
    const isShort = missing > 0 && following.later.length === 0 && lost !== undefined && lost.endTime >= this.#time;
    if (isShort) yield* this.#missing({ startTime: this.#time, endTime: lost.endTime, events: missing });
    return true;
  }

  /** What comes behind the last block, or should. */
  async *#finish(): AsyncGenerator<Batch> {
    if (this.#trail.isFinished) yield* this.#missingLast(undefined);
    else if (!(yield* this.#fromJournal())) {
      const journal = await this.#readJournal();
      const following = yield* this.#missingLast(journal);
      if (following !== undefined) yield* this.#journalEvents(following);
    }
  }

  /** Damage in the journal costs what is damaged. */
  *#journalEvents({ firstEvent, events, later, damagedAt }: Following): Generator<Batch> {
    yield* this.#give(events);
    if (damagedAt !== undefined) this.#tell("truncated", `the journal is damaged at its byte ${damagedAt}`);
    let next = firstEvent + events.length;
    for (const run of later) {
      const missing = run.firstEvent - next;
      if (missing > 0) yield* this.#missing({ startTime: this.#time, endTime: run.events[0]?.time, events: missing });
      yield* this.#give(run.events);
      next = run.firstEvent + run.events.length;
    }
  }

  /** Tells what is lost behind the last block; gives what the journal has behind that, if it is taken. */
  *#missingLast(journal: Journal | undefined): Generator<Batch, Following | undefined> {
    if (this.#cut !== undefined) this.#leaveOut(this.#cut, this.#cut.reason);
    const listed = missingBlocks(this.#last, undefined, this.#index);
    const mayMiss = listed === undefined && this.#trail.mayMissLast && !this.#isComplete();
    const following = journal === undefined ? undefined : this.#unproven(journal);
    const isCounted = this.#isCounted && following !== undefined;
    const between = isCounted ? following.firstEvent - this.#events : undefined;
    const isKnown = following !== undefined && journal?.chain !== undefined;
    if (listed !== undefined) yield* this.#missing(listed);
    else if (between === undefined ? mayMiss || isKnown : between > 0) {
      yield* this.#missing({ startTime: this.#time, endTime: following?.events[0]?.time, events: between });
    }
    return following;
  }

  /** Whether the index lists all blocks, and no more. */
  #isComplete(): boolean {
    if (this.#index === undefined || (this.#last !== undefined && !isListed(this.#index, this.#last))) return false;
    return this.#index.blocks.length === (this.#last === undefined ? 0 : this.#last.sequence + 1);
  }

  /**
   * What a journal holds that cannot be proven to be of this recording, because what is lost stands between, or its own
   * head is damaged: it is beside the file, and its numbers and times fit.
   */
  #unproven(journal: Journal): Following | undefined {
    const isBehind = journal.eventsBefore > this.#events || this.#places.chains.length === 0;
    if (journal.chain !== undefined && !isBehind) return undefined;
    const following = journalFrom(journal, Math.max(journal.eventsBefore, this.#events), this.#time);
    if ((following?.events.length ?? 0) > 0) this.#tell("chain", UNPROVEN_JOURNAL);
    return following;
  }

  async #readJournal(): Promise<Journal | undefined> {
    // Where its head is damaged, it is the places behind blocks that tell how to read it.
    if (!this.#isJournalRead || (this.#journal !== undefined && this.#journal.chain === undefined)) {
      this.#journal = await readJournal(this.#source, this.#places.chains);
    }
    this.#isJournalRead = true;
    return this.#journal;
  }

  #leaveOut({ offset, size }: Piece, reason: string): void {
    this.#tell("truncated", `${reason} at byte ${offset}: ${size} bytes left out`, offset);
  }

  #tell(code: Warning["code"], message: string, offset?: number): void {
    this.#options.onWarning?.({ code, message, ...(offset === undefined ? {} : { offset }) });
  }
}

/** The events of a block whose output is lost, without these. */
function* withoutOutput({ fields, columns }: TornBlock): Generator<Event> {
  if (columns === undefined) return;
  try {
    yield* decodeBlock(fields, columns, undefined);
  } catch (error) {
    if (!(error instanceof ColumnError)) throw error; // up to there
  }
}
