// Writes a .t2r that is being recorded: every event is in the journal before the call returns; when enough has gathered it
// goes into the file as a block, and the journal begins anew: at once, or where power cuts count only when the file is synced.

import { ZSTD_STORED } from "../../src/codec/index.js";
import {
  type Batch,
  type EncodeOptions,
  eventBytes,
  gapEvent,
  type Header,
  type Losses,
  StoreError,
  type Target,
  type Writer,
} from "../../src/core/index.js";
import type { T2rPlace } from "./append.js";
import { BEST_LEVEL, checkSize, T2rEncoder } from "./encoder.js";
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
/** A full block whose events came within so many nanoseconds is stored as it is: packing would hold the program up. */
const BULK_NANOS = 50_000_000;
/** A synced journal that is larger is begun anew behind the next block, in bytes. */
const JOURNAL_BYTES = 4 * 1024 * 1024;
/** Held for a proper end on a full disk, and as much again whenever last block and index need it, in bytes. */
const RESERVE_BYTES = 64 * 1024;
/** Not more: for events that are larger than any reading of a terminal nothing is held. */
const MAX_RESERVE_BYTES = 16 * 1024 * 1024;
/** Of a block, beside its events' data, and of each event, in bytes; what packs at all takes less. */
const BLOCK_OVERHEAD_BYTES = 8 * 1024;
const EVENT_OVERHEAD_BYTES = 16;
/** What the system says where there is no more room. */
const FULL_CODES: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/** The writer over a target that is visible while it is written, with a journal beside it. */
export class T2rLiveWriter implements Writer {
  readonly losses: Losses;
  readonly sync?: () => Promise<void>;
  readonly #encoder: T2rEncoder;
  readonly #target: Target;
  readonly #isSynced: boolean;
  /** Undefined where nobody signs. */
  readonly #signing: SigningTimer | undefined;
  /** Undefined until the recording is begun, or goes on. */
  #journal: JournalWriter | undefined;
  /** Events in all blocks so far. */
  #blockStart = 0;
  /** Time of the open block's first output. */
  #firstOutput: number | undefined;
  /** Blocks whose events the journal holds. */
  #journalBlocks = 0;
  #renewing: Promise<void> | undefined;
  /** The place at which the journal takes up is safe from power cuts. */
  #isFileSynced = false;
  /** Times of the last event, and of the first that could not be written. */
  #lastTime = 0;
  #lostTime: number | undefined;
  #isEnding = false;
  #reserved = 0;
  /** Where an existing recording goes on, until it does. */
  #place: T2rPlace | undefined;

  constructor(target: Target, { signer, synced = false }: EncodeOptions = {}, place?: T2rPlace) {
    this.#encoder = new T2rEncoder({ level: LIVE_LEVEL, signer, place, signatures: place?.journalSignatures });
    this.#place = place;
    this.#target = target;
    this.#signing = signer === undefined ? undefined : new SigningTimer(() => this.#signJournal());
    this.#isSynced = synced && target.sync !== undefined;
    if (this.#isSynced) this.sync = () => this.#sync();
    this.losses = this.#encoder.losses;
  }

  header(header: Header): void {
    this.#reserve();
    const journal = this.#openJournal();
    journal.empty();
    this.#target.write(this.#encoder.header(header));
    this.#beginJournal(journal);
  }

  /** Gives a promise where the journal has to be begun anew first. */
  events(batch: Batch): void | Promise<void> {
    const goingOn = this.#goOn();
    if (goingOn !== undefined) return goingOn.then(() => this.events(batch));
    const last = batch.at(-1);
    if (this.#journal === undefined || last === undefined) return;
    for (const event of batch) checkSize(event);
    this.#lostTime = batch[0]?.time;
    this.#reserve(batch);
    this.#encoder.add(batch, this.#journal.events(batch, this.#encoder.eventCount));
    this.#lastTime = last.time;
    this.#lostTime = undefined;
    this.#firstOutput ??= batch.find((event) => event.kind === "output")?.time;
    this.#signing?.start();
    if (this.#isFull(last.time)) return this.#closeBlock(this.#journal);
  }

  end(): void | Promise<void> {
    const goingOn = this.#goOn();
    if (goingOn !== undefined) return goingOn.then(() => this.end());
    this.#finish();
  }

  /**
   * A full disk: says so in the recording, and ends it with what was held for that. Where it does not fit even so, the file
   * stays unfinished, and the journal beside it.
   */
  giveUp(error: unknown): boolean {
    this.#signing?.stop();
    if (this.#journal === undefined || !isDiskFull(error)) return false;
    this.#target.reserve?.(0);
    try {
      if (!this.#isEnding) this.#addGap(this.#journal);
      this.#finish(BEST_LEVEL);
      return true;
    } catch (failure) {
      if (isDiskFull(failure)) return false; // who waits for this was told of the first
      throw failure;
    }
  }

  /** Whatever instant this ends at: what was there before is read as before, from the file and its journal. */
  #goOn(): Promise<void> | undefined {
    const place = this.#place;
    if (place === undefined) return undefined;
    this.#place = undefined;
    this.#reserve();
    if (place.hasMore) this.#target.cut?.(place.end);
    const journal = this.#openJournal();
    if (!place.isFinished) return this.#takeUp(place, journal);
    journal.empty();
    this.#beginJournal(journal);
    this.#target.write(this.#encoder.generation());
    return undefined;
  }

  /** Goes on where a recorder died: its journal holds the last events until they are in a block, and that is on disk. */
  #takeUp({ journalEvents }: T2rPlace, journal: JournalWriter): Promise<void> | undefined {
    const blocks = Buffer.concat([this.#encoder.events(journalEvents), this.#encoder.flush()]);
    if (blocks.length > 0) this.#target.write(blocks);
    const begin = () => {
      journal.empty();
      this.#beginJournal(journal);
    };
    if (this.#target.sync !== undefined) return this.#syncAlone().then(begin);
    begin();
    return undefined;
  }

  #addGap(journal: JournalWriter): void {
    const time = this.#lostTime ?? this.#lastTime;
    const gap = [gapEvent(time, "disk-full", { startTime: time })];
    this.#encoder.add(gap, journal.events(gap, this.#encoder.eventCount));
  }

  #finish(level?: number): void {
    this.#isEnding = true;
    this.#signing?.stop();
    this.#target.reserve?.(0);
    const write = (bytes: Uint8Array) => void this.#target.write(bytes);
    this.#encoder.writeOpen(write, level);
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

  async #syncFile(): Promise<void> {
    await this.#target.sync?.();
    this.#isFileSynced = true;
  }

  #openJournal(): JournalWriter {
    const name = this.#target.name.slice(this.#target.name.lastIndexOf("/") + 1);
    return new JournalWriter(this.#target.sibling(journalName(name)));
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
    const isBulk = this.#lastTime - (this.#firstOutput ?? 0) < BULK_NANOS;
    this.#encoder.writeOpen((bytes) => void this.#target.write(bytes), isBulk ? ZSTD_STORED : LIVE_LEVEL);
    this.#blockStart = this.#encoder.eventCount;
    this.#firstOutput = undefined;
    this.#journalBlocks++;
    // A recorder of many sessions has each of them print much now and then, and seldom all at once.
    if (!isBulk) {
      this.#encoder.shrink();
      journal.shrink();
    }
    if (!this.#isSynced) this.#beginJournal(journal);
    else if (journal.size >= JOURNAL_BYTES || this.#journalBlocks >= JOURNAL_BLOCKS) return this.#renewJournal(journal);
  }

  async #renewJournal(journal: JournalWriter): Promise<void> {
    await this.#syncAlone();
    this.#beginJournal(journal);
  }

  /** Syncs the file before the journal is begun anew. No event is taken meanwhile: it would be in neither. */
  async #syncAlone(): Promise<void> {
    this.#renewing = this.#syncFile();
    await this.#renewing;
    this.#renewing = undefined;
  }

  /** Every event is in a block, which is signed with it; a power cut can take that one only as long as the journal stands. */
  #beginJournal(journal: JournalWriter): void {
    this.#signing?.stop();
    this.#blockStart = this.#encoder.eventCount;
    this.#journalBlocks = 0;
    journal.begin(this.#encoder.chain(), this.#encoder.eventCount);
    this.#journal = journal;
  }

  #signJournal(): void {
    const signature = this.#encoder.signature();
    if (signature !== undefined) this.#journal?.signature(signature);
  }

  /** What the end of the recording takes on a full disk, with these events in it. */
  #reserve(batch: Batch = []): void {
    let needed = BLOCK_OVERHEAD_BYTES + this.#encoder.indexBytes + this.#encoder.openBytes;
    needed += (this.#encoder.eventCount - this.#blockStart + batch.length) * EVENT_OVERHEAD_BYTES;
    for (const event of batch) needed += eventBytes(event) + (event.kind === "marker" ? event.label.length * 2 : 0);
    if (needed <= this.#reserved) return;
    this.#reserved = Math.min(MAX_RESERVE_BYTES, RESERVE_BYTES * Math.ceil(needed / RESERVE_BYTES));
    this.#target.reserve?.(this.#reserved);
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof StoreError && FULL_CODES.includes(error.details.systemCode);
}
