// Writes a .t2r that is being recorded: every event is in the journal before the call returns; when enough has gathered it
// goes into the file as a block, and the journal begins anew.
import type { Batch, Header, Losses, Target, Writer } from "../../src/core/index.js";
import { CanonicalWriter } from "./canonical.js";
import { checkSize, T2rEncoder } from "./encoder.js";
import { journalEntry, journalHead, journalName } from "./journal.js";

/** Data in a block at most, in bytes, and with it in the journal, but for the last batch. */
const LIVE_BLOCK_BYTES = 256 * 1024;
/** Events in a block at most: a block is decoded as one. */
const LIVE_BLOCK_EVENTS = 16_384;
/** Fast, because the recorded program waits. */
const LIVE_LEVEL = 1;

/** The writer over a target that is visible while it is written, with a journal beside it. */
export class T2rLiveWriter implements Writer {
  readonly losses: Losses;
  readonly #encoder = new T2rEncoder({ level: LIVE_LEVEL });
  readonly #canonical = new CanonicalWriter();
  readonly #target: Target;
  #journal: Target | undefined;
  #blockStart = 0;

  constructor(target: Target) {
    this.#target = target;
    this.losses = this.#encoder.losses;
  }

  header(header: Header): void {
    this.#journal = this.#target.sibling(journalName(this.#target.name.slice(this.#target.name.lastIndexOf("/") + 1)));
    this.#target.write(this.#encoder.header(header));
    this.#beginJournal();
  }

  events(batch: Batch): void {
    if (batch.length === 0) return;
    this.#canonical.reset();
    for (const event of batch) {
      checkSize(event);
      this.#canonical.event(event);
    }
    // One write for all: a journal that ends inside an entry is good up to it.
    this.#journal?.write(journalEntry(this.#canonical.view(), this.#encoder.eventCount));
    this.#encoder.add(batch, this.#canonical.view());
    const events = this.#encoder.eventCount - this.#blockStart;
    if (this.#encoder.openBytes >= LIVE_BLOCK_BYTES || events >= LIVE_BLOCK_EVENTS) this.#closeBlock();
  }

  end(): void {
    this.#target.write(this.#encoder.end());
    // Only when the file is safe: commit makes every file so before it removes one.
    this.#journal?.removeOnCommit?.();
  }

  /** Whatever instant this ends at: the events are in the journal until the block is in the file. */
  #closeBlock(): void {
    this.#target.write(this.#encoder.flush());
    this.#beginJournal();
  }

  #beginJournal(): void {
    this.#blockStart = this.#encoder.eventCount;
    this.#journal?.clear?.();
    this.#journal?.write(journalHead(this.#encoder.chain(), this.#encoder.eventCount));
  }
}
