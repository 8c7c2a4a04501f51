// The end of the output, kept in memory: references to the chunks as they came, so keeping them costs next to nothing.

/** How much is kept: enough to draw any screen anew in practice. */
export const RING_BYTES = 1024 * 1024;

/** Keeps the last {@link RING_BYTES} of output, give or take one chunk. */
export class OutputRing {
  #chunks: Uint8Array[] = [];
  #first = 0;
  #bytes = 0;
  readonly #capacity: number;

  constructor(capacity: number = RING_BYTES) {
    this.#capacity = capacity;
  }

  /** Takes a chunk, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (let oldest = this.#chunks[this.#first]; oldest; oldest = this.#chunks[this.#first]) {
      if (this.#bytes - oldest.length < this.#capacity) break;
      this.#bytes -= oldest.length;
      this.#chunks[this.#first++] = EMPTY;
    }
    // Moving the array's contents now and then, rather than at each chunk, keeps push at constant cost.
    if (this.#first > 1024) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The chunks kept, oldest first. */
  chunks(): readonly Uint8Array[] {
    return this.#chunks.slice(this.#first);
  }
}

const EMPTY = new Uint8Array(0);
