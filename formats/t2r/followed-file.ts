// One file of a .t2r that is being followed, with the journal beside it: what of them was read, and what can be read by now.
import type { Event, Header, Source, Watch } from "../../src/core/index.js";
import { CanonicalHash } from "./canonical.js";
import { Continuity } from "./continuity.js";
import { parseHeader } from "./decoder.js";
import { equalBytes } from "./frame.js";
import { type Piece, walkFrames } from "./frame-walker.js";
import { type JournalPlace, JournalTail, journalNameOf, openJournal } from "./journal.js";
import { JOURNAL_BLOCKS } from "./layout.js";

/** Bytes asked for in one read. */
const CHUNK_BYTES = 256 * 1024;

/** Where a file cannot be read on: cut where its end is not written yet. */
export type Damage = Pick<Piece & { readonly kind: "damage" }, "kind" | "offset" | "reason" | "cut">;
/** A frame that is whole and in its place. */
export type Whole = Exclude<Piece, { readonly kind: "damage" }>;

/** A file that is read on from where it was left. */
export class FollowedFile {
  /** Known once `readHeader` has found it. */
  header: Header | undefined;
  /** Byte at which reading goes on. */
  offset = 0;
  /** Events in the blocks before it. */
  events = 0;
  /** The journal was there when it was looked for last ... */
  hasJournal = false;
  /** ... and took up where this file ends. */
  isJournalOurs = false;
  readonly #source: Source;
  readonly #watch: Watch;
  readonly #isOwned: boolean;
  readonly #continuity = new Continuity();
  readonly #journal = new JournalTail();
  /** Behind the header and behind the last blocks: a journal takes up at one of these. */
  readonly #places: JournalPlace[] = [];
  #broken: Damage | undefined;
  #doubted = -1;

  /** `isOwned`: the source is closed with this. */
  constructor(source: Source, isOwned: boolean) {
    this.#source = source;
    this.#isOwned = isOwned;
    this.#watch = source.watch([journalNameOf(source)]);
  }

  /** It ends as a finished recording does. */
  get isFinished(): boolean {
    return this.#continuity.ended;
  }

  /** Nobody writes it: what can be read now is all that there will be. False where that is not known. */
  get isLeft(): boolean {
    return this.#watch.isWritten() === false;
  }

  async size(): Promise<number> {
    return (await this.#source.size()) ?? 0;
  }

  changed(): Promise<void> {
    return this.#watch.changed();
  }

  successor(): Promise<Source | undefined> {
    return this.#watch.successor();
  }

  /** Ends every wait. */
  stop(): void {
    this.#watch.close();
  }

  async close(): Promise<void> {
    this.stop();
    if (this.#isOwned) await this.#source.close();
  }

  /** Reads the header; undefined where that is done or nothing is there yet. */
  async readHeader(): Promise<Damage | undefined> {
    for await (const piece of this.pieces()) {
      if (piece.kind === "damage") return piece;
      if (piece.kind === "header") this.header = parseHeader(piece.payload);
      this.pass(piece);
      break;
    }
    return undefined;
  }

  /** The frames that are whole by now, up to `limit`; each must be passed before the next is taken. Damage is the last. */
  async *pieces(limit = Number.POSITIVE_INFINITY): AsyncGenerator<Whole | Damage> {
    if ((await this.size()) < this.offset) this.#break("the file was cut short while it was followed");
    const { offset } = this;
    for await (const piece of walkFrames(this.#chunks(offset, limit))) {
      if (this.#broken !== undefined) break;
      const placed = { ...piece, offset: piece.offset + offset };
      const wrong = placed.kind === "damage" ? undefined : this.#continuity.check(placed);
      if (wrong !== undefined) this.#break(wrong, placed.offset);
      else yield placed;
    }
    if (this.#broken !== undefined) yield this.#broken;
  }

  /** Goes on behind a piece. */
  pass(piece: Whole): void {
    this.offset = piece.offset + piece.size;
    if (piece.kind === "header" && this.header !== undefined) {
      const hash = new CanonicalHash();
      hash.header(this.header);
      this.#places.push({ eventsBefore: 0, chain: hash.value() });
    }
    if (piece.kind !== "block") return;
    this.events += piece.fields.events;
    this.#places.push({ eventsBefore: this.events, chain: piece.fields.chain });
    if (this.#places.length > 2 * JOURNAL_BLOCKS) this.#places.shift();
  }

  /** What came into the journal since it was read last, if it is this recording's. */
  async journalEvents(): Promise<{ readonly firstEvent: number; readonly events: Iterable<Event> } | undefined> {
    const source = await openJournal(this.#source);
    try {
      const found = source === undefined ? undefined : await this.#journal.read(source, (place) => this.#knows(place));
      this.hasJournal = source !== undefined;
      this.isJournalOurs = found !== undefined;
      return found;
    } finally {
      await source?.close();
    }
  }

  /** Whether the damage was seen there before: a write that is taken back while it is read is not. */
  isSeenAgain({ offset }: Damage): boolean {
    const isAgain = this.#broken !== undefined || this.#doubted === offset;
    this.#doubted = offset;
    return isAgain;
  }

  #knows({ chain, eventsBefore }: JournalPlace): boolean {
    return this.#places.some((place) => place.eventsBefore === eventsBefore && equalBytes(place.chain, chain));
  }

  #break(reason: string, offset = this.offset): void {
    this.#broken ??= { kind: "damage", offset, reason, cut: false };
  }

  async *#chunks(start: number, limit: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < limit; ) {
      const chunk = await this.#source.readRange(at, Math.min(CHUNK_BYTES, limit - at));
      if (chunk.length === 0) return;
      at += chunk.length;
      yield chunk;
    }
  }
}
