// Where recorded events go. A sink takes batches in order and either has them with the system when `write` returns, so
// that what the user then sees is safe, or says when it is ready for more.
import type { Batch, Header, Target, Writer } from "../core/index.js";
import { SyncKeeper, type SyncMode } from "./sync-keeper.js";

/** One place events are written to. Made with the header already written or sent. */
export interface EventSink {
  /** For messages: a path, a URL. */
  readonly name: string;
  /**
   * Takes a batch. Returns nothing when it is with the system already; a promise where the recorder has to slow its
   * source down, and show nothing more, until it is. Throwing, or rejecting, ends this sink: it is closed and gets no more.
   */
  write(batch: Batch): void | Promise<void>;
  /** As {@link Target.stopWaiting}: a write that waits for a sleeping reader fails after so many milliseconds. */
  stopWaiting?(stallMs: number): void;
  /** Finishes: what was written is complete and visible. After a failed write it lets go of what it holds. Idempotent. */
  close(): Promise<void>;
}

/** A sink over a format's writer and the target it writes to. */
export class FormatSink implements EventSink {
  readonly #writer: Writer;
  readonly #target: Target;
  readonly #keeper: SyncKeeper | undefined;
  /** The write under way, where the target is not done when it returns; the next one waits for it. */
  #pending: Promise<void> | undefined;
  #failed = false;
  /** A failure that nobody has been told of: of the header, or of a sync, which nobody waited for. */
  #untold: unknown;
  #closed = false;

  private constructor(writer: Writer, target: Target, sync: SyncMode) {
    this.#writer = writer;
    this.#target = target;
    this.#keeper =
      sync === "none" || writer.sync === undefined
        ? undefined
        : new SyncKeeper(writer.sync.bind(writer), sync, (error) => {
            this.#untold = error;
          });
  }

  /**
   * Starts a new recording. Takes over the target: closing the sink commits it. `sync` is kept to where the writer can.
   * @throws StoreError where the header cannot be written.
   */
  static start(writer: Writer, target: Target, header: Header, sync: SyncMode = "none"): FormatSink {
    const sink = new FormatSink(writer, target, sync);
    const pending = writer.header(header);
    if (pending !== undefined) {
      sink.#follow(pending).catch((error: unknown) => {
        sink.#untold = error; // told by the next write, or by close
      });
    }
    return sink;
  }

  /** Continues a recording with a writer that was made to append. Takes over the target. */
  static continue(writer: Writer, target: Target, sync: SyncMode = "none"): FormatSink {
    return new FormatSink(writer, target, sync);
  }

  get name(): string {
    return this.#target.name;
  }

  write(batch: Batch): void | Promise<void> {
    this.#tell();
    if (this.#failed) return;
    if (this.#pending !== undefined) return this.#follow(this.#pending.then(() => this.#write(batch)));
    try {
      const pending = this.#write(batch);
      if (pending !== undefined) return this.#follow(pending);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  stopWaiting(stallMs: number): void {
    this.#target.stopWaiting?.(stallMs);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#keeper?.close();
    try {
      await this.#pending;
      this.#tell();
      if (!this.#failed) await this.#writer.end();
    } catch (error) {
      this.#failed = true;
      throw error;
    } finally {
      await (this.#failed ? this.#target.abort() : this.#target.commit());
    }
  }

  #tell(): void {
    const error = this.#untold;
    this.#untold = undefined;
    if (error === undefined) return;
    this.#failed = true;
    throw error;
  }

  /** Done when the batch is with the system, and as safe there as it was asked to be. */
  #write(batch: Batch): void | Promise<void> {
    const writing = this.#writer.events(batch);
    if (this.#keeper === undefined) return writing;
    const syncing = this.#keeper.written();
    if (writing === undefined || syncing === undefined) return writing ?? syncing;
    return Promise.all([writing, syncing]).then(() => {});
  }

  #follow(pending: Promise<void>): Promise<void> {
    const followed = pending.then(
      () => {
        if (this.#pending === followed) this.#pending = undefined;
      },
      (error: unknown) => {
        this.#failed = true;
        this.#pending = undefined;
        throw error;
      },
    );
    this.#pending = followed;
    return followed;
  }
}
