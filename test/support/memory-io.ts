// Source and Target in memory, for tests: chunk size, restarts, ranges and siblings are the test's choice, and both
// keep count of what the code under test did with them.
import { FormatError, type Source, type Target, type Watch } from "../../src/core/index.js";

/** What a {@link MemorySource} can do and how it cuts its bytes. */
export interface MemorySourceOptions {
  /** `memory` by default; extensions matter to some decoders. */
  readonly name?: string;
  /** Bytes in a chunk at most; all in one by default. */
  readonly chunkSize?: number;
  /** True by default. */
  readonly restart?: boolean;
  /** True by default. */
  readonly ranges?: boolean;
  /** Files beside this one, by name. Absent: `sibling` is not supported. */
  readonly siblings?: Readonly<Record<string, Uint8Array>> | undefined;
}

/** Bytes as a source. Chunks are views of a private copy, so writing into them shows as damage. */
export class MemorySource implements Source {
  readonly name: string;
  readonly supports: Source["supports"];
  /** Streams begun and not yet ended. A recording that is over leaves none, siblings included. */
  openStreams = 0;
  /** How often `close` was called. Decoders must not: whoever opened a source closes it. */
  closed = 0;
  /** The siblings handed out. */
  readonly opened: MemorySource[] = [];
  readonly #bytes: Uint8Array;
  readonly #options: MemorySourceOptions;
  #streams = 0;

  constructor(bytes: Uint8Array, options: MemorySourceOptions = {}) {
    this.#bytes = copyBytes(bytes);
    this.#options = options;
    this.name = options.name ?? "memory";
    this.supports = {
      restart: options.restart ?? true,
      ranges: options.ranges ?? true,
      siblings: options.siblings !== undefined,
      follow: false,
    };
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    this.#streams++;
    if (this.#streams > 1 && !this.supports.restart) throw new Error(`${this.name}: streamed twice without restart`);
    const size = this.#options.chunkSize ?? Math.max(1, this.#bytes.length);
    this.openStreams++;
    try {
      for (let at = 0; at < this.#bytes.length; at += size) yield this.#bytes.subarray(at, at + size);
    } finally {
      this.openStreams--;
    }
  }

  async size(): Promise<number | undefined> {
    return this.supports.ranges ? this.#bytes.length : undefined;
  }

  async readRange(start: number, length: number): Promise<Uint8Array> {
    if (!this.supports.ranges) throw new Error(`${this.name}: readRange without ranges`);
    return copyBytes(this.#bytes.subarray(start, start + length));
  }

  async sibling(name: string): Promise<Source | undefined> {
    if (!this.supports.siblings) throw new Error(`${this.name}: sibling without siblings`);
    const bytes = this.#options.siblings?.[name];
    if (bytes === undefined) return undefined;
    const source = new MemorySource(bytes, { ...this.#options, name });
    this.opened.push(source);
    return source;
  }

  watch(): Watch {
    throw new Error(`${this.name}: watched without follow`);
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

/** Collects what is written. Bytes are copied, as the caller may reuse its memory. */
export class MemoryTarget implements Target {
  readonly name: string;
  readonly siblings = new Map<string, MemoryTarget>();
  committed = false;
  aborted = false;
  /** `removeOnCommit` was called. */
  unwanted = false;
  /** Names and sizes of all writes in order (-1: rewound), those of siblings included: the order matters for crash safety. */
  readonly log: { readonly name: string; readonly length: number }[];
  #bytes: Uint8Array = new Uint8Array(1024);
  #size = 0;
  #position = 0;

  constructor(name = "memory", log: { readonly name: string; readonly length: number }[] = []) {
    this.name = name;
    this.log = log;
  }

  write(bytes: Uint8Array): void {
    if (this.committed || this.aborted) throw new Error(`${this.name}: written after its end`);
    const end = this.#position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#position);
    this.#position = end;
    this.#size = Math.max(this.#size, end);
    this.log.push({ name: this.name, length: bytes.length });
  }

  sibling(name: string): MemoryTarget {
    const existing = this.siblings.get(name);
    if (existing !== undefined) return existing;
    const target = new MemoryTarget(name, this.log);
    this.siblings.set(name, target);
    return target;
  }

  rewind(): void {
    this.#position = 0;
    this.log.push({ name: this.name, length: -1 });
  }

  cut(size: number): void {
    this.#size = size;
    this.#position = size;
    this.log.push({ name: this.name, length: -1 });
  }

  removeOnCommit(): void {
    this.unwanted = true;
  }

  async commit(): Promise<void> {
    this.committed = true;
  }

  async abort(): Promise<void> {
    if (this.committed) return;
    this.aborted = true;
    this.#size = 0;
  }

  /** All that was written, in one piece. */
  bytes(): Uint8Array {
    return copyBytes(this.#bytes.subarray(0, this.#size));
  }

  /** The siblings' bytes by name, as {@link MemorySourceOptions.siblings} takes them. */
  siblingBytes(): Record<string, Uint8Array> {
    return Object.fromEntries([...this.siblings].map(([name, target]) => [name, target.bytes()]));
  }
}

/** A target that has no place for other files, as standard output. */
export class LoneTarget extends MemoryTarget {
  override sibling(name: string): MemoryTarget {
    throw new FormatError("T2A_FORMAT_UNSUPPORTED", `${this.name}: no place for ${name}`);
  }
}

/** The bytes in memory of their own: `slice` of a Buffer is a view. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** One array with the bytes of all. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
