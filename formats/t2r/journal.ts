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
  }
}

/** Where the checksum of a journal's entries begins: entries of an earlier one, behind those of this, are never taken for its. */
function entrySeed(chain: Uint8Array): number {
  return Buffer.from(chain).readUInt32LE(0);
}

/** What a journal holds, up to the first entry that is not whole. */
export interface Journal {
  /** Chain of the recording where the journal takes up; undefined where the journal's head is damaged. */
  readonly chain: Uint8Array | undefined;
  /** Events of the recording before it. */
  readonly eventsBefore: number;
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
  readonly events: Event[];
}

/** Why a journal is not good for what follows so many events; undefined where nothing is wrong. */
export function journalProblem(
  { chain, eventsBefore, events, damagedAt }: Journal,
  following: readonly Event[] | undefined,
  eventsRead: number,
): string | undefined {
  if (chain === undefined) {
    // A recorder that died while it began its journal anew had all that was in the old one in blocks.
    return eventsBefore + events.length > eventsRead ? "the head of the journal is damaged" : undefined;
  }
  if (following === undefined && eventsBefore > eventsRead) {
    return `the journal takes up behind event ${eventsBefore}, which is not here`;
  }
  return following === undefined || damagedAt === undefined
    ? undefined
    : `the journal is damaged at its byte ${damagedAt}`;
}

/** Where a journal may take up in what was read of its recording: behind the header, or behind one of the last two blocks. */
export class JournalPlaces {
  #places: { readonly chain: Uint8Array; readonly events: number }[] = [];

  /** A place, with the recording's chain there and the events read before it. */
  add(chain: Uint8Array, events: number): void {
    this.#places = [...this.#places.slice(-1), { chain, events }];
  }

  copy(): JournalPlaces {
    const copy = new JournalPlaces();
    copy.#places = this.#places;
    return copy;
  }

  get chains(): readonly Uint8Array[] {
    return this.#places.map(({ chain }) => chain);
  }

  /** Something is lost: no journal takes up before it. */
  clear(): void {
    this.#places = [];
  }

  /** The journal's events behind the `events` that were read, up to `time`; undefined where it is another recording's. */
  following(journal: Journal, events: number, time: number): readonly Event[] | undefined {
    const place = this.#places.find(({ chain }) => journal.chain !== undefined && equalBytes(chain, journal.chain));
    const following = place === undefined ? undefined : journal.events.slice(events - place.events);
    return (following?.[0]?.time ?? time) < time ? undefined : following;
  }
}

/** Reads the journal beside a source; undefined where there is none, or a head that was not written to its end.
 * `chains`: where it may take up, in case that its head is damaged. */
export async function readJournal(source: Source, chains: readonly Uint8Array[] = []): Promise<Journal | undefined> {
  if (!source.supports.siblings) return undefined;
  const journal = await source.sibling(journalName(baseName(source.name)));
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

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function parseJournal(bytes: Buffer, chains: readonly Uint8Array[]): Journal | undefined {
  const head = bytes.subarray(0, HEAD_BYTES);
  if (head.length < HEAD_BYTES) return undefined; // begun, no more
  const isWhole = equalBytes(checksum(head.subarray(0, SEALED_BYTES)), head.subarray(SEALED_BYTES));
  const chain = Uint8Array.from(head.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES));
  if (isWhole) {
    if (!equalBytes(head.subarray(0, MAGIC.length), MAGIC)) return undefined; // another version
    const eventsBefore = Number(head.readBigUInt64LE(MAGIC.length + DIGEST_BYTES));
    return { chain, eventsBefore, ...parseEntries(bytes, eventsBefore, entrySeed(chain)) };
  }
  // The first entry tells what the head no longer does: what checksums began with, and its number.
  const seed = [chain, ...chains].map(entrySeed).find((candidate) => entrySize(bytes, HEAD_BYTES, candidate));
  const eventsBefore = seed === undefined ? 0 : entryNumber(bytes, HEAD_BYTES);
  const events = seed === undefined ? [] : parseEntries(bytes, eventsBefore, seed).events;
  return { chain: undefined, eventsBefore, events, later: [], signatures: [] };
}

function parseEntries(
  bytes: Buffer,
  eventsBefore: number,
  seed: number,
): Pick<Journal, "events" | "damagedAt" | "later" | "signatures"> {
  const first: JournalRun = { firstEvent: eventsBefore, events: [] };
  const later: JournalRun[] = [];
  const search = { budget: MAX_SEARCHED_BYTES };
  const signatures = new FarthestSignatures();
  let run = first;
  let damagedAt: number | undefined;
  let time = 0;
  for (let offset: number | undefined = HEAD_BYTES; offset !== undefined; ) {
    const next: number = run.firstEvent + run.events.length;
    const size = entrySize(bytes, offset, seed);
    const isNext = size !== undefined && entryNumber(bytes, offset) === next;
    const read = isNext ? parseEntry(bytes.subarray(offset, offset + size), time) : undefined;
    if (size !== undefined && read !== undefined) {
      for (const event of read) run.events.push(event);
      const signature = later.length === 0 ? signatureIn(bytes.subarray(offset, offset + size)) : undefined;
      if (signature?.events === next) signatures.add(signature);
      time = read.at(-1)?.time ?? time;
      offset += size;
      continue;
    }
    // Behind the last entry stand parts of older ones, whose checksums began with something else.
    const found = findEntry(bytes, offset + 1, next, seed, search);
    if (found !== undefined) {
      damagedAt ??= offset;
      run = { firstEvent: entryNumber(bytes, found), events: [] };
      later.push(run);
    }
    offset = found;
  }
  const damage = damagedAt === undefined ? {} : { damagedAt };
  return { events: first.events, later, signatures: signatures.list(), ...damage };
}

function signatureIn(entry: Buffer): Signature | undefined {
  return entry.readUInt32LE(16) === SIGNATURE_TYPE ? parseSignature(entry.subarray(ENTRY_HEAD_BYTES)) : undefined;
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

/** The events of a whole entry, none of them earlier than `time`; undefined where it holds something else. */
function parseEntry(entry: Buffer, time: number): Event[] | undefined {
  if (entry.readUInt32LE(16) !== EVENTS_TYPE) return [];
  return parseEvents(entry.subarray(ENTRY_HEAD_BYTES), time);
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
