// Going on in an existing .t2r: what has to be known of it, found by reading it to its end, which verifies it too.
import {
  type AppendState,
  type Event,
  FormatError,
  type Header,
  type Signature,
  type Source,
} from "../../src/core/index.js";
import type { CanonicalHash } from "./canonical.js";
import { parseHeader } from "./decoder.js";
import { equalBytes } from "./frame.js";
import { type Piece, walkFrames } from "./frame-walker.js";
import { type Journal, readJournal } from "./journal.js";
import { JOURNAL_BLOCKS } from "./layout.js";
import type { IndexBuilder } from "./recording-index.js";
import { Verifier } from "./verify.js";

/** Where and how a .t2r goes on. */
export interface T2rPlace {
  /** Over the events in blocks; whoever goes on goes on with it. */
  readonly hash: CanonicalHash;
  /** Of the frames up to `end`; likewise. */
  readonly index: IndexBuilder;
  /** Events in blocks. */
  readonly events: number;
  /** Bytes of the file that stay. What stands behind them is torn, or an index without END. */
  readonly end: number;
  /** There is something behind them. */
  readonly hasMore: boolean;
  /** It has its END: what follows is a new generation. */
  readonly isFinished: boolean;
  /** What the journal of a recorder that died holds beyond the blocks. */
  readonly journalEvents: readonly Event[];
  /** Over some of these events, too. */
  readonly journalSignatures: readonly Signature[];
}

/** An {@link AppendState} of a .t2r. */
export class T2rAppendState implements AppendState {
  readonly complete = true;
  readonly header: Header;
  readonly lastTime: number;
  readonly place: T2rPlace;

  constructor(header: Header, lastTime: number, place: T2rPlace) {
    this.header = header;
    this.lastTime = lastTime;
    this.place = place;
  }
}

/**
 * Reads a .t2r, and the journal beside one that was not finished, to their end. Memory stays flat but for the index.
 * @throws FormatError `T2A_FORMAT_DAMAGED` for one that is not what was recorded: what is added would not mend it.
 */
export async function scanT2rForAppend(source: Source): Promise<T2rAppendState> {
  const scan = new Scan();
  for await (const piece of walkFrames(source.stream())) scan.piece(piece);
  return scan.state(source.name, scan.isWhole ? undefined : await readJournal(source));
}

class Scan {
  readonly #verifier = new Verifier((event) => this.#event(event));
  #header: Header | undefined;
  #lastTime = 0;
  /** Where reading ended: no damage where it is what a recorder or a power cut left of what the journal holds. */
  #damage: (Piece & { kind: "damage" }) | undefined;
  #end = 0;
  #size = 0;
  /** The index, or what stands before it, was begun and has no END yet. */
  #isEnding = false;
  /** Keyframes and sections whose index was never written: one that leaves them out would be wrong. */
  #unlisted: Piece | undefined;
  #isFinished = false;
  /** Behind the header and behind the last blocks: a journal takes up at one of these. */
  readonly #places: { readonly events: number; readonly chain: Uint8Array }[] = [];

  /** The file ends with its END. */
  get isWhole(): boolean {
    return this.#isFinished && this.#damage === undefined;
  }

  piece(piece: Piece): void {
    this.#size = piece.offset + piece.size;
    if (piece.kind === "damage") {
      this.#damage = piece;
      return;
    }
    this.#verifier.piece(piece);
    this.#isFinished = piece.kind === "end";
    this.#isEnding = piece.kind === "index" || piece.kind === "section" || (this.#isEnding && !this.#isFinished);
    if (!this.#isEnding) this.#end = this.#size;
    if (piece.kind === "keyframe" || piece.kind === "section") this.#unlisted ??= piece;
    if (piece.kind === "end") this.#unlisted = undefined;
    if (piece.kind === "header") this.#header = parseHeader(piece.payload);
    if (piece.kind !== "header" && piece.kind !== "block") return;
    this.#places.push({ events: this.#verifier.events, chain: this.#verifier.hash.value() });
    if (this.#places.length > 2 * JOURNAL_BLOCKS) this.#places.shift();
  }

  state(name: string, journal: Journal | undefined): T2rAppendState {
    const [problem] = this.#verifier.verdict().problems;
    const following = journal === undefined ? undefined : this.#following(journal);
    const unlisted = this.#unlisted && { ...this.#unlisted, reason: "its keyframes or sections have no index" };
    const damage = problem ?? unlisted ?? (following === undefined ? this.#damage : undefined);
    if (damage !== undefined || this.#header === undefined) {
      const { reason, offset } = damage ?? { reason: "the header is missing", offset: 0 };
      const message = `${name} is damaged and cannot be appended to: ${reason} at byte ${offset}`;
      throw new FormatError("T2A_FORMAT_DAMAGED", message, { offset });
    }
    const { hash, index, events } = this.#verifier;
    // Behind END nothing stands in a journal before its generation has begun.
    const journalEvents = this.#isFinished ? [] : (following ?? []);
    for (const event of journalEvents) this.#event(event);
    return new T2rAppendState(this.#header, this.#lastTime, {
      hash,
      index,
      events,
      end: this.#end,
      hasMore: this.#size > this.#end,
      isFinished: this.#isFinished,
      journalEvents,
      journalSignatures: (journal?.signatures ?? []).filter((one) => journalEvents.length > 0 && one.events > events),
    });
  }

  /** The events of the journal beyond the blocks; undefined where it is another recording's. */
  #following({ chain, eventsBefore, events }: Journal): readonly Event[] | undefined {
    const place = this.#places.find((candidate) => candidate.events === eventsBefore);
    if (place === undefined || !equalBytes(place.chain, chain)) return undefined;
    return events.slice(this.#verifier.events - eventsBefore);
  }

  #event(event: Event): void {
    this.#lastTime = event.time;
    if (event.kind !== "resize" || this.#header === undefined) return;
    this.#header = { ...this.#header, cols: event.cols, rows: event.rows };
  }
}
