// A source as lines of bytes, each bounded.
import type { Source } from "../core/index.js";
import { MAX_HISTORY_ENTRY_BYTES } from "./entry.js";

const LINE_FEED = 0x0a;

/** The lines of a source without their line feeds. A line that is too long loses its end, and `onCut` is called. */
export async function* byteLines(source: Source, onCut: (() => void) | undefined): AsyncGenerator<Buffer> {
  let open: Buffer[] = [];
  let size = 0;
  const add = (part: Uint8Array) => {
    const kept = Buffer.from(part.subarray(0, Math.max(0, MAX_HISTORY_ENTRY_BYTES - size)));
    if (kept.length > 0) open.push(kept);
    if (size <= MAX_HISTORY_ENTRY_BYTES && size + part.length > MAX_HISTORY_ENTRY_BYTES) onCut?.();
    size += part.length;
  };
  for await (const chunk of source.stream()) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      yield Buffer.concat(open);
      open = [];
      size = 0;
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  }
  if (size > 0) yield Buffer.concat(open);
}

/** Lines that belong together, bounded in all. */
export class LineJoin {
  readonly #onCut: (() => void) | undefined;
  #lines: Buffer[] = [];
  #size = 0;

  constructor(onCut: (() => void) | undefined) {
    this.#onCut = onCut;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  add(line: Buffer): void {
    const before = this.#size;
    this.#size += line.length + 1;
    if (this.#size <= MAX_HISTORY_ENTRY_BYTES) this.#lines.push(line);
    else if (before <= MAX_HISTORY_ENTRY_BYTES) this.#cut(line, before);
  }

  /** The lines with line feeds between them; forgets them. */
  take(): Buffer {
    const joined = Buffer.concat(this.#lines.flatMap((line, index) => (index === 0 ? [line] : [NEWLINE, line])));
    this.#lines = [];
    this.#size = 0;
    return joined;
  }

  #cut(line: Buffer, before: number): void {
    // A line that alone is as long as an entry may be is whole: its line feed does not count.
    if (before + line.length <= MAX_HISTORY_ENTRY_BYTES) {
      this.#lines.push(line);
      return;
    }
    this.#lines.push(line.subarray(0, MAX_HISTORY_ENTRY_BYTES - before));
    this.#onCut?.();
  }
}

const NEWLINE = Buffer.of(LINE_FEED);
