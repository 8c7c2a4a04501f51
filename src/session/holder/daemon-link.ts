// A holder's side of the connection to its daemon. What the daemon does not take waits in bounds: beyond them events are not sent, and
// when it takes again it is told how far each recording is.
import type { Socket } from "node:net";
import { type Batch, eventBytes } from "../../core/index.js";
import { encodeEvents } from "./event-codec.js";
import { beginFrame, encodeFrame, encodeJsonFrame, FRAME_HEAD_BYTES, MAX_HOLDER_PAYLOAD } from "./frame-codec.js";
import { type HeldPosition, HOLDER_FRAMES, MAX_HOLDER_QUEUE } from "./holder-protocol.js";

/** Who was too slow is told again when no more than this waits, bytes. */
const LOW_QUEUE = MAX_HOLDER_QUEUE / 4;
/** Of the number of the first event. */
const FIRST_BYTES = 8;

/** One connection that has said who it is. */
export class DaemonLink {
  readonly #socket: Socket;
  readonly #positionOf: (session: number) => HeldPosition | undefined;
  readonly #followed = new Set<number>();
  readonly #behind = new Set<number>();
  #isCorked = false;

  /** `positionOf`: how far the recording of a session is that was not told of everything. */
  constructor(socket: Socket, positionOf: (session: number) => HeldPosition | undefined) {
    this.#socket = socket;
    this.#positionOf = positionOf;
  }

  /** Sends what must not be lost: there is little of it. */
  tell(type: number, session: number, value: object): void {
    this.#write(encodeJsonFrame(type, session, value));
  }

  /** From here on everything of the session is told. */
  follow(session: number): void {
    this.#followed.add(session);
    this.#behind.delete(session);
    const position = this.#positionOf(session);
    if (position !== undefined) this.tell(HOLDER_FRAMES.position, session, position);
  }

  unfollow(session: number): void {
    this.#followed.delete(session);
    this.#behind.delete(session);
  }

  events(session: number, batch: Batch, first: number): void {
    if (
      !this.#takes(
        session,
        batch.reduce((sum, event) => sum + eventBytes(event), 0),
      )
    )
      return;
    const events = encodeEvents(batch);
    if (FIRST_BYTES + events.length > MAX_HOLDER_PAYLOAD) {
      this.#fallBehind(session);
      return;
    }
    const frame = beginFrame(HOLDER_FRAMES.events, session, FIRST_BYTES + events.length);
    frame.writeBigUInt64BE(BigInt(first), FRAME_HEAD_BYTES);
    frame.set(events, FRAME_HEAD_BYTES + FIRST_BYTES);
    this.#write(frame);
  }

  unrecorded(session: number, bytes: Uint8Array): void {
    if (!this.#takes(session, bytes.length)) return;
    this.#write(encodeFrame(HOLDER_FRAMES.unrecorded, session, bytes));
  }

  /** The last of a session: all of it was told, or is told of by its end. */
  ended(session: number, end: object): void {
    this.#catchUpOne(session);
    this.unfollow(session);
    this.tell(HOLDER_FRAMES.ended, session, end);
  }

  /** Closes the connection behind what was written, or at once where that waits. */
  close(): void {
    this.#uncork();
    this.#socket.end();
    setImmediate(() => this.#socket.destroy());
  }

  /** Whether data of that size may be sent: the session is followed, and the daemon takes what it is sent. */
  #takes(session: number, bytes: number): boolean {
    if (!this.#followed.has(session) || this.#behind.has(session)) return false;
    if (this.#socket.writableLength + bytes <= MAX_HOLDER_QUEUE) return true;
    this.#behind.add(session);
    return false;
  }

  /** An event that fits into no frame is read from the recording, as all is that is behind it in this turn. */
  #fallBehind(session: number): void {
    this.#behind.add(session);
    setImmediate(() => this.#catchUp());
  }

  readonly #catchUp = (): void => {
    if (this.#behind.size === 0 || this.#socket.writableLength > LOW_QUEUE) return;
    for (const session of [...this.#behind]) this.#catchUpOne(session);
  };

  #catchUpOne(session: number): void {
    if (!this.#behind.delete(session)) return;
    const position = this.#positionOf(session);
    if (position !== undefined) this.tell(HOLDER_FRAMES.position, session, { ...position, isBehind: true });
  }

  /** Frames of one turn of the event loop go out together. */
  #write(frame: Uint8Array): void {
    if (this.#socket.destroyed) return;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      setImmediate(() => this.#uncork());
    }
    this.#socket.write(frame, this.#catchUp);
  }

  #uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
  }
}
