// Recordings of a store that are open, for whoever asks for one again: the last few, and what was decoded of them, bounded in bytes.
import { type DecodedPiece, type OpenT2r, openT2r } from "../../formats/index.js";
import { ByteCache, FormatError, type Source } from "../core/index.js";

/** How much is kept. */
export interface OpenRecordingsOptions {
  /** Recordings that nobody uses and that stay open, at most. */
  readonly maxIdle?: number | undefined;
  /** Bytes of decoded blocks and keyframes, of all recordings together. */
  readonly maxBytes?: number | undefined;
}

/** A recording that is open, for others too: nothing that it gives may be changed. */
export interface BorrowedRecording {
  readonly recording: OpenT2r;
  /** It is not used any more. Idempotent. */
  release(): Promise<void>;
}

const MAX_IDLE = 8;
const MAX_BYTES = 64 * 1024 * 1024;

interface Opened {
  readonly recording: OpenT2r;
  readonly source: Source;
}

interface Entry {
  readonly opened: Promise<Opened>;
  users: number;
}

/** Open recordings by a key of their content, which never changes. Whoever makes it closes it. */
export class OpenRecordings {
  readonly #maxIdle: number;
  readonly #decoded: ByteCache<string, DecodedPiece>;
  /** What was used last is last. */
  readonly #entries = new Map<string, Entry>();
  #isClosed = false;

  constructor({ maxIdle = MAX_IDLE, maxBytes = MAX_BYTES }: OpenRecordingsOptions = {}) {
    this.#maxIdle = maxIdle;
    this.#decoded = new ByteCache(maxBytes);
  }

  /** Bytes of what was decoded and is kept. */
  get decodedBytes(): number {
    return this.#decoded.bytes;
  }

  /**
   * Gives the recording, opened from what `open` gives where it is not open.
   * @throws FormatError `T2A_FORMAT_DAMAGED` where its index cannot be trusted; what `open` throws.
   */
  async borrow(key: string, open: () => Promise<Source>): Promise<BorrowedRecording> {
    if (this.#isClosed) throw new TypeError("the recordings are closed");
    const entry = this.#entries.get(key) ?? { opened: this.#open(key, open), users: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users++;
    try {
      const { recording } = await entry.opened;
      let isReleased = false;
      const release = async (): Promise<void> => {
        if (isReleased) return;
        isReleased = true;
        entry.users--;
        await this.#closeIdle();
      };
      return { recording, release };
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  /** Closes all, those in use too. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map(closeEntry));
  }

  async #open(key: string, open: () => Promise<Source>): Promise<Opened> {
    const source = await open();
    try {
      const cache = {
        get: (offset: number) => this.#decoded.get(`${key}/${offset}`),
        set: (offset: number, piece: DecodedPiece, bytes: number) =>
          this.#decoded.set(`${key}/${offset}`, piece, bytes),
      };
      const recording = await openT2r(source, { cache });
      if (recording !== undefined) return { recording, source };
      throw new FormatError(
        "T2A_FORMAT_DAMAGED",
        `${key} has no index that can be trusted: t2a library fsck looks into it`,
      );
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** The least recently used first. */
  async #closeIdle(): Promise<void> {
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    const over = idle.slice(0, Math.max(0, idle.length - this.#maxIdle));
    for (const [key] of over) this.#entries.delete(key);
    await Promise.all(over.map(([, entry]) => closeEntry(entry)));
  }
}

async function closeEntry({ opened }: Entry): Promise<void> {
  const done = await opened.catch(() => undefined); // who asked for it was told
  await done?.source.close();
}
