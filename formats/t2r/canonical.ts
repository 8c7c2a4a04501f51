// The canonical form of a recording, and the SHA-256 that runs over it. It depends on the header and the events alone,
// not on blocks or compression, so that rewriting a file, or taking it through json and back, keeps the proof.
import { createHash } from "node:crypto";
import type { Batch, Event, Header } from "../../src/core/index.js";
import { headerToJson } from "../json/header-json.js";
import { KIND_NUMBERS } from "./block.js";

/** Data longer than this is hashed where it lies. */
const COPY_BYTES = 4096;
const BUFFER_BYTES = 64 * 1024;
/** Room for everything of an event but its texts and data. */
const FIXED_BYTES = 64;

/** A running digest. */
export class CanonicalHash {
  readonly #hash = createHash("sha256");
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #length = 0;

  header(header: Header): void {
    this.#hash.update(`t2r1\n${canonicalHeader(header)}\n`);
  }

  events(batch: Batch): void {
    for (const event of batch) this.event(event);
  }

  event(event: Event): void {
    if (this.#length + FIXED_BYTES > BUFFER_BYTES) this.#flush();
    this.#length = this.#buffer.writeUInt8(KIND_NUMBERS[event.kind], this.#length);
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

  /** The digest of everything so far. */
  value(): Uint8Array {
    this.#flush();
    return this.#hash.copy().digest();
  }

  #number(value: number): void {
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
    if (bytes.length > COPY_BYTES) {
      this.#flush();
      this.#hash.update(bytes);
      return;
    }
    if (this.#length + bytes.length + FIXED_BYTES > BUFFER_BYTES) this.#flush();
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #flush(): void {
    this.#hash.update(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
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
