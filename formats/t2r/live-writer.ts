// Writes a .t2r that is being recorded: every event is in the journal before the call returns; when enough has gathered it
// goes into the file as a block, and the journal begins anew.
import type { Batch, Header, Losses, Signer, Target, Writer } from "../../src/core/index.js";
import type { T2rPlace } from "./append.js";
import { checkSize, T2rEncoder } from "./encoder.js";
import { JournalWriter, journalName } from "./journal.js";
import { SigningTimer } from "./signing-timer.js";

/** Data in a block at most, in bytes, but for the last batch. */
const LIVE_BLOCK_BYTES = 256 * 1024;
/** Events in a block at most: a block is decoded as one. */
const LIVE_BLOCK_EVENTS = 16_384;
/** Nanoseconds from a block's first output to the batch that closes it, by the events' times. */
const LIVE_BLOCK_NANOS = 1_000_000_000;
/** Fast, because the recorded program waits. Lower levels are no faster, and make more to write. */
const LIVE_LEVEL = 1;

/** The writer over a target that is visible while it is written, with a journal beside it. */
export class T2rLiveWriter implements Writer {
  readonly losses: Losses;
  readonly #encoder: T2rEncoder;
  readonly #target: Target;
  /** Undefined where nobody signs. */
  readonly #signing: SigningTimer | undefined;
  #journal: JournalWriter | undefined;
  /** Events in all blocks so far. */
  #blockStart = 0;
  /** Time of the open block's first output. */
  #firstOutput: number | undefined;

  /** Where an existing recording goes on, until it does. */
  #place: T2rPlace | undefined;

  constructor(target: Target, signer?: Signer, place?: T2rPlace) {
    this.#encoder = new T2rEncoder({ level: LIVE_LEVEL, signer, place, signatures: place?.journalSignatures });
    this.#place = place;
    this.#target = target;
    this.#signing = signer === undefined ? undefined : new SigningTimer(() => this.#signJournal());
    this.losses = this.#encoder.losses;
  }

  header(header: Header): void {
    const journal = this.#openJournal();
    journal.empty();
    this.#target.write(this.#encoder.header(header));
    this.#beginJournal();
  }

  events(batch: Batch): void {
    this.#goOn();
    const last = batch.at(-1);
    if (this.#journal === undefined || last === undefined) return;
    for (const event of batch) checkSize(event);
    this.#encoder.add(batch, this.#journal.events(batch, this.#encoder.eventCount));
    this.#firstOutput ??= batch.find((event) => event.kind === "output")?.time;
    this.#signing?.start();
    if (this.#isFull(last.time)) this.#closeBlock();
  }

  end(): void {
    this.#goOn();
    this.#signing?.stop();
    this.#target.write(this.#encoder.end());
    // Only when the file is safe: commit makes every file so before it removes one.
    this.#journal?.removeOnCommit();
  }

  /** Whatever instant this ends at: what was there before is read as before, from the file and its journal. */
  #goOn(): void {
    const place = this.#place;
    if (place === undefined) return;
    this.#place = undefined;
    if (place.hasMore) this.#target.cut?.(place.end);
    const journal = this.#openJournal();
    // A recorder that died: the journal holds its last events until they are in a block, in one write with what signs them.
    const block = Buffer.concat([this.#encoder.events(place.journalEvents), this.#encoder.flush()]);
    if (block.length > 0) this.#target.write(block);
    journal.empty();
    this.#beginJournal();
    if (place.isFinished) this.#target.write(this.#encoder.generation());
  }

  #openJournal(): JournalWriter {
    const name = this.#target.name.slice(this.#target.name.lastIndexOf("/") + 1);
    this.#journal = new JournalWriter(this.#target.sibling(journalName(name)));
    return this.#journal;
  }

  #isFull(now: number): boolean {
    return (
      this.#encoder.openBytes >= LIVE_BLOCK_BYTES ||
      this.#encoder.eventCount - this.#blockStart >= LIVE_BLOCK_EVENTS ||
      now - (this.#firstOutput ?? now) >= LIVE_BLOCK_NANOS
    );
  }

  /** Whatever instant this ends at: the events are in the journal until the block is in the file. */
  #closeBlock(): void {
    this.#signing?.stop();
    this.#target.write(this.#encoder.flush());
    this.#firstOutput = undefined;
    this.#beginJournal();
  }

  #signJournal(): void {
    const signature = this.#encoder.signature();
    if (signature !== undefined) this.#journal?.signature(signature);
  }

  #beginJournal(): void {
    this.#blockStart = this.#encoder.eventCount;
    this.#journal?.begin(this.#encoder.chain(), this.#encoder.eventCount);
  }
}
