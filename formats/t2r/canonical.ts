// The canonical form of a recording, and the SHA-256 that runs over it. It depends on the header and the events alone,
// not on blocks or compression, so that rewriting a file, or taking it through json and back, keeps the proof.
import { createHash } from "node:crypto";
import type { Batch, Event, Header } from "../../src/core/index.js";
import { headerToJson } from "../json/header-json.js";
import { KIND_NUMBERS } from "./block.js";

/** Bytes gathered before they are hashed. */
const HASH_BYTES = 64 * 1024;
/** Memory at first. */
const FIRST_BYTES = 4096;
/** The canonical form has numbers of 8 bytes. */
const NUMBER_BYTES = 8;

/** Events in their canonical form, gathered in memory that grows and is used again. */
export class CanonicalWriter {
  readonly #start: number;
  #buffer: Buffer;
  #length: number;

  /** `start`: bytes left free before the first event, for the caller to fill. */
  constructor(start = 0) {
    this.#start = start;
    this.#buffer = Buffer.allocUnsafe(FIRST_BYTES);
    this.#length = start;
  }

  get length(): number {
    return this.#length;
  }

  event(event: Event): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = KIND_NUMBERS[event.kind];
    this.#number(event.time);
    this.#text(event.meta === undefined ? "" : JSON.stringify(event.meta));
    if (event.kind === "output" || event.kind === "input") this.#bytes(event.data);
    else if (event.kind === "resize") {
      this.#number(event.cols);
      this.#number(event.rows);
    } else if (event.kind === "marker") this.#text(event.label);
    else if (event.kind === "exit") this.#number(event.status);
    else {
      this.#text(event.code);
      this.#bytes(event.data);
    }
  }

  /** What was written, the free bytes before it included; valid until the next event after a `reset`. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  reset(): void {
    this.#length = this.#start;
  }

  /** As `reset`, and gives back memory that much took. */
  shrink(): void {
    this.reset();
    if (this.#buffer.length > FIRST_BYTES) this.#buffer = Buffer.allocUnsafe(FIRST_BYTES);
  }

  #number(value: number): void {
    this.#reserve(NUMBER_BYTES);
    const high = Math.floor(value / 2 ** 32);
    this.#length = this.#buffer.writeUInt32LE(value - high * 2 ** 32, this.#length);
    this.#length = this.#buffer.writeInt32LE(high, this.#length);
  }

  #text(text: string): void {
    if (text === "") this.#number(0);
    else this.#bytes(Buffer.from(text, "utf8"));
  }

  #bytes(bytes: Uint8Array): void {
    this.#number(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** A running digest. */
export class CanonicalHash {
  readonly #hash = createHash("sha256");
  readonly #writer = new CanonicalWriter();

  header(header: Header): void {
    this.#hash.update(`t2r1\n${canonicalHeader(header)}\n`);
  }

  events(batch: Batch): void {
    for (const event of batch) this.event(event);
  }

  event(event: Event): void {
    this.#writer.event(event);
    if (this.#writer.length >= HASH_BYTES) this.#flush();
  }

  /** Events that are in their canonical form already. */
  canonical(bytes: Uint8Array): void {
    this.#flush();
    this.#hash.update(bytes);
  }

  /** The digest of everything so far. */
  value(): Uint8Array {
    this.#flush();
    return this.#hash.copy().digest();
  }

  #flush(): void {
    this.#hash.update(this.#writer.view());
    this.#writer.reset();
  }
}

/** The header as it is stored and hashed: JSON without spaces, the keys of all objects in order of their code units. */
export function canonicalHeader(header: Header): string {
  return canonicalJson(headerToJson(header));
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(",")}}`;
}
