// The screen of a paused recording: built from what was recorded, fed with what is shown but not recorded. Its dump, put
// into the recording when that goes on, lets playback show what the user saw.
import type { Batch, Recording } from "../core/index.js";
import type { TtySize } from "../pty/index.js";

/** The part of a screen that is needed here. */
export interface DumpableScreen {
  feed(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Bytes which, written to a fresh screen, make it look and behave like this one. */
  dump(): Uint8Array;
  dispose(): void;
}

/** Makes an empty screen. */
export type CreateScreen = (size: TtySize) => Promise<DumpableScreen>;

/** Opens the recording under way for reading; what it gives is closed by the reader. */
export type ReadBack = () => Promise<Pick<Recording, "header" | "batches" | "close">>;

/** How it is built. */
export interface PauseScreenOptions {
  /** Makes the screen; asked for when pause is pressed, since nothing else of a recording needs one. */
  readonly createScreen: CreateScreen;
  /** Opens what was recorded so far: its header's size, and its events up to now. */
  readonly readBack: ReadBack;
  /** More is waiting to be taken in than should be (true), or no longer (false): the source is to be paused. */
  readonly onFull: (full: boolean) => void;
}

type Change = Uint8Array | TtySize;

/** Output that may wait while the screen is being built, bytes. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Fed at once: about 10 ms of work, then the event loop gets its turn. */
const SLICE_BYTES = 256 * 1024;

/** One pause, from the key that begins it to {@link PauseScreen.dump} or {@link PauseScreen.discard}. */
export class PauseScreen {
  readonly #options: PauseScreenOptions;
  readonly #built: Promise<DumpableScreen>;
  #waiting: Change[] = [];
  #waitingBytes = 0;
  #draining: Promise<void> | undefined;
  #full = false;
  #discarded = false;

  constructor(options: PauseScreenOptions) {
    this.#options = options;
    this.#built = this.#build();
    this.#built.catch(() => {}); // told by dump()
  }

  /** Takes output that is shown but not recorded. */
  feed(bytes: Uint8Array): void {
    this.#waitingBytes += bytes.length;
    this.#take(bytes);
    this.#tellFull(this.#waitingBytes > MAX_WAITING_BYTES);
  }

  /** Takes a new size. */
  resize(size: TtySize): void {
    this.#take(size);
  }

  /** The screen as it stands after everything taken so far. Throws what building it threw. */
  async dump(): Promise<Uint8Array> {
    const screen = await this.#built;
    await this.#draining;
    try {
      return screen.dump();
    } finally {
      screen.dispose();
    }
  }

  /** Ends the pause without a dump: the child has ended meanwhile. */
  discard(): void {
    this.#discarded = true;
    this.#waiting = [];
    this.#built.then((screen) => screen.dispose()).catch(() => {}); // whether it could be built does not matter any more
  }

  async #build(): Promise<DumpableScreen> {
    const recording = await this.#options.readBack();
    try {
      const screen = await this.#options.createScreen(recording.header);
      for await (const batch of recording.batches) {
        if (this.#discarded) break;
        feedBatch(screen, batch);
        await nextTurn(); // decoding a cached file never waits by itself, and the user's shell has to go on
      }
      return screen;
    } finally {
      await recording.close();
    }
  }

  #take(change: Change): void {
    this.#waiting.push(change);
    this.#draining ??= this.#drain()
      .catch(() => {}) // the failure of building is told by dump()
      .finally(() => {
        this.#draining = undefined;
      });
  }

  async #drain(): Promise<void> {
    const screen = await this.#built;
    let fed = 0;
    for (let change = this.#waiting.shift(); change !== undefined; change = this.#waiting.shift()) {
      if ("cols" in change) screen.resize(change.cols, change.rows);
      else {
        screen.feed(change);
        this.#waitingBytes -= change.length;
        fed += change.length;
      }
      if (fed < SLICE_BYTES) continue;
      fed = 0;
      this.#tellFull(this.#waitingBytes > MAX_WAITING_BYTES);
      await nextTurn();
    }
    this.#tellFull(false);
  }

  #tellFull(full: boolean): void {
    if (full === this.#full) return;
    this.#full = full;
    this.#options.onFull(full);
  }
}

function feedBatch(screen: DumpableScreen, batch: Batch): void {
  for (const event of batch) {
    if (event.kind === "output") screen.feed(event.data);
    else if (event.kind === "resize") screen.resize(event.cols, event.rows);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
