// The journal beside a .t2r that is being written: what is not yet in a block. It begins with the place in the recording at
// which it takes up, so that it is never read as the end of another file; each entry is some events in canonical form.
import { crc32 } from "../../src/codec/index.js";
import {
  type Batch,
  type Event,
  type EventMeta,
  MAX_CELLS,
  type Signature,
  type Source,
  type Target,
} from "../../src/core/index.js";
import { asObject } from "../json-values.js";
import { KIND_NUMBERS } from "./block.js";
import { CanonicalWriter } from "./canonical.js";
import { checksum, equalBytes } from "./frame.js";
import { CHECKSUM_BYTES, DIGEST_BYTES, MAX_BLOCK_BYTES } from "./layout.js";
import { FarthestSignatures, parseSignature, SIGNATURE_PAYLOAD_BYTES, signaturePayload } from "./signature.js";

/** What the journal of a file is called, beside it. */
export function journalName(name: string): string {
  return `${name}-journal`;
}

/** `t2rj`, the version, three zeros. */
const MAGIC = Uint8Array.of(0x74, 0x32, 0x72, 0x6a, 2, 0, 0, 0);
/** Magic, chain, number of events before, checksum. */
const HEAD_BYTES = MAGIC.length + DIGEST_BYTES + 8 + CHECKSUM_BYTES;
/** CRC-32, size of the payload, number of its first event, type. */
const ENTRY_HEAD_BYTES = 4 + 4 + 8 + 4;
/** Type of the entries that hold events; those of other types are passed over. */
const EVENTS_TYPE = 1;
/** Type of an entry that holds a signature over all events before it. */
const SIGNATURE_TYPE = 2;
/** Bytes of the head that its checksum covers. */
const SEALED_BYTES = HEAD_BYTES - CHECKSUM_BYTES;
/** A journal that is larger was not written by t2a, which begins it anew long before. */
const MAX_JOURNAL_BYTES = 2 * MAX_BLOCK_BYTES;
/** Bytes of what may be entries that are looked at behind damage. */
const MAX_SEARCHED_BYTES = 2 * MAX_BLOCK_BYTES;

/** Writes a journal; begun anew, it is written over from its beginning, so that no disk is freed and taken again. */
export class JournalWriter {
  readonly #target: Target;
  /** An entry is made where it is written from: its head, and behind it events in canonical form. */
  readonly #entry = new CanonicalWriter(ENTRY_HEAD_BYTES);
  #seed = 0;
  #size = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** What stands in the file is of no use any more. */
  empty(): void {
    this.#target.cut?.(0);
  }

  /** Begins it, or begins it anew: what it holds now is of no use any more. It takes up behind so many events. */
  begin(chain: Uint8Array, events: number): void {
    const head = Buffer.alloc(HEAD_BYTES);
    head.set(MAGIC, 0);
    head.set(chain, MAGIC.length);
    head.writeBigUInt64LE(BigInt(events), MAGIC.length + DIGEST_BYTES);
    head.set(checksum(head.subarray(0, SEALED_BYTES)), SEALED_BYTES);
    this.#seed = entrySeed(chain);
    this.#target.rewind?.();
    this.#target.write(head);
    this.#size = head.length;
  }

  /**
   * Writes a batch, whose first event has that number in the recording, from 0; gives its canonical form, valid until the
   * next call. One write for all: a journal that ends inside an entry is good up to it.
   */
  events(batch: Batch, firstEvent: number): Uint8Array {
    this.#entry.reset();
    for (const event of batch) this.#entry.event(event);
    const bytes = this.#entry.view();
    this.#write(bytes, firstEvent, EVENTS_TYPE);
    return bytes.subarray(ENTRY_HEAD_BYTES);
  }

  /** Writes a signature over all events so far. */
  signature(signature: Signature): void {
    const bytes = Buffer.alloc(ENTRY_HEAD_BYTES + SIGNATURE_PAYLOAD_BYTES);
    bytes.set(signaturePayload(signature), ENTRY_HEAD_BYTES);
    this.#write(bytes, signature.events, SIGNATURE_TYPE);
  }

  /** Gives back memory that a large batch took. What `events` gave is void. */
  shrink(): void {
    this.#entry.shrink();
  }

  /** As {@link Target.sync}. */
  async sync(): Promise<void> {
    await this.#target.sync?.();
  }

  /** Bytes since it was begun. */
  get size(): number {
    return this.#size;
  }

  /** The recording is complete without it, once its other files are. */
  removeOnCommit(): void {
    this.#target.removeOnCommit?.();
  }

  /** An entry, whose head is still to be filled. */
  #write(bytes: Buffer, nextEvent: number, type: number): void {
    bytes.writeUInt32LE(bytes.length - ENTRY_HEAD_BYTES, 4);
    bytes.writeBigUInt64LE(BigInt(nextEvent), 8);
    bytes.writeUInt32LE(type, 16);
    bytes.writeUInt32LE(crc32(bytes.subarray(4), this.#seed), 0);
    this.#target.write(bytes);
    this.#size += bytes.length;
  }
}

/** Where the checksum of a journal's entries begins: entries of an earlier one, behind those of this, are never taken for its. */
function entrySeed(chain: Uint8Array): number {
  return Buffer.from(chain).readUInt32LE(0);
}

/** Where a journal takes up. */
export interface JournalPlace {
  /** Chain of the recording there. */
  readonly chain: Uint8Array;
  /** Events of the recording before it. */
  readonly eventsBefore: number;
}

/** What a journal holds. */
export interface Journal extends Pick<JournalPlace, "eventsBefore"> {
  /** Chain of the recording where the journal takes up; undefined where the journal's head is damaged. */
  readonly chain: Uint8Array | undefined;
  /** Up to the first entry that is not whole. */
  readonly events: readonly Event[];
  /** The first byte that is damaged. Whether an entry at the end is damaged or was never written cannot be told. */
  readonly damagedAt?: number;
  /** What is whole behind damage. */
  readonly later: readonly JournalRun[];
  /** Of each key the one that covers most; none was looked at. */
  readonly signatures: readonly Signature[];
}

/** Events that follow one another. */
export interface JournalRun {
  /** Number of the first in the recording, from 0. */
  readonly firstEvent: number;
  readonly events: readonly Event[];
}

/** The journal's file beside a source that has siblings; undefined where there is none. The caller closes it. */
export async function openJournal(source: Source): Promise<Source | undefined> {
  return await source.sibling(journalNameOf(source));
}

/** What the journal beside a source is called. */
export function journalNameOf({ name }: Source): string {
  return journalName(name.slice(name.lastIndexOf("/") + 1));
}

/**
 * Reads the journal beside a source; undefined where there is none, or a head that was not written to its end. `chains`: of
 * the places where it may take up, in case that its head is damaged.
 */
export async function readJournal(source: Source, chains: readonly Uint8Array[] = []): Promise<Journal | undefined> {
  if (!source.supports.siblings) return undefined;
  const journal = await openJournal(source);
  if (journal === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of journal.stream()) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_JOURNAL_BYTES) return undefined;
    }
  } finally {
    await journal.close();
  }
  return parseJournal(Buffer.concat(chunks), chains);
}

/** Reads a journal that is being written: each time what came since, without reading anew what it has read. */
export class JournalTail {
  /** The journal's beginning, and what it says; another once the journal was begun anew. */
  #begun: { readonly head: Uint8Array; readonly place: JournalPlace } | undefined;
  /** Byte behind the last entry that was read, and the number of the event that comes next. */
  #at = 0;
  #next = 0;

  /**
   * What came since: events, the first of which has the number `firstEvent`. Undefined where the journal takes up at no
   * place that `isKnown`, or is being begun anew. What is not whole yet is read the next time.
   */
  async read(
    journal: Source,
    isKnown: (place: JournalPlace) => boolean,
  ): Promise<{ readonly firstEvent: number; readonly events: readonly Event[] } | undefined> {
    for (let tries = 0; tries < MAX_REREADS; tries++) {
      const begun = this.#begun;
      const bytes = begun === undefined ? NOTHING : await journal.readRange(this.#at, MAX_JOURNAL_BYTES);
      // The head after the entries: where it is the one known, they were read before the journal was begun anew.
      const head = await journal.readRange(0, HEAD_BYTES);
      if (begun !== undefined && equalBytes(head, begun.head)) {
        const firstEvent = this.#next;
        const { events, size } = parseEntries(toBuffer(bytes), begun.place, firstEvent);
        this.#at += size;
        this.#next += events.length;
        return { firstEvent, events };
      }
      this.#begun = undefined;
      const place = parseHead(toBuffer(head));
      if (place === undefined || !isKnown(place)) return undefined;
      this.#begun = { head, place };
      this.#at = HEAD_BYTES;
      this.#next = place.eventsBefore;
    }
    return undefined;
  }
}

const NOTHING = new Uint8Array(0);
/** A journal that is begun anew more often while it is read is left to the next time. */
const MAX_REREADS = 4;

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parseJournal(bytes: Buffer, chains: readonly Uint8Array[]): Journal | undefined {
  const head = bytes.subarray(0, HEAD_BYTES);
  if (head.length < HEAD_BYTES) return undefined; // begun, no more
  if (isSealed(head)) {
    const place = parseHead(head);
    return place === undefined ? undefined : { ...place, ...parseRuns(bytes, place) }; // else of another version
  }
  // The first entry tells what the head no longer does: what checksums began with, and its number.
  const chain = [chainIn(head), ...chains].find((one) => entrySize(bytes, HEAD_BYTES, entrySeed(one)) !== undefined);
  if (chain === undefined) return { chain: undefined, eventsBefore: 0, events: [], later: [], signatures: [] };
  const eventsBefore = entryNumber(bytes, HEAD_BYTES);
  const { events } = parseEntries(bytes.subarray(HEAD_BYTES), { chain }, eventsBefore);
  return { chain: undefined, eventsBefore, events, later: [], signatures: [] };
}

function isSealed(head: Buffer): boolean {
  return (
    head.length === HEAD_BYTES && equalBytes(checksum(head.subarray(0, SEALED_BYTES)), head.subarray(SEALED_BYTES))
  );
}

function chainIn(head: Buffer): Uint8Array {
  return Uint8Array.from(head.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES));
}

function parseHead(head: Buffer): JournalPlace | undefined {
  if (!isSealed(head) || !equalBytes(head.subarray(0, MAGIC.length), MAGIC)) return undefined;
  return { chain: chainIn(head), eventsBefore: Number(head.readBigUInt64LE(MAGIC.length + DIGEST_BYTES)) };
}

/** All entries, those behind damage too. */
function parseRuns(bytes: Buffer, place: JournalPlace): Pick<Journal, "events" | "signatures" | "later" | "damagedAt"> {
  const { events, signatures, size } = parseEntries(bytes.subarray(HEAD_BYTES), place, place.eventsBefore);
  const later: JournalRun[] = [];
  const search = { budget: MAX_SEARCHED_BYTES };
  let at = HEAD_BYTES + size;
  let next = place.eventsBefore + events.length;
  let damagedAt: number | undefined;
  for (;;) {
    // Behind the last entry stand parts of older ones, whose checksums began with something else.
    const found = findEntry(bytes, at + 1, next, entrySeed(place.chain), search);
    if (found === undefined) break;
    damagedAt ??= at;
    const firstEvent = entryNumber(bytes, found);
    const run = parseEntries(bytes.subarray(found), place, firstEvent);
    later.push({ firstEvent, events: run.events });
    next = firstEvent + run.events.length;
    at = found + run.size;
  }
  return { events, signatures, later, ...(damagedAt === undefined ? {} : { damagedAt }) };
}

/** Where the next whole entry begins that holds the event of that number or later ones, as far as the budget of bytes goes. */
function findEntry(
  bytes: Buffer,
  from: number,
  event: number,
  seed: number,
  search: { budget: number },
): number | undefined {
  for (let at = from; at + ENTRY_HEAD_BYTES <= bytes.length && search.budget > 0; at++) {
    const number = entryNumber(bytes, at);
    const size = ENTRY_HEAD_BYTES + bytes.readUInt32LE(at + 4);
    if (number < event || !Number.isSafeInteger(number) || at + size > bytes.length) continue;
    if (entrySize(bytes, at, seed) !== undefined) return at;
    search.budget -= size;
  }
  return undefined;
}

/** The whole size of the entry at `offset`; undefined where none stands there that is whole. */
function entrySize(bytes: Buffer, offset: number, seed: number): number | undefined {
  if (offset + ENTRY_HEAD_BYTES > bytes.length) return undefined;
  const size = ENTRY_HEAD_BYTES + bytes.readUInt32LE(offset + 4);
  if (offset + size > bytes.length) return undefined;
  return crc32(bytes.subarray(offset + 4, offset + size), seed) === bytes.readUInt32LE(offset) ? size : undefined;
}

/** Number of the event with which an entry begins. */
function entryNumber(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset + 8) + bytes.readUInt32LE(offset + 12) * 2 ** 32;
}

/** Entries that are whole. */
interface Entries {
  readonly events: Event[];
  readonly signatures: readonly Signature[];
  /** Bytes. */
  readonly size: number;
}

/** The entries of a journal that takes up at that place; `firstEvent` is the number of the event that the first one holds. */
function parseEntries(bytes: Buffer, { chain }: Pick<JournalPlace, "chain">, firstEvent: number): Entries {
  const seed = entrySeed(chain);
  const events: Event[] = [];
  const signatures = new FarthestSignatures();
  let at = 0;
  for (;;) {
    const size = entrySize(bytes, at, seed);
    if (size === undefined || entryNumber(bytes, at) !== firstEvent + events.length) break;
    const payload = bytes.subarray(at + ENTRY_HEAD_BYTES, at + size);
    const type = bytes.readUInt32LE(at + 16);
    if (type === EVENTS_TYPE) {
      const read = parseEvents(payload, events.at(-1)?.time ?? 0);
      if (read === undefined) break;
      for (const event of read) events.push(event);
    }
    const signature = type === SIGNATURE_TYPE ? parseSignature(payload) : undefined;
    if (signature?.events === firstEvent + events.length) signatures.add(signature);
    at += size;
  }
  return { events, signatures: signatures.list(), size: at };
}

/** Events from their canonical form; undefined where it is none. */
function parseEvents(bytes: Buffer, time: number): Event[] | undefined {
  const reader = new CanonicalReader(bytes, time);
  const events: Event[] = [];
  try {
    while (!reader.ended) events.push(reader.event());
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
  return events;
}

class CanonicalReader {
  readonly #bytes: Buffer;
  #at = 0;
  #time: number;

  constructor(bytes: Buffer, time: number) {
    this.#bytes = bytes;
    this.#time = time;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Throws RangeError where the bytes end too early or hold no event. */
  event(): Event {
    const kind = this.#bytes.readUInt8(this.#at++);
    const time = this.#number();
    if (!Number.isSafeInteger(time) || time < this.#time) throw new RangeError("time runs backwards");
    this.#time = time;
    const meta = this.#meta();
    return { ...this.#kind(kind, time), ...(meta === undefined ? {} : { meta }) };
  }

  #kind(kind: number, time: number): Event {
    if (kind === KIND_NUMBERS.output) return { kind: "output", time, data: this.#data() };
    if (kind === KIND_NUMBERS.input) return { kind: "input", time, data: this.#data() };
    if (kind === KIND_NUMBERS.resize) return { kind: "resize", time, cols: this.#cells(), rows: this.#cells() };
    if (kind === KIND_NUMBERS.marker) return { kind: "marker", time, label: this.#text() };
    if (kind === KIND_NUMBERS.exit) return { kind: "exit", time, status: this.#number() };
    if (kind === KIND_NUMBERS.custom) return { kind: "custom", time, code: this.#text(), data: this.#data() };
    throw new RangeError(`no kind of event: ${kind}`);
  }

  #meta(): EventMeta | undefined {
    const text = this.#text();
    return text === "" ? undefined : Object.freeze(asObject(JSON.parse(text)) ?? {});
  }

  #number(): number {
    const value = Number(this.#bytes.readBigInt64LE(this.#at));
    this.#at += 8;
    return value;
  }

  #cells(): number {
    const value = this.#number();
    if (value < 1 || value > MAX_CELLS) throw new RangeError("an impossible size");
    return value;
  }

  #text(): string {
    return Buffer.from(this.#data()).toString("utf8");
  }

  #data(): Uint8Array {
    const length = this.#number();
    if (length < 0 || length > this.#bytes.length - this.#at) throw new RangeError("bytes beyond the end");
    const bytes = Uint8Array.from(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return bytes;
  }
}
