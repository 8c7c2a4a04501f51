// What holds from one frame of a .t2r to the next: a frame that is whole may still be missing, doubled or out of place.
import type { BlockFields, Piece } from "./frame-walker.js";

/** Looks at the pieces of one file, in order. */
export class Continuity {
  #blocks = 0;
  #output = 0;
  #time = 0;
  #header = false;
  #section = false;
  #index: { readonly offset: number; readonly size: number } | undefined;
  #ended = false;

  /** The file ends as a finished recording does. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What is wrong with `piece` where it stands; undefined where nothing is. */
  check(piece: Piece): string | undefined {
    if (piece.kind === "generation") return this.#generation();
    if (this.#ended) return "something follows the END frame";
    if (piece.kind === "header") {
      if (this.#header) return "a second header";
      this.#header = true;
    } else if (!this.#header) return "the header is missing";
    if (piece.kind === "section") this.#section = true;
    if (piece.kind === "block") return this.#section ? "a block stands behind a section" : this.block(piece.fields);
    if (piece.kind === "index") this.#index = piece;
    if (piece.kind !== "end") return undefined;
    this.#ended = true;
    if (piece.total !== piece.offset) return "the END frame is of another file";
    if (this.#index?.offset !== piece.indexOffset || this.#index.size !== piece.indexSize)
      return "the index is missing";
    return undefined;
  }

  /** Behind END a recording may have been continued, with an index and an END of its own. */
  #generation(): string | undefined {
    const wrong = this.#ended ? undefined : "a generation begins where none has ended";
    this.#ended = false;
    this.#section = false;
    this.#index = undefined;
    return wrong;
  }

  /** Whether a block comes behind all that were seen. */
  isNew({ sequence }: BlockFields): boolean {
    return sequence >= this.#blocks;
  }

  /** As {@link check}, for a block that is damaged but whose fields hold. */
  block({ sequence, outputOffset, startTime, endTime, outputBytes, events }: BlockFields): string | undefined {
    const missing = sequence - this.#blocks;
    if (missing < 0) return "a block stands twice or in the wrong place";
    const follows = outputOffset === this.#output && startTime >= this.#time;
    // After damage, go on from where this block says it is.
    this.#blocks = sequence + 1;
    this.#output = outputOffset + outputBytes;
    this.#time = endTime;
    if (missing > 0) return `${missing === 1 ? "a block is" : `${missing} blocks are`} missing`;
    if (!follows || startTime > endTime || !Number.isSafeInteger(endTime) || events === 0) {
      return "a block does not follow the one before it";
    }
    return undefined;
  }
}
