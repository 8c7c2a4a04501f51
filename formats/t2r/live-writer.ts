// Writes a .t2r that is being recorded: every event is in the journal before the call returns; when enough has gathered it
// goes into the file as a block, and the journal begins anew: at once, or where power cuts count only when the file is synced.
import type { Batch, EncodeOptions, Header, Losses, Target, Writer } from "../../src/core/index.js";
import type { T2rPlace } from "./append.js";
import { checkSize, T2rEncoder } from "./encoder.js";
import { JournalWriter, journalName } from "./journal.js";
import { JOURNAL_BLOCKS } from "./layout.js";
import { SigningTimer } from "./signing-timer.js";

/** Data in a block at most, in bytes, but for the last batch. */
const LIVE_BLOCK_BYTES = 256 * 1024;
/** Events in a block at most: a block is decoded as one. */
const LIVE_BLOCK_EVENTS = 16_384;
/** Nanoseconds from a block's first output to the batch that closes it, by the events' times. */
const LIVE_BLOCK_NANOS = 1_000_000_000;
/** Fast, because the recorded program waits. Lower levels are no faster, and make more to write. */
const LIVE_LEVEL = 1;
/** A synced journal that is larger is begun anew behind the next block, in bytes. */
const JOURNAL_BYTES = 4 * 1024 * 1024;

/** The writer over a target that is visible while it is written, with a journal beside it. */
export class T2rLiveWriter implements Writer {
  readonly losses: Losses;
  readonly #encoder: T2rEncoder;
  readonly #target: Target;
  /** Undefined where nobody signs. */
  readonly #signing: SigningTimer | undefined;
  readonly #isSynced: boolean;
  /** Where an existing recording goes on, until it does. */
  #place: T2rPlace | undefined;
  #journal: JournalWriter | undefined;
  /** Events in all blocks so far. */
  #blockStart = 0;
  /** Time of the open block's first output. */
  #firstOutput: number | undefined;
  /** Blocks whose events the journal holds. */
  #journalBlocks = 0;
  #renewing: Promise<void> | undefined;
  #isFileSynced = false;
  readonly sync?: () => Promise<void>;

  constructor(target: Target, { signer, synced = false }: EncodeOptions = {}, place?: T2rPlace) {
    this.#encoder = new T2rEncoder({ level: LIVE_LEVEL, signer, place, signatures: place?.journalSignatures });
    this.#target = target;
    this.#signing = signer === undefined ? undefined : new SigningTimer(() => this.#signJournal());
    this.#isSynced = synced && target.sync !== undefined;
    this.#place = place;
    if (this.#isSynced) this.sync = () => this.#sync();
    this.losses = this.#encoder.losses;
  }

  header(header: Header): void {
    const journal = this.#openJournal();
    journal.empty();
    this.#target.write(this.#encoder.header(header));
    this.#beginJournal();
  }

  /** Gives a promise where the journal has to be begun anew first. */
  events(batch: Batch): void | Promise<void> {
    const goingOn = this.#goOn();
    if (goingOn !== undefined) return goingOn.then(() => this.events(batch));
    const last = batch.at(-1);
    if (this.#journal === undefined || last === undefined) return;
    for (const event of batch) checkSize(event);
    this.#encoder.add(batch, this.#journal.events(batch, this.#encoder.eventCount));
    this.#firstOutput ??= batch.find((event) => event.kind === "output")?.time;
    this.#signing?.start();
    if (this.#isFull(last.time)) return this.#closeBlock(this.#journal);
  }

  end(): void | Promise<void> {
    const goingOn = this.#goOn();
    if (goingOn !== undefined) return goingOn.then(() => this.end());
    this.#signing?.stop();
    this.#target.write(this.#encoder.end());
    // Only when the file is safe: commit makes every file so before it removes one.
    this.#journal?.removeOnCommit();
  }

  /** Whatever instant this ends at: what was there before is read as before, from the file and its journal. */
  #goOn(): Promise<void> | undefined {
    const place = this.#place;
    if (place === undefined) return undefined;
    this.#place = undefined;
    if (place.hasMore) this.#target.cut?.(place.end);
    const journal = this.#openJournal();
    if (!place.isFinished) return this.#takeUp(place, journal);
    journal.empty();
    this.#beginJournal();
    this.#target.write(this.#encoder.generation());
    return undefined;
  }

  /** Goes on where a recorder died: its journal holds the last events until they are in a block, and that is on disk. */
  #takeUp({ journalEvents }: T2rPlace, journal: JournalWriter): Promise<void> | undefined {
    const blocks = Buffer.concat([this.#encoder.events(journalEvents), this.#encoder.flush()]);
    if (blocks.length > 0) this.#target.write(blocks);
    const begin = () => {
      journal.empty();
      this.#beginJournal();
    };
    if (this.#target.sync !== undefined) return this.#syncAlone().then(begin);
    begin();
    return undefined;
  }

  #openJournal(): JournalWriter {
    const name = this.#target.name.slice(this.#target.name.lastIndexOf("/") + 1);
    this.#journal = new JournalWriter(this.#target.sibling(journalName(name)));
    return this.#journal;
  }

  async #sync(): Promise<void> {
    // While the journal is begun anew every event is in a block, and the file is being synced.
    if (this.#renewing !== undefined) return await this.#renewing;
    if (!this.#isFileSynced) await this.#syncFile();
    await this.#journal?.sync();
  }

  /** The place at which the journal takes up is then safe. */
  async #syncFile(): Promise<void> {
    await this.#target.sync?.();
    this.#isFileSynced = true;
  }

  #isFull(now: number): boolean {
    return (
      this.#encoder.openBytes >= LIVE_BLOCK_BYTES ||
      this.#encoder.eventCount - this.#blockStart >= LIVE_BLOCK_EVENTS ||
      now - (this.#firstOutput ?? now) >= LIVE_BLOCK_NANOS
    );
  }

  /** Whatever instant this ends at: the events are in the journal until the block is in the file, and on disk if need be. */
  #closeBlock(journal: JournalWriter): void | Promise<void> {
    this.#target.write(this.#encoder.flush());
    this.#blockStart = this.#encoder.eventCount;
    this.#firstOutput = undefined;
    this.#journalBlocks++;
    if (!this.#isSynced) this.#beginJournal();
    else if (journal.size >= JOURNAL_BYTES || this.#journalBlocks >= JOURNAL_BLOCKS) return this.#renewJournal();
  }

  async #renewJournal(): Promise<void> {
    await this.#syncAlone();
    this.#beginJournal();
  }

  /** Syncs the file before the journal is begun anew. No event is taken meanwhile: it would be in neither. */
  async #syncAlone(): Promise<void> {
    this.#renewing = this.#syncFile();
    await this.#renewing;
    this.#renewing = undefined;
  }

  #signJournal(): void {
    const signature = this.#encoder.signature();
    if (signature !== undefined) this.#journal?.signature(signature);
  }

  /** Every event is in a block, which is signed with it; a power cut can take that one only as long as the journal stands. */
  #beginJournal(): void {
    this.#signing?.stop();
    this.#blockStart = this.#encoder.eventCount;
    this.#journalBlocks = 0;
    this.#journal?.begin(this.#encoder.chain(), this.#encoder.eventCount);
  }
}
