// What is in a recording under way and was not told: read from its file and journal, from an event on.
import { openRecording } from "../../../formats/index.js";
import { type Event, type Recording, SessionError } from "../../core/index.js";
import { openFileSource } from "../../files/index.js";

/** A recording under way, read on and on. */
export class RecordingTail {
  readonly #recording: Recording;
  readonly #batches: AsyncIterator<readonly Event[]>;
  /** Number of the event that comes next. */
  #at: number;
  #rest: readonly Event[] = [];

  private constructor(recording: Recording, at: number) {
    this.#recording = recording;
    this.#batches = recording.batches[Symbol.asyncIterator]();
    this.#at = at;
  }

  /** `from`: number of the first event that is wanted. Whoever opens it closes it. @throws FormatError, StoreError. */
  static async open(path: string, from: number): Promise<RecordingTail> {
    const source = await openFileSource(path);
    return new RecordingTail(await openRecording(source, { follow: { knownEvents: from } }), from);
  }

  /** Of the recording, at its beginning. */
  get size(): { readonly cols: number; readonly rows: number } {
    const { cols, rows } = this.#recording.header;
    return { cols, rows };
  }

  /**
   * The next events, from `from` on (not before where it was read to) and before `to`, which is in the recording already.
   * @throws SessionError `T2A_SESSION_OVER` where the recording ends before.
   */
  async next(from: number, to: number): Promise<readonly Event[]> {
    for (;;) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#batches.next();
        if (done === true) throw new SessionError("T2A_SESSION_OVER", `the recording ends at event ${this.#at}`);
        this.#rest = value;
      }
      const known = Math.max(0, from - this.#at);
      if (known >= this.#rest.length) {
        this.#at += this.#rest.length;
        this.#rest = [];
        continue;
      }
      const events = this.#rest.slice(known, to - this.#at);
      this.#at += known + events.length;
      this.#rest = this.#rest.slice(known + events.length);
      return events;
    }
  }

  async close(): Promise<void> {
    await this.#recording.close();
  }
}
