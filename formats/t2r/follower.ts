// Follows a .t2r that is being recorded: whole frames of the file, then what its journal holds beyond them, then what comes.
// The recorder writes a block before it empties the journal, and a rewritten file takes the old one's place by its name: the
// same event may come by several ways, and is known by its number.
import {
  type Batch,
  type DecodeOptions,
  type Event,
  FormatError,
  type Header,
  type Recording,
  type Source,
} from "../../src/core/index.js";
import { BatchBuilder } from "../batch-builder.js";
import { checkAborted, damaged, warn } from "../damage.js";
import { decodeBlock } from "./block.js";
import { canonicalHeader } from "./canonical.js";
import { ColumnError } from "./columns.js";
import { type Damage, FollowedFile } from "./followed-file.js";

/**
 * Reads the header, waiting for it where it is not there yet, and gives the recording, which ends when nobody writes it any
 * more. The source must have ranges, siblings and `watch`. Errors as in Format.decode.
 */
export async function followT2r(source: Source, options: DecodeOptions): Promise<Recording> {
  const follower = new Follower(source, options);
  try {
    const header = await follower.header();
    const batches = follower.batches();
    const close = async () => {
      follower.stop();
      await batches.return(undefined);
      await follower.close();
    };
    return { header, format: "t2r", batches, close };
  } catch (error) {
    await follower.close();
    throw error;
  }
}

class Follower {
  readonly #options: DecodeOptions;
  #file: FollowedFile;
  /** Events that were given. */
  #given: number;
  #isStopped = false;

  constructor(source: Source, options: DecodeOptions) {
    this.#options = options;
    this.#given = options.follow?.knownEvents ?? 0;
    this.#file = new FollowedFile(source, false);
    options.signal?.addEventListener("abort", this.stop);
  }

  async header(): Promise<Header> {
    const file = this.#file;
    for (;;) {
      checkAborted(this.#options);
      const isLeft = file.isLeft;
      const damage = await file.readHeader();
      if (file.header !== undefined) return file.header;
      if (isLeft || damage?.cut === false) {
        throw new FormatError("T2A_FORMAT_HEADER", `${damage?.reason ?? "the header is missing"} at byte 0`, {
          offset: 0,
        });
      }
      await file.changed();
    }
  }

  async *batches(): AsyncGenerator<Batch, void> {
    try {
      // With a limit: a fast recorder could be ahead for ever, and what it writes meanwhile is live.
      yield* this.#news(await this.#file.size());
      this.#options.follow?.onLive?.();
      for (;;) {
        checkAborted(this.#options);
        if (this.#isStopped) return;
        // Asked before reading: what somebody wrote and ended with is read then.
        const { isLeft } = this.#file;
        const damage = yield* this.#news();
        if (damage !== undefined && this.#isReal(damage, isLeft)) {
          damaged(this.#options, damage.reason, { offset: damage.offset, eventNumber: this.#given + 1 });
          return;
        }
        if (await this.#moveOn()) continue;
        // Locked, but without a journal: it is being rewritten, and holds everything already.
        if (this.#file.isFinished && (isLeft || !this.#file.hasJournal)) return;
        if (isLeft) {
          this.#warnUnfinished();
          return;
        }
        await this.#file.changed();
      }
    } finally {
      await this.close();
    }
  }

  /** Ends every wait, and soon the batches. */
  readonly stop = (): void => {
    this.#isStopped = true;
    this.#file.stop();
  };

  /** Idempotent. */
  async close(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.stop);
    await this.#file.close();
  }

  /** Everything that can be read by now and was not given; gives the damage at which the file could not be read on. */
  async *#news(limit?: number): AsyncGenerator<Batch, Damage | undefined> {
    const file = this.#file;
    for await (const piece of file.pieces(limit)) {
      checkAborted(this.#options);
      if (piece.kind === "damage" && !piece.cut) return piece;
      if (piece.kind === "damage") {
        yield* this.#journalNews();
        return piece;
      }
      if (piece.kind === "block" && file.events + piece.fields.events > this.#given) {
        const reason = yield* this.#unseen(decodeBlock(piece.fields, piece.columns, piece.output), file.events);
        if (reason !== undefined) return { kind: "damage", offset: piece.offset, reason, cut: false };
      }
      file.pass(piece);
    }
    yield* this.#journalNews();
    return undefined;
  }

  async *#journalNews(): AsyncGenerator<Batch> {
    const found = await this.#file.journalEvents();
    if (found !== undefined) yield* this.#unseen(found.events, found.firstEvent);
  }

  /** Of events, the first of which has that number, those that were not given. Gives what is wrong with them, if anything. */
  *#unseen(events: Iterable<Event>, firstEvent: number): Generator<Batch, string | undefined> {
    const builder = new BatchBuilder();
    let number = firstEvent;
    let reason: string | undefined;
    try {
      for (const event of events) {
        if (number++ < this.#given) continue;
        const full = builder.push(event);
        this.#given = number;
        if (full !== undefined) yield full;
      }
    } catch (error) {
      if (!(error instanceof ColumnError)) throw error;
      reason = error.message;
    }
    yield* builder.rest();
    return reason;
  }

  /** A frame that is cut is being written, or the journal has its events; other damage may be a write that was taken back. */
  #isReal(damage: Damage, isLeft: boolean): boolean {
    if (damage.cut) return isLeft && !this.#file.isJournalOurs;
    return isLeft || this.#file.isSeenAgain(damage);
  }

  /** Goes on in the file that took this one's place, if it is the same recording. */
  async #moveOn(): Promise<boolean> {
    const source = await this.#file.successor();
    if (source === undefined) return false;
    const { supports } = source;
    const next = supports.follow ? new FollowedFile(source, true) : undefined;
    if (next === undefined || (await next.readHeader()) !== undefined || !isSame(this.#file.header, next.header)) {
      await (next ?? source).close();
      return false;
    }
    await this.#file.close();
    this.#file = next;
    if (this.#isStopped) next.stop();
    return true;
  }

  #warnUnfinished(): void {
    const { offset } = this.#file;
    const message = `nobody writes the recording any more, and it was not finished: it was read up to byte ${offset} and what its journal holds`;
    warn(this.#options, { code: "truncated", message, offset });
  }
}

function isSame(a: Header | undefined, b: Header | undefined): boolean {
  return a !== undefined && b !== undefined && canonicalHeader(a) === canonicalHeader(b);
}
