// Files in memory that are read while they are written, with every order of the two at the test's command: what a writer
// does is cut into single steps, and the reader gives the test a turn before each of its own.
import type { Source, Target, Watch } from "../../src/core/index.js";
import { copyBytes } from "./memory-io.js";

/** One file: it keeps its bytes for who has it open, whatever its name then stands for. */
interface GrowingFile {
  bytes: Buffer;
  locked: boolean;
}

/** Waits for which nothing happened before a reader is held to wait for ever. */
const MAX_VAIN_TURNS = 100;

/** A change of a folder. */
export type FolderStep = (folder: GrowingFolder) => void;

/** A folder of files that grow. */
export class GrowingFolder {
  /** Called before every look that a reader takes. */
  onLook: () => void = () => {};
  /** Called where a reader waits for a change; without it the reader waits until there is one. */
  onWait: (() => void) | undefined;
  /** Sources that are open. */
  openSources = 0;
  /** Watches that are open. */
  openWatches = 0;
  readonly #files = new Map<string, GrowingFile>();
  readonly #waiting = new Set<() => void>();
  #changes = 0;
  #vainTurns = 0;

  /** Bytes of a file as they stand; undefined where there is none. */
  bytes(name: string): Uint8Array | undefined {
    const file = this.#files.get(name);
    return file && copyBytes(file.bytes);
  }

  write(name: string, bytes: Uint8Array, position?: number): void {
    const file = this.#files.get(name) ?? { bytes: Buffer.alloc(0), locked: false };
    const at = position ?? file.bytes.length;
    const grown = Buffer.alloc(Math.max(file.bytes.length, at + bytes.length));
    file.bytes.copy(grown);
    grown.set(bytes, at);
    file.bytes = grown;
    this.#files.set(name, file);
    this.#changed();
  }

  truncate(name: string, size = 0): void {
    const file = this.#files.get(name);
    if (file !== undefined) file.bytes = file.bytes.subarray(0, size);
    this.#changed();
  }

  /** Counts as a change: readers look for it now and then, though nothing tells them. */
  lock(name: string, locked: boolean): void {
    if (!this.#files.has(name)) this.write(name, new Uint8Array(0));
    const file = this.#files.get(name);
    if (file !== undefined) file.locked = locked;
    this.#changed();
  }

  remove(name: string): void {
    this.#files.delete(name);
    this.#changed();
  }

  /** What stood under the other name is gone from there, but not for those who have it open. */
  rename(from: string, to: string): void {
    const file = this.#files.get(from);
    if (file === undefined) throw new Error(`${from} is not there`);
    this.#files.delete(from);
    this.#files.set(to, file);
    this.#changed();
  }

  /** Opens a file. Throws where there is none. */
  open(name: string): Source {
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`${name} is not there`);
    return this.#source(name, file);
  }

  #changed(): void {
    this.#changes++;
    this.#wake();
  }

  #giveTurn(turn: () => void): void {
    const before = this.#changes;
    turn();
    this.#vainTurns = before === this.#changes ? this.#vainTurns + 1 : 0;
    if (this.#vainTurns > MAX_VAIN_TURNS) throw new Error("the reader waits, and nobody does anything any more");
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #source(name: string, file: GrowingFile): Source {
    this.openSources++;
    let open = true;
    const look = async () => {
      await Promise.resolve();
      if (!open) throw new Error(`${name}: read after it was closed`);
      this.onLook();
    };
    const readRange = async (start: number, length: number) => {
      await look();
      return copyBytes(file.bytes.subarray(start, start + length));
    };
    return {
      name,
      supports: { restart: true, ranges: true, siblings: true, follow: true },
      async *stream() {
        yield await readRange(0, file.bytes.length);
      },
      size: async () => {
        await look();
        return file.bytes.length;
      },
      readRange,
      sibling: async (sibling) => {
        await look();
        const found = this.#files.get(sibling);
        return found && this.#source(sibling, found);
      },
      watch: () => this.#watch(name, file),
      close: async () => {
        if (open) this.openSources--;
        open = false;
      },
    };
  }

  #watch(name: string, file: GrowingFile): Watch {
    this.openWatches++;
    let seen = this.#changes;
    let closed = false;
    return {
      changed: async () => {
        await Promise.resolve();
        if (!closed && seen === this.#changes) {
          if (this.onWait !== undefined) this.#giveTurn(this.onWait);
          else await new Promise<void>((resolve) => this.#waiting.add(resolve));
        }
        seen = this.#changes;
      },
      isWritten: () => file.locked,
      successor: async () => {
        await Promise.resolve();
        this.onLook();
        const there = this.#files.get(name);
        return there === undefined || there === file ? undefined : this.#source(name, there);
      },
      close: () => {
        if (!closed) this.openWatches--;
        closed = true;
        this.#wake();
      },
      get closed() {
        return closed;
      },
    };
  }
}

/**
 * A live target that does nothing itself: it hands out each step of its work, to be done when the test says so. A write is
 * several steps where `cut` says at which bytes.
 */
export class SteppingTarget implements Target {
  readonly name: string;
  readonly #step: (step: FolderStep) => void;
  readonly #cut: (length: number) => readonly number[];
  readonly #siblings: SteppingTarget[] = [];
  /** Where the next write goes; undefined: at the end. */
  #position: number | undefined;
  #start = 0;
  #isUnwanted = false;

  constructor(name: string, step: (step: FolderStep) => void, cut: (length: number) => readonly number[] = () => []) {
    this.name = name;
    this.#step = step;
    this.#cut = cut;
    step((folder) => folder.lock(name, true));
  }

  write(bytes: Uint8Array): void {
    const copy = copyBytes(bytes);
    const ends = [...this.#cut(bytes.length).filter((at) => at > 0 && at < bytes.length), bytes.length];
    let start = 0;
    for (const end of ends.sort((a, b) => a - b)) {
      const [part, position] = [copy.subarray(start, end), this.#position];
      this.#step((folder) => folder.write(this.name, part, position));
      if (this.#position !== undefined) this.#position += part.length;
      start = end;
    }
  }

  rewind(): void {
    this.#position = this.#start;
  }

  cut(size: number): void {
    this.#start = size;
    this.#position = size;
    this.#step((folder) => folder.truncate(this.name, size));
  }

  removeOnCommit(): void {
    this.#isUnwanted = true;
  }

  sibling(name: string): SteppingTarget {
    const sibling = new SteppingTarget(name, this.#step, this.#cut);
    this.#siblings.push(sibling);
    return sibling;
  }

  /** The locks go before what is not wanted any more. */
  async commit(): Promise<void> {
    const files = [...this.#siblings, this];
    for (const { name } of files) this.#step((folder) => folder.lock(name, false));
    for (const file of files) if (file.#isUnwanted) this.#step((folder) => folder.remove(file.name));
  }

  async abort(): Promise<void> {}
}
