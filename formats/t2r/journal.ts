// The journal beside a .t2r that is being written: what is not yet in a block. It begins with the place in the recording at
// which it takes up, so that it is never read as the end of another file; each entry is some events in canonical form.
import { type Event, type EventMeta, MAX_CELLS, type Source } from "../../src/core/index.js";
import { asObject } from "../json-values.js";
import { KIND_NUMBERS } from "./block.js";
import { checksum, equalBytes } from "./frame.js";
import { CHECKSUM_BYTES, DIGEST_BYTES, MAX_BLOCK_BYTES } from "./layout.js";

/** What the journal of a file is called, beside it. */
export function journalName(name: string): string {
  return `${name}-journal`;
}

/** `t2rj`, the version, three zeros. */
const MAGIC = Uint8Array.of(0x74, 0x32, 0x72, 0x6a, 1, 0, 0, 0);
/** Magic, chain, number of events before, checksum. */
const HEAD_BYTES = MAGIC.length + DIGEST_BYTES + 8 + CHECKSUM_BYTES;
/** Size of the payload, number of its first event, checksum. */
const ENTRY_HEAD_BYTES = 4 + 8 + CHECKSUM_BYTES;
/** A journal that is larger was not written by t2a, which clears it with each block. */
const MAX_JOURNAL_BYTES = 2 * MAX_BLOCK_BYTES;

/** The beginning of a journal that takes up behind so many events, whose chain is that. */
export function journalHead(chain: Uint8Array, events: number): Uint8Array {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes.set(MAGIC, 0);
  bytes.set(chain, MAGIC.length);
  bytes.writeBigUInt64LE(BigInt(events), MAGIC.length + DIGEST_BYTES);
  bytes.set(checksum(bytes.subarray(0, HEAD_BYTES - CHECKSUM_BYTES)), HEAD_BYTES - CHECKSUM_BYTES);
  return bytes;
}

/** An entry: events in canonical form, the first of which has that number in the recording, from 0. */
export function journalEntry(canonical: Uint8Array, firstEvent: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(ENTRY_HEAD_BYTES + canonical.length);
  bytes.writeUInt32LE(canonical.length, 0);
  bytes.writeBigUInt64LE(BigInt(firstEvent), 4);
  bytes.set(canonical, ENTRY_HEAD_BYTES);
  bytes.set(entryChecksum(bytes), 12);
  return bytes;
}

/** Over the size, the number and the payload. */
function entryChecksum(entry: Uint8Array): Uint8Array {
  return checksum(entry.subarray(0, 12), entry.subarray(ENTRY_HEAD_BYTES));
}

/** What a journal holds, up to the first entry that is not whole. */
export interface Journal {
  /** Chain of the recording where the journal takes up; undefined where the journal's head is damaged. */
  readonly chain: Uint8Array | undefined;
  /** Events of the recording before it. */
  readonly eventsBefore: number;
  readonly events: readonly Event[];
  /** The first byte that is damaged. An entry at the end that was not written to its end is no damage. */
  readonly damagedAt?: number;
  /** What is whole behind damage. */
  readonly later: readonly JournalRun[];
}

/** Events that follow one another. */
export interface JournalRun {
  /** Number of the first in the recording, from 0. */
  readonly firstEvent: number;
  readonly events: Event[];
}

/** Where a journal may take up in what was read of its recording: behind the header, or behind one of the last two blocks. */
export class JournalPlaces {
  #places: { readonly chain: Uint8Array; readonly events: number }[] = [];

  /** A place, with the recording's chain there and the events read before it. */
  add(chain: Uint8Array, events: number): void {
    this.#places = [...this.#places.slice(-1), { chain, events }];
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

/** Reads the journal beside a source; undefined where there is none, or a head that was not written to its end. */
export async function readJournal(source: Source): Promise<Journal | undefined> {
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
  return parseJournal(Buffer.concat(chunks));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function parseJournal(bytes: Buffer): Journal | undefined {
  if (bytes.length < HEAD_BYTES) return undefined; // begun, no more
  const { chain, eventsBefore } = parseHead(bytes.subarray(0, HEAD_BYTES)) ?? {
    chain: undefined,
    eventsBefore: bytes.length < HEAD_BYTES + ENTRY_HEAD_BYTES ? 0 : Number(bytes.readBigUInt64LE(HEAD_BYTES + 4)),
  };
  const { runs, damagedAt } = parseRuns(bytes, eventsBefore);
  const [first, ...later] = runs;
  return { chain, eventsBefore, events: first?.events ?? [], later, ...(damagedAt === undefined ? {} : { damagedAt }) };
}

function parseRuns(bytes: Buffer, eventsBefore: number): { runs: readonly JournalRun[]; damagedAt?: number } {
  const runs: JournalRun[] = [];
  let run: JournalRun = { firstEvent: eventsBefore, events: [] };
  let damagedAt: number | undefined;
  let time = 0;
  let next = eventsBefore;
  for (let offset = HEAD_BYTES; offset < bytes.length; ) {
    const size = entrySize(bytes, offset);
    const read = size === undefined ? undefined : parseEntry(bytes.subarray(offset, offset + size), next, time);
    if (size !== undefined && read !== undefined) {
      for (const event of read) run.events.push(event);
      next += read.length;
      time = read.at(-1)?.time ?? time;
      offset += size;
      continue;
    }
    const found = findEntry(bytes, offset + 1, next);
    if (size !== undefined || found !== undefined) damagedAt ??= offset;
    if (found === undefined) break;
    runs.push(run);
    next = Number(bytes.readBigUInt64LE(found + 4));
    run = { firstEvent: next, events: [] };
    offset = found;
  }
  return { runs: [...runs, run], ...(damagedAt === undefined ? {} : { damagedAt }) };
}

/** The whole size of the entry at `offset` as it states it; undefined where the journal ends before that. */
function entrySize(bytes: Buffer, offset: number): number | undefined {
  if (offset + ENTRY_HEAD_BYTES > bytes.length) return undefined;
  const size = ENTRY_HEAD_BYTES + bytes.readUInt32LE(offset);
  return offset + size > bytes.length ? undefined : size;
}

/** Where the next whole entry begins that holds events behind the one of number `event`. */
function findEntry(bytes: Buffer, from: number, event: number): number | undefined {
  let hashed = 0;
  for (let at = from; at + ENTRY_HEAD_BYTES <= bytes.length && hashed < MAX_JOURNAL_BYTES; at++) {
    const size = entrySize(bytes, at);
    const first = bytes.readUInt32LE(at + 4) + bytes.readUInt32LE(at + 8) * 2 ** 32;
    if (size === undefined || first <= event || first > event + MAX_JOURNAL_BYTES) continue;
    const entry = bytes.subarray(at, at + size);
    if (equalBytes(entryChecksum(entry), entry.subarray(12, ENTRY_HEAD_BYTES))) return at;
    hashed += size;
  }
  return undefined;
}

/** Undefined where it is damaged. */
function parseHead(head: Buffer): Pick<Journal, "chain" | "eventsBefore"> | undefined {
  const sealed = HEAD_BYTES - CHECKSUM_BYTES;
  const isHead = equalBytes(head.subarray(0, MAGIC.length), MAGIC);
  if (!isHead || !equalBytes(checksum(head.subarray(0, sealed)), head.subarray(sealed))) return undefined;
  return {
    chain: Uint8Array.from(head.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES)),
    eventsBefore: Number(head.readBigUInt64LE(MAGIC.length + DIGEST_BYTES)),
  };
}

/** The events of an entry, the first of which has that number and no earlier time; undefined where it is none. */
function parseEntry(entry: Buffer, firstEvent: number, time: number): Event[] | undefined {
  const isNext = Number(entry.readBigUInt64LE(4)) === firstEvent;
  if (!isNext || !equalBytes(entryChecksum(entry), entry.subarray(12, ENTRY_HEAD_BYTES))) return undefined;
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
