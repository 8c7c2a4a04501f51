// The journal beside a .t2r that is being written: what is not yet in a block. It begins with the place in the recording at
// which it takes up, so that it is never read as the end of another file; each entry is some events in canonical form.
import type { Event, EventMeta, Source } from "../../src/core/index.js";
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

/** Where a journal takes up. */
export interface JournalPlace {
  /** Chain of the recording there. */
  readonly chain: Uint8Array;
  /** Events of the recording before it. */
  readonly eventsBefore: number;
}

/** What a journal holds, up to the first entry that is not whole. */
export interface Journal extends JournalPlace {
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

/** Reads the journal beside a source; undefined where there is none, or none that is whole at its beginning. */
export async function readJournal(source: Source): Promise<Journal | undefined> {
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
  return parseJournal(Buffer.concat(chunks));
}

/** Reads a journal that is being written: each time what came since, without reading anew what it has read. */
export class JournalTail {
  #head: Uint8Array | undefined;
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
      const bytes = this.#head === undefined ? NOTHING : await journal.readRange(this.#at, MAX_JOURNAL_BYTES);
      // The head after the entries: where it is the one known, they were read between two beginnings of the journal.
      const head = await journal.readRange(0, HEAD_BYTES);
      if (this.#head !== undefined && equalBytes(head, this.#head)) {
        const { events, size } = parseEntries(toBuffer(bytes), this.#next);
        const firstEvent = this.#next;
        this.#at += size;
        this.#next += events.length;
        return { firstEvent, events };
      }
      this.#head = undefined;
      const place = parseHead(toBuffer(head));
      if (place === undefined || !isKnown(place)) return undefined;
      this.#head = head;
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

function parseJournal(bytes: Buffer): Journal | undefined {
  const place = parseHead(bytes.subarray(0, HEAD_BYTES));
  if (place === undefined) return undefined;
  return { ...place, events: parseEntries(bytes.subarray(HEAD_BYTES), place.eventsBefore).events };
}

function parseHead(head: Buffer): JournalPlace | undefined {
  const isHead = head.length === HEAD_BYTES && equalBytes(head.subarray(0, MAGIC.length), MAGIC);
  const sealed = HEAD_BYTES - CHECKSUM_BYTES;
  if (!isHead || !equalBytes(checksum(head.subarray(0, sealed)), head.subarray(sealed))) return undefined;
  const chain = Uint8Array.from(head.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES));
  const eventsBefore = Number(head.readBigUInt64LE(MAGIC.length + DIGEST_BYTES));
  return { chain, eventsBefore };
}

/** The events of entries, the first of which has that number; `size`: of the entries that are whole, bytes. */
function parseEntries(bytes: Buffer, firstEvent: number): { readonly events: Event[]; readonly size: number } {
  const events: Event[] = [];
  let at = 0;
  while (at + ENTRY_HEAD_BYTES <= bytes.length) {
    const end = at + ENTRY_HEAD_BYTES + bytes.readUInt32LE(at);
    const entry = bytes.subarray(at, end);
    const isNext = Number(bytes.readBigUInt64LE(at + 4)) === firstEvent + events.length;
    if (end > bytes.length || !isNext || !equalBytes(entryChecksum(entry), entry.subarray(12, ENTRY_HEAD_BYTES))) break;
    const read = parseEvents(entry.subarray(ENTRY_HEAD_BYTES));
    if (read === undefined) break;
    for (const event of read) events.push(event);
    at = end;
  }
  return { events, size: at };
}

/** Events from their canonical form; undefined where it is none. */
function parseEvents(bytes: Buffer): Event[] | undefined {
  const reader = new CanonicalReader(bytes);
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

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Throws RangeError where the bytes end too early or hold no event. */
  event(): Event {
    const kind = this.#bytes.readUInt8(this.#at++);
    const time = this.#number();
    const meta = this.#meta();
    return { ...this.#kind(kind, time), ...(meta === undefined ? {} : { meta }) };
  }

  #kind(kind: number, time: number): Event {
    if (kind === KIND_NUMBERS.output) return { kind: "output", time, data: this.#data() };
    if (kind === KIND_NUMBERS.input) return { kind: "input", time, data: this.#data() };
    if (kind === KIND_NUMBERS.resize) return { kind: "resize", time, cols: this.#number(), rows: this.#number() };
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
