// The objects of a JSON array, one by one, out of bytes cut anywhere: only the one at hand is held.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Where the reader stands: before the array, before its first or another entry, in one, behind one, behind the array. */
type Place = "outside" | "first" | "next" | "inside" | "behind" | "over";

/** Cuts an array into the texts of its entries. What is in them is not looked at, but where they end. */
export class JsonEntries {
  readonly #maxBytes: number;
  #place: Place = "outside";
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** Braces and brackets that are open in the entry at hand. */
  #depth = 0;
  #isInText = false;
  #isEscaped = false;

  /** `maxBytes` of one entry. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Gives the texts of the entries that end in these bytes.
   * @throws Error that says what is there and should not be.
   */
  *feed(bytes: Uint8Array): Generator<string> {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#place === "inside") {
        if (!this.#ends(byte)) continue;
        this.#keep(bytes.subarray(start, at + 1));
        this.#place = "behind";
        yield this.#take();
      } else if (byte > 0x20 && this.#between(byte)) start = at;
    }
    if (this.#place === "inside") this.#keep(bytes.subarray(start));
  }

  /** @throws Error where the array is cut. */
  end(): void {
    if (this.#place === "outside") throw new Error("it is empty");
    if (this.#place !== "over") throw new Error("it is cut");
  }

  /** Whether the entry at hand ends with this byte. */
  #ends(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (this.#isInText) {
      if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInText = false;
    } else if (byte === QUOTE) this.#isInText = true;
    else if (byte === OPEN || byte === OPEN_ARRAY) this.#depth++;
    else if (byte === CLOSE || byte === CLOSE_ARRAY) return --this.#depth === 0;
    return false;
  }

  /** Whether an entry begins here. */
  #between(byte: number): boolean {
    if (byte === OPEN_ARRAY && this.#place === "outside") this.#place = "first";
    else if (byte === CLOSE_ARRAY && (this.#place === "first" || this.#place === "behind")) this.#place = "over";
    else if (byte === COMMA && this.#place === "behind") this.#place = "next";
    else if (byte === OPEN && (this.#place === "first" || this.#place === "next")) {
      this.#place = "inside";
      this.#depth = 1;
      return true;
    } else throw new Error(PROBLEMS[this.#place]);
    return false;
  }

  #keep(piece: Uint8Array): void {
    this.#size += piece.length;
    if (this.#size > this.#maxBytes) throw new Error(`it is larger than ${this.#maxBytes} bytes`);
    this.#pieces.push(piece);
  }

  #take(): string {
    const text = Buffer.concat(this.#pieces).toString("utf8");
    this.#pieces = [];
    this.#size = 0;
    return text;
  }
}

const PROBLEMS: Readonly<Record<Place, string>> = {
  outside: "it is no array",
  first: "it is no object",
  next: "it is no object",
  inside: "it is cut",
  behind: "no comma is behind the one before",
  over: "something is behind the array",
};
