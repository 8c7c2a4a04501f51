// Finds the queries in a stream of output: control functions that a terminal answers. Cut anywhere; nearly free where there are
// none, as a recorder runs it over everything.
import { joinBytes } from "./byte-writer.js";

const ESC = 0x1b;
const BEL = 0x07;
const NOTHING = new Uint8Array(0);

/** Longer control sequences are no queries; longer strings may be (many palette entries at once), up to this. */
const MAX_SEQUENCE_BYTES = 64;
const MAX_STRING_BYTES = 2048;

/** Finals of CSI queries: device attributes, status, mode requests, XTVERSION, window reports, kitty keyboard. */
const QUERY_FINALS = new Set([..."cnpqtu"].map((final) => final.charCodeAt(0)));

/** A query: its text after ESC without a string's terminator, that terminator, and where the chunk goes on behind it. */
export interface Query {
  readonly text: string;
  /** BEL or ST for strings, else empty. */
  readonly terminator: string;
  /** Offset in the chunk just behind the query. */
  readonly end: number;
}

/** Yields what may be queries; the beginning of one that a chunk's end cuts is kept for the next chunk. */
export class QueryScanner {
  #held: Uint8Array = NOTHING;

  /** Bytes at the end of what was scanned that may become a query. */
  get openBytes(): number {
    return this.#held.length;
  }

  /** The candidates of this chunk, in order. `end` counts from the chunk's start. */
  scan(chunk: Uint8Array): readonly Query[] {
    if (this.#held.length === 0 && chunk.indexOf(ESC) < 0) return NO_QUERIES;
    const before = this.#held.length;
    const bytes = joinBytes(this.#held, chunk);
    this.#held = NOTHING;
    const queries: Query[] = [];
    let at = bytes.indexOf(ESC);
    while (at >= 0) {
      const found = readQuery(bytes, at);
      if (found === "cut") {
        this.#held = bytes.slice(at);
        break;
      }
      if (found !== undefined) queries.push({ ...found, end: found.end - before });
      at = bytes.indexOf(ESC, at + 1);
    }
    return queries;
  }
}

const NO_QUERIES: readonly Query[] = [];

function readQuery(bytes: Uint8Array, start: number): Query | "cut" | undefined {
  switch (bytes[start + 1]) {
    case undefined:
      return "cut";
    case 0x5b:
      return readCsi(bytes, start);
    case 0x5d:
    case 0x50:
      return readString(bytes, start);
    case 0x5a:
      return { text: "Z", terminator: "", end: start + 2 };
    default:
      return undefined;
  }
}

function readCsi(bytes: Uint8Array, start: number): Query | "cut" | undefined {
  const limit = Math.min(bytes.length, start + MAX_SEQUENCE_BYTES);
  for (let at = start + 2; at < limit; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x20 && byte < 0x40) continue;
    if (!QUERY_FINALS.has(byte)) return undefined;
    return { text: latin1(bytes, start + 1, at + 1), terminator: "", end: at + 1 };
  }
  return bytes.length - start < MAX_SEQUENCE_BYTES ? "cut" : undefined;
}

/** OSC 4, 10-12 and DCS $q, +q; all other strings are passed over at their second or third byte. */
function readString(bytes: Uint8Array, start: number): Query | "cut" | undefined {
  const isOsc = bytes[start + 1] === 0x5d;
  const limit = Math.min(bytes.length, start + MAX_STRING_BYTES);
  for (let at = start + 2; at < limit; at++) {
    const byte = bytes[at] ?? 0;
    const isBell = byte === BEL && isOsc;
    if (byte === ESC && at + 1 === bytes.length) return "cut";
    if (isBell || (byte === ESC && bytes[at + 1] === 0x5c)) {
      const terminator = isBell ? "\x07" : "\x1b\\";
      return { text: latin1(bytes, start + 1, at), terminator, end: at + terminator.length };
    }
    if (byte < 0x20 || (at < start + 4 && !mayBeQuery(isOsc, at - start, byte))) return undefined;
  }
  return bytes.length - start < MAX_STRING_BYTES ? "cut" : undefined;
}

/** Offsets count from ESC: `ESC ] 4 ;`, `ESC ] 1 0 ;`, `ESC P $ q`, `ESC P + q`. */
function mayBeQuery(isOsc: boolean, offset: number, byte: number): boolean {
  const character = String.fromCharCode(byte);
  if (isOsc) return offset === 2 ? "14".includes(character) : "012;".includes(character);
  return offset === 2 ? "$+".includes(character) : character === "q";
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
