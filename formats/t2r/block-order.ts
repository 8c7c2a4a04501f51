// Puts the blocks of a damaged .t2r back into the order in which they were recorded, and keeps in mind where in the file
// damage was, which is lost then.
import type { Source } from "../../src/core/index.js";
import { type Piece, walkFrames } from "./frame-walker.js";

/** A block, or what is left of one: its fields hold. */
export type BlockPiece = Extract<Piece, { kind: "block" }> | TornBlock;

/** A block whose output is damaged or cut. */
export type TornBlock = Extract<Piece, { kind: "damage" }> &
  Required<Pick<Extract<Piece, { kind: "damage" }>, "fields">>;

/** Whether it says which events it holds. */
export function isBlock(piece: Piece): piece is BlockPiece {
  return piece.kind === "block" || (piece.kind === "damage" && piece.fields !== undefined);
}

/** What is seen of a file in the order of its bytes. */
export class Trail {
  #last: Piece["kind"] | undefined;
  #highest = -1;
  #isDamaged = false;
  #isDisordered = false;
  #damageAfterBlocks: number | undefined;
  #end: Extract<Piece, { kind: "end" }> | undefined;

  /** Passes the pieces on. */
  async *follow(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
    for await (const piece of pieces) {
      this.#last = piece.kind;
      if (isBlock(piece)) {
        this.#damageAfterBlocks = undefined;
        this.#isDisordered ||= piece.fields.sequence <= this.#highest;
        this.#highest = Math.max(this.#highest, piece.fields.sequence);
      } else if (piece.kind === "damage") {
        this.#isDamaged = true;
        this.#damageAfterBlocks ??= piece.offset;
      } else if (piece.kind === "end") this.#end = piece;
      yield piece;
    }
  }

  /** The last frame is END. */
  get isFinished(): boolean {
    return this.#last === "end";
  }

  /** Whether damaged bytes may have been blocks that came after all others. */
  get mayMissLast(): boolean {
    if (this.#isDisordered && this.#isDamaged) return true;
    const damage = this.#damageAfterBlocks;
    const { total, offset, indexOffset } = this.#end ?? { total: 0, offset: -1, indexOffset: 0 };
    return damage !== undefined && !(total === offset && damage >= indexOffset);
  }
}

/** Blocks that are put in order at a time: no more is kept of a file. */
const MAX_GATHERED = 65_536;

/**
 * The pieces, as they come while each is in its place. From the first on that is not, where the source has ranges: blocks
 * in order of their numbers, whole ones before damaged ones of the same number, all others before them.
 */
export async function* inOrder(pieces: AsyncGenerator<Piece>, source: Source): AsyncGenerator<Piece> {
  try {
    let next = await pieces.next();
    let blocks = -1; // the header comes first
    for (; !next.done && (isExpected(next.value, blocks) || !source.supports.ranges); next = await pieces.next()) {
      if (next.value.kind === "block" || blocks < 0) blocks++;
      yield next.value;
    }
    while (!next.done) {
      const gathered: BlockPlace[] = [];
      for (; !next.done && gathered.length < MAX_GATHERED; next = await pieces.next()) {
        const piece = next.value;
        if (!isBlock(piece)) yield piece;
        else gathered.push({ offset: piece.offset, size: piece.size, ...order(piece) });
      }
      gathered.sort((a, b) => a.sequence - b.sequence || a.rank - b.rank || a.offset - b.offset);
      for (const place of gathered) yield* pieceAt(source, place);
    }
  } finally {
    await pieces.return(undefined);
  }
}

interface BlockPlace {
  readonly offset: number;
  readonly size: number;
  readonly sequence: number;
  /** Whole ones first. */
  readonly rank: number;
}

function order({ kind, fields }: BlockPiece): { readonly sequence: number; readonly rank: number } {
  return { sequence: fields.sequence, rank: kind === "block" ? 0 : 1 };
}

function isExpected(piece: Piece, blocks: number): boolean {
  if (blocks < 0) return piece.kind === "header";
  return piece.kind === "block" ? piece.fields.sequence === blocks : piece.kind !== "damage";
}

/** The piece that stands there, read again. */
async function* pieceAt(source: Source, { offset, size }: BlockPlace): AsyncGenerator<Piece> {
  const bytes = await source.readRange(offset, size);
  async function* once() {
    yield bytes;
  }
  for await (const piece of walkFrames(once())) {
    yield { ...piece, offset: offset + piece.offset };
    return;
  }
}
