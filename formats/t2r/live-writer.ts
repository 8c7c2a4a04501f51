// Writes a .t2r that is being recorded: every event is in the journal before the call returns; when enough has gathered it
// goes into the file as a block, and the journal begins anew: at once, or where power cuts count only when the file is synced.
import {
  type Batch,
  customEvent,
  type EncodeOptions,
  type Header,
  type Losses,
  StoreError,
  type Target,
  type Writer,
} from "../../src/core/index.js";
import { BEST_LEVEL, checkSize, T2rEncoder } from "./encoder.js";
import { JournalWriter, journalName } from "./journal.js";
import { JOURNAL_BLOCKS } from "./layout.js";

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
/** Held for a proper end on a full disk, and as much again whenever the index needs it, in bytes. */
const RESERVE_BYTES = 64 * 1024;
/** Of it, for the last block. */
const LAST_BLOCK_BYTES = 48 * 1024;
/** What the system says where there is no more room. */
const FULL_CODES: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/** The writer over a target that is visible while it is written, with a journal beside it. */
export class T2rLiveWriter implements Writer {
  readonly losses: Losses;
  readonly #encoder = new T2rEncoder(LIVE_LEVEL);
  readonly #target: Target;
  readonly #isSynced: boolean;
  #journal: JournalWriter | undefined;
  /** Events in all blocks so far. */
  #blockStart = 0;
  /** Time of the open block's first output. */
  #firstOutput: number | undefined;
  /** Blocks whose events the journal holds. */
  #journalBlocks = 0;
  #renewing: Promise<void> | undefined;
  #isFileSynced = false;
  /** Times of the last event, and of the first that could not be written. */
  #lastTime = 0;
  #lostTime: number | undefined;
  readonly sync?: () => Promise<void>;

  constructor(target: Target, { synced = false }: EncodeOptions = {}) {
    this.#target = target;
    this.#isSynced = synced && target.sync !== undefined;
    if (this.#isSynced) this.sync = () => this.#sync();
    this.losses = this.#encoder.losses;
  }

  header(header: Header): void {
    const name = this.#target.name.slice(this.#target.name.lastIndexOf("/") + 1);
    this.#journal = new JournalWriter(this.#target.sibling(journalName(name)));
    this.#target.reserve?.(RESERVE_BYTES);
    this.#target.write(this.#encoder.header(header));
    this.#beginJournal();
  }

  /** Gives a promise where the journal has to be begun anew first. */
  events(batch: Batch): void | Promise<void> {
    const last = batch.at(-1);
    if (this.#journal === undefined || last === undefined) return;
    for (const event of batch) checkSize(event);
    this.#lostTime = batch[0]?.time;
    this.#encoder.add(batch, this.#journal.events(batch, this.#encoder.eventCount));
    this.#lastTime = last.time;
    this.#lostTime = undefined;
    this.#firstOutput ??= batch.find((event) => event.kind === "output")?.time;
    if (this.#isFull(last.time)) return this.#closeBlock(this.#journal);
  }

  end(): void {
    this.#finish();
  }

  /**
   * A full disk: says so in the recording, and ends it with what was held for that. Where it does not fit even so, the file
   * stays unfinished, and the journal beside it.
   */
  giveUp(error: unknown): boolean {
    if (this.#journal === undefined || !isDiskFull(error)) return false;
    this.#target.reserve?.(0);
    const time = this.#lostTime ?? this.#lastTime;
    const gap = [customEvent(time, "t2a.gap", { reason: "disk-full", startNs: time })];
    try {
      this.#encoder.add(gap, this.#journal.events(gap, this.#encoder.eventCount));
      this.#finish(BEST_LEVEL);
      return true;
    } catch (failure) {
      if (isDiskFull(failure)) return false; // who waits for this was told of the first
      throw failure;
    }
  }

  #finish(level?: number): void {
    const write = (bytes: Uint8Array) => void this.#target.write(bytes);
    this.#encoder.flush(write, level);
    write(this.#encoder.tail());
    // Only when the file is safe: commit makes every file so before it removes one.
    this.#journal?.removeOnCommit();
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
    this.#encoder.flush((bytes) => void this.#target.write(bytes));
    this.#target.reserve?.(RESERVE_BYTES * Math.ceil((LAST_BLOCK_BYTES + this.#encoder.indexBytes) / RESERVE_BYTES));
    this.#blockStart = this.#encoder.eventCount;
    this.#firstOutput = undefined;
    this.#journalBlocks++;
    if (!this.#isSynced) this.#beginJournal();
    else if (journal.size >= JOURNAL_BYTES || this.#journalBlocks >= JOURNAL_BLOCKS) return this.#renewJournal();
  }

  /** Nothing is written meanwhile: what came would be in neither. */
  async #renewJournal(): Promise<void> {
    this.#renewing = this.#syncFile();
    await this.#renewing;
    this.#renewing = undefined;
    this.#beginJournal();
  }

  #beginJournal(): void {
    this.#journalBlocks = 0;
    this.#journal?.begin(this.#encoder.chain(), this.#encoder.eventCount);
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof StoreError && FULL_CODES.includes(error.details.systemCode);
}
