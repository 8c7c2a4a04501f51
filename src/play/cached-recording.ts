// Makes a recording that can only be read from its beginning one that can be entered anywhere: its events are kept packed in
// memory as they are read, and the screens that are passed become keyframes. What does not fit is read again.
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Batch,
  ByteCache,
  type Event,
  eventBytes,
  type Header,
  type Keyframe,
  MAX_BATCH_EVENTS,
  type Outline,
  type Place,
  type Recording,
  type SeekableRecording,
  StoreError,
} from "../core/index.js";
import { KEYFRAME_DISTANCE, SCREEN_ENGINE } from "../terminal/index.js";
import { settledOrAborted } from "./interruptible.js";
import { OutlineMaker } from "./outline.js";
import { type PackedBytes, packBytes, packEvents, unpackBytes, unpackEvents } from "./packed-events.js";
import type { KeyframeKeeper } from "./playable-recording.js";

/** Bytes of packed events and keyframes that are kept by default: enough for a recording of about a gigabyte. */
export const MAX_CACHE_BYTES = 64 * 1024 * 1024;
/** What an entry costs beside its bytes, about. */
const ENTRY_BYTES = 200;
/** Packing a block that is larger, a huge event, would hold up the event loop: it is kept as it is. */
const MAX_PACKED_BYTES = 2 * 1024 * 1024;
/** A restored screen goes on from here: one block read. */
const { outputBytes: BLOCK_BYTES, events: BLOCK_EVENTS } = KEYFRAME_DISTANCE;

/** How to read a recording more than once. */
export interface CachedRecordingOptions {
  /** Opens it from its start: once, and again where something is needed that is no longer kept. It is closed by the cache. */
  open(): Promise<Recording>;
  /** Bytes of packed events and keyframes kept in memory; {@link MAX_CACHE_BYTES} by default. */
  readonly maxCacheBytes?: number | undefined;
  /** Bytes of events that `readAhead` reads in all: what is kept elsewhere while it is read must not grow without end. */
  readonly maxAheadBytes?: number | undefined;
  /** It is still being written and `open` follows it: aborted when all that was there at first is read. */
  readonly live?: AbortSignal | undefined;
}

/** Events that are read and closed: they are packed. */
interface Block {
  readonly first: number;
  readonly events: number;
  /** Data of all of them. */
  readonly bytes: number;
  /** Time of the last one, nanoseconds. */
  readonly time: number;
}

/** A keyframe or the events of a block. */
type Kept = PackedBytes | readonly Event[];

/** A recording with its events and keyframes in a bounded memory. */
export class CachedRecording implements SeekableRecording, KeyframeKeeper {
  readonly header: Header;
  readonly engine = SCREEN_ENGINE;
  readonly #options: CachedRecordingOptions;
  readonly #first: Recording;
  readonly #frontier: AsyncIterator<Batch>;
  readonly #cache: ByteCache<string, Kept>;
  readonly #blocks: Block[] = [];
  readonly #keyframes: { readonly events: number; readonly time: number }[] = [];
  readonly #outline = new OutlineMaker();
  readonly #listeners = new Set<() => void>();
  /** Read and not packed yet. */
  #open: Event[] = [];
  #openBytes = 0;
  #openFirst = 0;
  #bytesRead = 0;
  #end: { readonly error?: unknown } | undefined;
  #pulling: Promise<void> | undefined;
  #again: Rereader | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(first: Recording, options: CachedRecordingOptions) {
    this.#options = options;
    this.#first = first;
    this.header = first.header;
    this.#frontier = first.batches[Symbol.asyncIterator]();
    this.#cache = new ByteCache(options.maxCacheBytes ?? MAX_CACHE_BYTES);
    options.live?.addEventListener("abort", () => this.#tell());
  }

  /**
   * Opens it; closing it is the caller's.
   * @throws what `open` throws.
   */
  static async open(options: CachedRecordingOptions): Promise<CachedRecording> {
    return new CachedRecording(await options.open(), options);
  }

  /** Of what was read so far; see `outline.complete`. */
  get duration(): number {
    return this.outline.duration;
  }

  get outline(): Outline {
    return this.#outline.outline;
  }

  /** Events read so far, where all are read that there are and more may be written. */
  get liveEvents(): number | undefined {
    const isLive = this.#options.live?.aborted === true && this.#end === undefined;
    return isLive ? this.#openFirst + this.#open.length : undefined;
  }

  /** Bytes that the cache holds. */
  get cacheBytes(): number {
    return this.#cache.bytes;
  }

  /** Calls back whenever more was read. Gives what ends that. */
  onOutline(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As `readAll`, but no further than the bound for that. */
  async readAhead(signal: AbortSignal): Promise<void> {
    await this.#readOn(signal, this.#options.maxAheadBytes ?? Number.POSITIVE_INFINITY);
  }

  /** Reads to the end, so that the outline is complete; does not throw at damage: whoever reads that far does. */
  async readAll(signal: AbortSignal = new AbortController().signal): Promise<void> {
    await this.#readOn(signal, Number.POSITIVE_INFINITY);
  }

  async keyframe(place: Place): Promise<Keyframe | undefined> {
    for (let at = this.#keyframes.length - 1; at >= 0; at--) {
      const entry = this.#keyframes[at];
      if (entry === undefined || ("time" in place ? entry.time > place.time : entry.events > place.events)) continue;
      const kept = this.#cache.get(keyframeKey(entry.events));
      if (kept !== undefined && "frame" in kept) return { ...entry, state: unpackBytes(kept) };
      this.#keyframes.splice(at, 1); // it had to make room
    }
    return undefined;
  }

  keep({ events, time, saveState }: Parameters<KeyframeKeeper["keep"]>[0], span: number): void {
    let at = this.#keyframes.length;
    while (at > 0 && (this.#keyframes[at - 1]?.events ?? 0) > events) at--;
    const before = this.#keyframes[at - 1];
    const isKnown =
      before !== undefined && before.events > events - span && this.#cache.has(keyframeKey(before.events));
    if (isKnown) return;
    const packed = packBytes(saveState());
    this.#cache.set(keyframeKey(events), packed, packed.frame.length + ENTRY_BYTES);
    if (before?.events !== events) this.#keyframes.splice(at, 0, { events, time });
  }

  async *batchesFrom(first: number): AsyncGenerator<Batch> {
    let next = first;
    while (!this.#closed) {
      const events = next < this.#openFirst ? await this.#packedFrom(next) : this.#open.slice(next - this.#openFirst);
      for (let at = 0; at < events.length; at += MAX_BATCH_EVENTS) yield events.slice(at, at + MAX_BATCH_EVENTS);
      next += events.length;
      if (events.length > 0) continue;
      if (this.#end === undefined) await this.#pull();
      else if ("error" in this.#end) throw this.#end.error;
      else return;
    }
  }

  /** Lets go of the recording. Reading ends. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#first.close(), this.#closeAgain()]);
  }

  async #readOn(signal: AbortSignal, maxBytes: number): Promise<void> {
    while (this.#end === undefined && !signal.aborted && !this.#closed && this.#bytesRead < maxBytes) {
      await settledOrAborted(this.#pull(), signal);
      await nextTurn();
    }
  }

  /** Reads one batch more, for all who wait for one. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#pullBatch().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  async #pullBatch(): Promise<void> {
    try {
      const result = await this.#frontier.next();
      if (result.done === true) this.#finish({});
      else this.#take(result.value);
    } catch (error) {
      this.#finish({ error });
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end = end;
    this.#outline.end();
  }

  #take(batch: Batch): void {
    this.#outline.take(batch);
    for (const event of batch) {
      const bytes = event.kind === "marker" ? event.label.length * 2 : eventBytes(event);
      this.#open.push(event);
      this.#openBytes += bytes;
      this.#bytesRead += bytes;
      if (this.#openBytes >= BLOCK_BYTES || this.#open.length >= BLOCK_EVENTS) this.#closeBlock();
    }
  }

  #closeBlock(): void {
    const time = this.#open.at(-1)?.time ?? 0;
    const block = { first: this.#openFirst, events: this.#open.length, bytes: this.#openBytes, time };
    this.#blocks.push(block);
    this.#keepBlock(block, this.#open);
    this.#openFirst += block.events;
    this.#open = [];
    this.#openBytes = 0;
  }

  #keepBlock({ first, bytes }: Block, events: readonly Event[]): void {
    const packed = bytes > MAX_PACKED_BYTES ? undefined : packEvents(events);
    this.#cache.set(blockKey(first), packed ?? events, packed?.frame.length ?? bytes + events.length * ENTRY_BYTES);
  }

  #kept({ first }: Block): readonly Event[] | undefined {
    const kept = this.#cache.get(blockKey(first));
    return kept !== undefined && "frame" in kept ? unpackEvents(kept) : kept;
  }

  #blockOf(event: number): Block | undefined {
    let low = 0;
    let high = this.#blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#blocks[middle]?.first ?? 0) <= event) low = middle;
      else high = middle;
    }
    return this.#blocks[low];
  }

  /** The events from number `next` to the end of their block. */
  async #packedFrom(next: number): Promise<readonly Event[]> {
    const block = this.#blockOf(next);
    if (block === undefined) return [];
    const events = this.#kept(block) ?? (await this.#readAgain(block));
    return events.slice(next - block.first);
  }

  /** One at a time: all use the same reader, which goes forward. */
  #readAgain(block: Block): Promise<readonly Event[]> {
    const reading = this.#reading.then(async () => {
      const kept = this.#kept(block); // whoever came before may have wanted the same
      if (kept !== undefined || this.#closed) return kept ?? [];
      if (this.#again === undefined || this.#again.next > block.first) {
        await this.#closeAgain();
        this.#again = new Rereader(await this.#options.open());
      }
      const events = this.#closed ? [] : await this.#again.read(block);
      if (this.#closed)
        await this.#closeAgain(); // opened meanwhile
      else this.#keepBlock(block, events);
      return events;
    });
    // Thrown to who asked; the next one may be luckier, with another reader.
    this.#reading = reading.catch(() => this.#closeAgain()).catch(() => {});
    return reading;
  }

  async #closeAgain(): Promise<void> {
    const again = this.#again;
    this.#again = undefined;
    await again?.close();
  }
}

/** Reads a recording another time, forward. */
class Rereader {
  readonly #recording: Recording;
  readonly #iterator: AsyncIterator<Batch>;
  #rest: Batch = [];
  /** Number of the next event. */
  next = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#iterator = recording.batches[Symbol.asyncIterator]();
  }

  /**
   * The block's events.
   * @throws StoreError `T2A_FILE_IO` where they are no longer what they were.
   */
  async read({ first, events, time }: Block): Promise<readonly Event[]> {
    const found: Event[] = [];
    while (found.length < events) {
      if (this.#rest.length === 0) {
        await nextTurn(); // what is passed over may be long
        const result = await this.#iterator.next();
        if (result.done === true) break;
        this.#rest = result.value;
      }
      const skipped = this.#rest.slice(Math.max(0, first - this.next));
      const taken = skipped.slice(0, events - found.length);
      found.push(...taken);
      const used = this.#rest.length - skipped.length + taken.length;
      this.next += used;
      this.#rest = this.#rest.slice(used);
    }
    if (found.length < events || found.at(-1)?.time !== time)
      throw new StoreError("T2A_FILE_IO", "the recording is no longer what it was when it was opened: open it again");
    return found;
  }

  close(): Promise<void> {
    return this.#recording.close();
  }
}

function blockKey(first: number): string {
  return `block ${first}`;
}

function keyframeKey(events: number): string {
  return `keyframe ${events}`;
}
