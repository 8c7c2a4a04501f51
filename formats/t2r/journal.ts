// The journal beside a .t2r that is being written: what is not yet in a block. It begins with the place in the recording at
// which it takes up, so that it is never read as the end of another file; each entry is some events in canonical form.
import type { Event, EventMeta, Signature, Source } from "../../src/core/index.js";
import { asObject } from "../json-values.js";
import { KIND_NUMBERS } from "./block.js";
import { checksum, equalBytes } from "./frame.js";
import { CHECKSUM_BYTES, DIGEST_BYTES, MAX_BLOCK_BYTES } from "./layout.js";
import { FarthestSignatures, parseSignature, signaturePayload } from "./signature.js";

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
/** Begins an entry that is a signature: no kind of event. */
const SIGNATURE_MARK = Uint8Array.of(0);
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

/** An entry that signs all events before it. */
export function journalSignature(signature: Signature): Uint8Array {
  return journalEntry(Buffer.concat([SIGNATURE_MARK, signaturePayload(signature)]), signature.events);
}

/** Over the size, the number and the payload. */
function entryChecksum(entry: Uint8Array): Uint8Array {
  return checksum(entry.subarray(0, 12), entry.subarray(ENTRY_HEAD_BYTES));
}

/** What a journal holds, up to the first entry that is not whole. */
export interface Journal {
  /** Chain of the recording where the journal takes up. */
  readonly chain: Uint8Array;
  /** Events of the recording before it. */
  readonly eventsBefore: number;
  readonly events: readonly Event[];
  /** Of each key the one that covers most; none was looked at. */
  readonly signatures: readonly Signature[];
}

/** Reads the journal beside a source; undefined where there is none, or none that is whole at its beginning. */
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
  const head = bytes.subarray(0, HEAD_BYTES);
  const isHead = head.length === HEAD_BYTES && equalBytes(head.subarray(0, MAGIC.length), MAGIC);
  const sealed = HEAD_BYTES - CHECKSUM_BYTES;
  if (!isHead || !equalBytes(checksum(head.subarray(0, sealed)), head.subarray(sealed))) return undefined;
  const chain = Uint8Array.from(head.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES));
  const eventsBefore = Number(head.readBigUInt64LE(MAGIC.length + DIGEST_BYTES));
  const events: Event[] = [];
  const signatures = new FarthestSignatures();
  for (let at = HEAD_BYTES; at + ENTRY_HEAD_BYTES <= bytes.length; ) {
    const end = at + ENTRY_HEAD_BYTES + bytes.readUInt32LE(at);
    const entry = bytes.subarray(at, end);
    const isNext = Number(bytes.readBigUInt64LE(at + 4)) === eventsBefore + events.length;
    if (end > bytes.length || !isNext || !equalBytes(entryChecksum(entry), entry.subarray(12, ENTRY_HEAD_BYTES))) break;
    const payload = entry.subarray(ENTRY_HEAD_BYTES);
    if (payload[0] === SIGNATURE_MARK[0]) {
      const signature = parseSignature(payload.subarray(SIGNATURE_MARK.length));
      if (signature?.events === eventsBefore + events.length) signatures.add(signature);
    } else {
      const read = parseEvents(payload);
      if (read === undefined) break;
      for (const event of read) events.push(event);
    }
    at = end;
  }
  return { chain, eventsBefore, events, signatures: signatures.list() };
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
