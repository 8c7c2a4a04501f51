// Splits the one JSON object of asciicast v1 into its parts without holding it: the values of its keys, and the elements
// of its "stdout" array one by one. JSON.parse judges each part; this only finds where parts begin and end.
import { FormatError } from "../../src/core/index.js";

/** A value or an element larger than this is refused. */
const MAX_PART_BYTES = 64 * 1024 * 1024;

/** One part: the value of a key, or one element of `stdout`. */
export interface Part {
  readonly key: string;
  /** JSON text. For `stdout` an element, never the array. */
  readonly json: Buffer;
  /** Offset of the part in the stream. */
  readonly offset: number;
}

/**
 * The parts in their order.
 * @throws FormatError `T2A_FORMAT_DAMAGED` where the object is cut short or is none; offset as given.
 */
export async function* scanV1(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Part> {
  const scanner = new Scanner();
  for await (const chunk of chunks) yield* scanner.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  scanner.end();
}

type State = "start" | "key" | "colon" | "value" | "elements" | "done";

class Scanner {
  #state: State = "start";
  #offset = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #key = "";
  /** Where the current part began in the current chunk; pieces hold what earlier chunks had of it. */
  #partStart = -1;
  #partOffset = 0;
  #pieces: Buffer[] = [];
  #pieceBytes = 0;

  *push(bytes: Buffer): Generator<Part> {
    if (this.#partStart >= 0) this.#partStart = 0;
    for (let p = 0; p < bytes.length; p++) {
      const byte = bytes[p] as number; // p is below the length
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === 0x5c) this.#escaped = true;
        else if (byte === 0x22) {
          this.#inString = false;
          if (this.#state === "key") {
            this.#key = this.#keyText(this.#take(bytes, p + 1), p);
            this.#state = "colon";
          }
        }
        continue;
      }
      yield* this.#structure(byte, p, bytes);
    }
    if (this.#partStart >= 0) this.#keep(bytes.subarray(this.#partStart));
    this.#offset += bytes.length;
  }

  end(): void {
    if (this.#state !== "done") this.#fail("the file is cut short", 0);
  }

  *#structure(byte: number, p: number, bytes: Buffer): Generator<Part> {
    const blank = byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
    switch (this.#state) {
      case "start":
        if (byte === 0x7b) this.#state = "key";
        else if (!blank && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) this.#fail("no JSON object begins", p);
        return;
      case "key":
        if (byte === 0x22) {
          this.#begin(p);
          this.#inString = true;
        } else if (byte === 0x7d) this.#state = "done";
        else if (!blank && byte !== 0x2c) this.#fail("a key is expected", p);
        return;
      case "colon":
        if (byte === 0x3a) this.#state = "value";
        else if (!blank) this.#fail("a colon is expected", p);
        return;
      case "value":
        if (this.#partStart < 0) {
          if (blank) return;
          if (this.#key === "stdout" && byte === 0x5b) {
            this.#state = "elements";
            return;
          }
          this.#begin(p);
        }
        if (this.#depth === 0 && (byte === 0x2c || byte === 0x7d)) {
          yield this.#part(bytes, p);
          this.#state = byte === 0x7d ? "done" : "key";
        } else this.#nest(byte, p);
        return;
      case "elements":
        if (this.#partStart < 0) {
          if (byte === 0x5d) {
            this.#state = "key"; // what follows is a comma or the end, both of which that state takes
            return;
          }
          if (blank || byte === 0x2c) return;
          if (byte !== 0x5b) this.#fail("an element of stdout is expected", p);
          this.#begin(p);
        }
        this.#nest(byte, p);
        if (this.#depth === 0) yield this.#part(bytes, p + 1);
        return;
      case "done":
        if (!blank && byte !== 0) this.#fail("something follows the JSON object", p);
    }
  }

  #nest(byte: number, p: number): void {
    if (byte === 0x22) this.#inString = true;
    else if (byte === 0x7b || byte === 0x5b) this.#depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --this.#depth < 0) this.#fail("brackets do not match", p);
  }

  #begin(p: number): void {
    this.#partStart = p;
    this.#partOffset = this.#offset + p;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > MAX_PART_BYTES) {
      throw new FormatError("T2A_FORMAT_LIMIT", `a value is longer than ${MAX_PART_BYTES >> 20} MB`, {
        offset: this.#partOffset,
      });
    }
  }

  #take(bytes: Buffer, end: number): Buffer {
    const last = bytes.subarray(this.#partStart, end);
    const whole = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#partStart = -1;
    return whole;
  }

  #part(bytes: Buffer, end: number): Part {
    return { key: this.#key, offset: this.#partOffset, json: this.#take(bytes, end) };
  }

  #keyText(json: Buffer, p: number): string {
    try {
      return String(JSON.parse(json.toString("utf8")));
    } catch {
      return this.#fail("a key is no valid JSON string", p);
    }
  }

  #fail(message: string, p: number): never {
    const offset = this.#offset + p;
    throw new FormatError("T2A_FORMAT_DAMAGED", message, { offset });
  }
}
