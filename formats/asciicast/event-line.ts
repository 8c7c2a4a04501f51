// Parses one event line of asciicast v2/v3, `[seconds, "code", "text"]`, from bytes to bytes.
// Spec: https://docs.asciinema.org/manual/asciicast/v2/ and /v3/. The common form is read in one pass without making a
// string; every other form, valid or not, is left to JSON.parse, so that nothing damaged gets by.
import { isUtf8 } from "node:buffer";
import { NANOS_PER_SECOND, parseSeconds } from "../../src/core/index.js";
import { isAscii, needsEscape, viewOf } from "../ndjson/plain-words.js";

/** For each byte inside a JSON string: 0 stands for itself, 1 ends or escapes or is forbidden. */
const SPECIAL = new Uint8Array(256).fill(1, 0, 32);
SPECIAL[0x22] = 1;
SPECIAL[0x5c] = 1;

/** What a short escape (`\n`) stands for; 0 where there is no such escape. */
const SHORT = new Uint8Array(256);
for (const [letter, byte] of [
  ["b", 8],
  ["t", 9],
  ["n", 10],
  ["f", 12],
  ["r", 13],
  ['"', 34],
  ["\\", 92],
  ["/", 47],
] as const) {
  SHORT[letter.charCodeAt(0)] = byte;
}

/** Value of a hexadecimal digit; 255 for other bytes. */
const HEX = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) {
  HEX[i.toString(16).charCodeAt(0)] = i;
  HEX[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/** Codes are words; a longer one is refused. */
const MAX_CODE_LENGTH = 1024;
const NO_JSON = new Uint8Array(0);
const ARENA_BYTES = 256 * 1024;
const CODES: Readonly<Record<number, string>> = { 111: "o", 105: "i", 114: "r", 109: "m", 120: "x" };
const POWERS = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1] as const;

/** How a line differs from what the format asks for, yet can be read. */
export type LineOddity = "negative-time" | "invalid-utf8" | "extra-elements";

/**
 * A parser of event lines; after `parse` found an event its fields hold the event. It owns no input; the text it gives
 * is memory of its own that is never written again.
 */
export class EventLineParser {
  /** Nanoseconds as the line states them, not yet made absolute. */
  nanos = 0;
  code = "";
  /** The third element: the bytes of its text, or undefined where it is no string. */
  text: Uint8Array | undefined;
  /** Where the inside of that text's JSON string stands in the bytes given, if that can be copied as it is: else -1. */
  tokenStart = -1;
  tokenEnd = -1;
  /** The third element as JSON text. */
  json: Uint8Array = NO_JSON;
  oddity: LineOddity | undefined;
  #arena = new Uint8Array(ARENA_BYTES);
  #arenaView = viewOf(this.#arena);
  #used = 0;
  #bytes: Uint8Array = NO_JSON;
  #bytesView = viewOf(NO_JSON);

  /**
   * Reads the line at `start` (inclusive) to `end` (exclusive, without its newline). `blank`: it carries no event, being
   * empty or a comment; `damaged`: it is none of these.
   */
  parse(bytes: Buffer, start: number, end: number): "event" | "blank" | "damaged" {
    this.oddity = undefined;
    this.tokenStart = -1;
    this.json = NO_JSON; // the common form leaves it to who needs it: the text says the same
    if (this.#parseCommon(bytes, start, end)) return "event";
    if (isBlank(bytes, start, end)) return "blank";
    return this.#parseAny(bytes, start, end) ? "event" : "damaged";
  }

  #parseCommon(bytes: Buffer, start: number, end: number): boolean {
    let p = start;
    if (bytes[p++] !== 0x5b) return false;
    // Seconds: digits, perhaps a point and at most nine digits. More of them, signs and exponents go the other way.
    let whole = 0;
    let byte = bytes[p] as number; // reading past the end gives undefined, which equals nothing below
    const digits = p;
    for (; byte >= 0x30 && byte <= 0x39; byte = bytes[++p] as number) whole = whole * 10 + (byte - 0x30);
    if (p === digits || p - digits > 8) return false;
    let nanos = whole * NANOS_PER_SECOND;
    if (byte === 0x2e) {
      const point = p;
      let fraction = 0;
      byte = bytes[++p] as number;
      for (; byte >= 0x30 && byte <= 0x39; byte = bytes[++p] as number) fraction = fraction * 10 + (byte - 0x30);
      const count = p - point - 1;
      if (count === 0 || count > 9) return false;
      nanos += fraction * (POWERS[count] as number); // count is 1-9
    }
    while (bytes[p] === 0x20) p++;
    if (bytes[p++] !== 0x2c) return false;
    while (bytes[p] === 0x20) p++;
    const code = CODES[bytes[p + 1] as number];
    if (code === undefined || bytes[p] !== 0x22 || bytes[p + 2] !== 0x22) return false;
    p += 3;
    while (bytes[p] === 0x20) p++;
    if (bytes[p++] !== 0x2c) return false;
    while (bytes[p] === 0x20) p++;
    if (bytes[p++] !== 0x22 || p >= end) return false;
    const token = p;
    const used = this.#unescape(bytes, p, end);
    if (used < 0) return false;
    p = this.#next;
    while (bytes[p] === 0x20) p++;
    if (p >= end || bytes[p++] !== 0x5d) return false;
    while (p < end && (bytes[p] === 0x20 || bytes[p] === 0x0d)) p++;
    if (p !== end) return false;
    const text = this.#arena.subarray(this.#used, used);
    if (!isAscii(this.#seen) && !isUtf8(text)) return false;
    this.#used = used;
    this.nanos = nanos;
    this.code = code;
    this.text = text;
    this.tokenStart = token;
    this.tokenEnd = this.#next - 1;
    return true;
  }

  #next = 0;
  #seen = 0;

  /** Writes the string's bytes into the arena; gives the arena's new length, or -1 where JSON.parse must look. */
  #unescape(bytes: Buffer, start: number, end: number): number {
    if (this.#arena.length - this.#used < end - start) {
      this.#arena = new Uint8Array(Math.max(ARENA_BYTES, end - start));
      this.#arenaView = viewOf(this.#arena);
      this.#used = 0;
    }
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#bytesView = viewOf(bytes);
    }
    const arena = this.#arena;
    const from = this.#bytesView;
    const to = this.#arenaView;
    const lastWord = end - 4;
    let length = this.#used;
    let seen = 0;
    let p = start;
    while (p < end) {
      for (; p <= lastWord; p += 4) {
        const word = from.getInt32(p, true);
        if (needsEscape(word)) break;
        to.setInt32(length, word, true);
        seen |= word;
        length += 4;
      }
      if (p === end) break;
      const byte = bytes[p] as number; // p is below end
      if (SPECIAL[byte] === 0) {
        arena[length++] = byte;
        seen |= byte;
        p++;
        continue;
      }
      if (byte === 0x22) {
        this.#next = p + 1;
        this.#seen = seen;
        return length;
      }
      if (byte !== 0x5c || p + 1 >= end) return -1;
      const letter = bytes[p + 1] as number; // checked above
      if (letter !== 0x75) {
        const short = SHORT[letter] as number; // the table has 256 entries
        if (short === 0) return -1;
        arena[length++] = short;
        p += 2;
        continue;
      }
      if (p + 6 > end) return -1;
      const high = HEX[bytes[p + 4] as number] as number;
      const low = HEX[bytes[p + 5] as number] as number;
      // Only ASCII here: characters beyond it, and halves of surrogate pairs, are rare enough for JSON.parse.
      if (bytes[p + 2] !== 0x30 || bytes[p + 3] !== 0x30 || high > 7 || low > 15) return -1;
      arena[length++] = high * 16 + low;
      p += 6;
    }
    return -1;
  }

  #parseAny(bytes: Buffer, start: number, end: number): boolean {
    const line = bytes.toString("utf8", start, end);
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return false; // the caller reports the line with its offset
    }
    if (!Array.isArray(value) || value.length < 3) return false;
    const [seconds, code, data] = value as unknown[];
    if (typeof seconds !== "number" || typeof code !== "string" || code.length > MAX_CODE_LENGTH) return false;
    const nanos =
      parseSeconds(/^\s*\[\s*([0-9.eE+]*(?:[eE]-[0-9]+)?)/.exec(line)?.[1] ?? "") ??
      Math.round(seconds * NANOS_PER_SECOND);
    if (!Number.isSafeInteger(nanos)) return false;
    this.oddity = value.length > 3 ? "extra-elements" : seconds < 0 ? "negative-time" : undefined;
    if (this.oddity === undefined && !isUtf8(bytes.subarray(start, end))) this.oddity = "invalid-utf8";
    this.nanos = Math.max(0, nanos);
    this.code = code;
    this.text = typeof data === "string" ? Buffer.from(data, "utf8") : undefined;
    const json = value.length > 3 ? stringify(data) : thirdElement(line);
    this.json = Buffer.from(json ?? "", "utf8");
    return json !== undefined;
  }
}

/** Undefined where the value is nested deeper than JSON.stringify goes. */
function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The JSON text of the third and last element of a line that JSON.parse has accepted. */
function thirdElement(line: string): string {
  const prefix = /^\s*\[\s*[^,]*,\s*"(?:[^"\\]|\\.)*"\s*,\s*/.exec(line)?.[0].length ?? 0;
  return line.slice(prefix, line.lastIndexOf("]")).trim();
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] === 0x23 && start < end) return true;
  for (let p = start; p < end; p++) {
    const byte = bytes[p];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
