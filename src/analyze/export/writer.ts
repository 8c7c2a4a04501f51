// What writes exported commands: rows in, bytes into a target out, a bounded part of them in memory.
import type { Target } from "../../core/index.js";
import type { CommandRow } from "./columns.js";

/** Writes commands into a target, which its caller commits or aborts. */
export interface CommandWriter {
  add(row: CommandRow): void | Promise<void>;
  /** Writes what is left. */
  end(): void | Promise<void>;
  /** Frees what it holds, where `end` will not be called. */
  abort?(): void;
}

/** Bytes that are collected before they are written. */
const CHUNK_BYTES = 64 * 1024;

/** Collects small pieces, so that a row costs no write. */
export class PieceWriter {
  readonly #target: Pick<Target, "write">;
  #pieces: Uint8Array[] = [];
  #size = 0;

  constructor(target: Pick<Target, "write">) {
    this.#target = target;
  }

  add(piece: string | Uint8Array): void | Promise<void> {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= CHUNK_BYTES) return this.flush();
  }

  flush(): void | Promise<void> {
    if (this.#size === 0) return;
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    return this.#target.write(bytes);
  }
}
