// Pulls bytes out of a stream in the pieces that somebody else names: so many bytes, or a line. Bytes that lie in one
// chunk are a view of it. What is at hand is given without waiting, so that a record costs no asynchronous hop.

const NOTHING = new Uint8Array(0);

/** A line without its newline. */
export interface Line {
  readonly bytes: Uint8Array;
  /** False for the last line where the stream does not end with a newline. */
  readonly terminated: boolean;
}

/** Reads a stream from its beginning. Whoever made it closes it. */
export class ByteReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  /** Offset of the chunk in the stream. */
  #chunkOffset = 0;
  #ended = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#iterator = chunks[Symbol.asyncIterator]();
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#chunkOffset + this.#at;
  }

  /** The next `length` bytes if they are at hand. */
  take(length: number): Uint8Array | undefined {
    const end = this.#at + length;
    if (end > this.#chunk.length) return undefined;
    const bytes = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** The next line if it is at hand whole. */
  takeLine(): Uint8Array | undefined {
    const newline = this.#chunk.indexOf(10, this.#at);
    if (newline < 0) return undefined;
    const bytes = this.#chunk.subarray(this.#at, newline);
    this.#at = newline + 1;
    return bytes;
  }

  /** Puts bytes back in front: they were read too early. */
  unread(bytes: Uint8Array): void {
    this.#chunkOffset = this.offset - bytes.length;
    this.#chunk = join([bytes, this.#chunk.subarray(this.#at)]);
    this.#at = 0;
  }

  /** The next `length` bytes; fewer only at the end. Memory is taken as bytes come, not as `length` says. */
  async read(length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let missing = length;
    while (missing > 0 && (await this.#fill())) {
      const piece = this.take(Math.min(missing, this.#chunk.length - this.#at)) ?? NOTHING;
      pieces.push(piece);
      missing -= piece.length;
    }
    return join(pieces);
  }

  /**
   * The next line; undefined at the end, and `"long"` where a line is longer than `limit`: nothing sensible can be read
   * then.
   */
  async readLine(limit: number): Promise<Line | "long" | undefined> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    while (await this.#fill()) {
      const whole = this.takeLine();
      const piece = whole ?? this.take(this.#chunk.length - this.#at) ?? NOTHING;
      pieces.push(piece);
      size += piece.length;
      if (size > limit) return "long";
      if (whole !== undefined) return { bytes: join(pieces), terminated: true };
    }
    return pieces.length === 0 ? undefined : { bytes: join(pieces), terminated: false };
  }

  /** Reads to the end and forgets it; gives how many bytes that were. */
  async drain(): Promise<number> {
    let size = 0;
    while (await this.#fill()) size += this.take(this.#chunk.length - this.#at)?.length ?? 0;
    return size;
  }

  /** Gives the stream back. Idempotent. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#iterator.return?.();
  }

  /** Makes sure that there is at least a byte at hand; false at the end. */
  async #fill(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      if (this.#ended) return false;
      const next = await this.#iterator.next();
      this.#chunkOffset += this.#chunk.length;
      this.#at = 0;
      this.#ended = next.done === true;
      this.#chunk = next.done === true ? NOTHING : next.value;
    }
    return true;
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] ?? NOTHING;
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
