// The journal beside a .t2r that is being written: what is not yet in a block. It begins with the place in the recording at
// which it takes up, so that it is never read as the end of another file; each entry is some events in canonical form.
import { crc32 } from "../../src/codec/index.js";
import type { Batch, Event, EventMeta, Signature, Source, Target } from "../../src/core/index.js";
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
/** A journal that is larger was not written by t2a, which begins it anew long before. */
const MAX_JOURNAL_BYTES = 2 * MAX_BLOCK_BYTES;

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
    head.set(checksum(head.subarray(0, HEAD_BYTES - CHECKSUM_BYTES)), HEAD_BYTES - CHECKSUM_BYTES);
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

/** What a journal holds, up to the first entry that is not whole. */
export interface Journal extends JournalPlace {
  readonly events: readonly Event[];
  /** Of each key the one that covers most; none was looked at. */
  readonly signatures: readonly Signature[];
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

function parseJournal(bytes: Buffer): Journal | undefined {
  const place = parseHead(bytes.subarray(0, HEAD_BYTES));
  if (place === undefined) return undefined;
  const { events, signatures } = parseEntries(bytes.subarray(HEAD_BYTES), place, place.eventsBefore);
  return { ...place, events, signatures };
}

function parseHead(head: Buffer): JournalPlace | undefined {
  const isHead = head.length === HEAD_BYTES && equalBytes(head.subarray(0, MAGIC.length), MAGIC);
  const sealed = HEAD_BYTES - CHECKSUM_BYTES;
  if (!isHead || !equalBytes(checksum(head.subarray(0, sealed)), head.subarray(sealed))) return undefined;
  const chain = Uint8Array.from(head.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES));
  const eventsBefore = Number(head.readBigUInt64LE(MAGIC.length + DIGEST_BYTES));
  return { chain, eventsBefore };
}

/** Entries that are whole. */
interface Entries {
  readonly events: Event[];
  readonly signatures: readonly Signature[];
  /** Bytes. */
  readonly size: number;
}

/** The entries of a journal that takes up at that place; `firstEvent` is the number of the event that the first one holds. */
function parseEntries(bytes: Buffer, { chain }: JournalPlace, firstEvent: number): Entries {
  const seed = entrySeed(chain);
  const events: Event[] = [];
  const signatures = new FarthestSignatures();
  let at = 0;
  while (at + ENTRY_HEAD_BYTES <= bytes.length) {
    const end = at + ENTRY_HEAD_BYTES + bytes.readUInt32LE(at + 4);
    const isNext = Number(bytes.readBigUInt64LE(at + 8)) === firstEvent + events.length;
    if (end > bytes.length || !isNext || crc32(bytes.subarray(at + 4, end), seed) !== bytes.readUInt32LE(at)) break;
    const payload = bytes.subarray(at + ENTRY_HEAD_BYTES, end);
    const type = bytes.readUInt32LE(at + 16);
    if (type === EVENTS_TYPE) {
      const read = parseEvents(payload);
      if (read === undefined) break;
      for (const event of read) events.push(event);
    }
    const signature = type === SIGNATURE_TYPE ? parseSignature(payload) : undefined;
    if (signature?.events === firstEvent + events.length) signatures.add(signature);
    at = end;
  }
  return { events, signatures: signatures.list(), size: at };
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
