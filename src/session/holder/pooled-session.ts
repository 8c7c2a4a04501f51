// A session as a daemon has it that is connected to its holder. It outlives the connection: where that was lost and is there again,
// whoever follows is told how far the recording is.
import { ERROR_CODES, type ErrorCode, SessionError } from "../../core/index.js";
import { decodeEvents } from "./event-codec.js";
import { type HolderFrame, jsonOf } from "./frame-codec.js";
import type { HeldSession, HeldSessionListener } from "./held-session.js";
import {
  type HeldEnd,
  type HeldPosition,
  type HeldSessionFacts,
  HOLDER_FRAMES,
  type HolderProblem,
} from "./holder-protocol.js";

/** How a session's holder is spoken to. */
export interface SessionChannel {
  readonly holderPid: number;
  send(type: number, session: number, payload?: Uint8Array): void;
  sendJson(type: number, session: number, value: object): void;
}

/** Of the number of the first event. */
const FIRST_BYTES = 8;
/** What a frame of input holds at most, bytes. */
const INPUT_BYTES = 64 * 1024;
const MAX_WHO_BYTES = 255;

interface Following {
  readonly listener: HeldSessionListener;
  resolve: ((position: HeldPosition) => void) | undefined;
  reject: (error: Error) => void;
}

/** One session. */
export class PooledSession implements HeldSession {
  readonly number: number;
  readonly #channel: SessionChannel;
  readonly #onOver: () => void;
  #facts: HeldSessionFacts;
  #following: Following | undefined;
  /** Events that were told, or told of. */
  #position = 0;
  #end: HeldEnd | undefined;
  #isLost = false;

  /** `onOver`: its end, or its loss, was told to whoever follows it. */
  constructor(facts: HeldSessionFacts, channel: SessionChannel, onOver: () => void) {
    this.number = facts.number;
    this.#facts = facts;
    this.#channel = channel;
    this.#onOver = onOver;
  }

  get facts(): HeldSessionFacts {
    return this.#facts;
  }

  get holderPid(): number {
    return this.#channel.holderPid;
  }

  follow(listener: HeldSessionListener): Promise<HeldPosition> {
    if (this.#following !== undefined) {
      throw new SessionError("T2A_HOLDER", `the session ${this.#facts.sessionId} is followed already`);
    }
    return new Promise((resolve, reject) => {
      this.#following = { listener, resolve, reject };
      if (this.#end !== undefined || this.#isLost) this.#settle(this.#lastPosition());
      else this.#send(HOLDER_FRAMES.follow);
    });
  }

  input(bytes: Uint8Array, who: string): void {
    const name = nameOf(who);
    for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
      const piece = bytes.subarray(at, at + INPUT_BYTES);
      this.#send(HOLDER_FRAMES.input, Buffer.concat([Buffer.of(name.length), name, piece]));
    }
  }

  resize({ cols, rows }: { readonly cols: number; readonly rows: number }): void {
    const size = Buffer.alloc(4);
    size.writeUInt16BE(cols, 0);
    size.writeUInt16BE(rows, 2);
    this.#send(HOLDER_FRAMES.resize, size);
    this.#facts = { ...this.#facts, cols, rows };
  }

  signal(signal: NodeJS.Signals): void {
    this.#send(HOLDER_FRAMES.signal, Buffer.from(signal, "latin1"));
  }

  pauseRecording(): void {
    this.#send(HOLDER_FRAMES.pauseRecording);
    this.#facts = { ...this.#facts, isRecording: false };
  }

  resumeRecording(): void {
    this.#send(HOLDER_FRAMES.resumeRecording);
    this.#facts = { ...this.#facts, isRecording: this.#facts.recordingProblem === undefined };
  }

  mark(label: string): void {
    this.#send(HOLDER_FRAMES.mark, Buffer.from(label, "utf8"));
  }

  addCustom(code: string, data: Readonly<Record<string, string>>): void {
    if (!this.#isOver) this.#channel.sendJson(HOLDER_FRAMES.custom, this.number, { code, data });
  }

  hold(isHeld: boolean): void {
    this.#send(HOLDER_FRAMES.hold, Buffer.of(isHeld ? 1 : 0));
  }

  hangUp(): void {
    this.#send(HOLDER_FRAMES.hangUp);
  }

  /** The connection is there again, and the holder has the session still. */
  again(facts: HeldSessionFacts): void {
    this.#facts = facts;
    if (this.#following !== undefined) this.#send(HOLDER_FRAMES.follow);
  }

  /** The holder died. */
  lose(): void {
    if (this.#isOver) return;
    this.#isLost = true;
    if (this.#following !== undefined) this.#settle(this.#lastPosition());
  }

  /** Nobody will tell any more: the pool was closed. */
  abandon(error: Error): void {
    const { resolve, reject } = this.#following ?? {};
    if (resolve !== undefined) reject?.(error);
    this.#following = undefined;
  }

  /** What the holder says of it. */
  take({ type, payload }: HolderFrame): void {
    if (this.#isOver) return;
    const listener = this.#following?.listener;
    if (type === HOLDER_FRAMES.events) this.#takeEvents(payload);
    else if (type === HOLDER_FRAMES.unrecorded) listener?.onUnrecorded(Uint8Array.from(payload));
    else if (type === HOLDER_FRAMES.position) this.#takePosition(jsonOf(payload) as unknown as HeldPosition);
    else if (type === HOLDER_FRAMES.ended) this.#takeEnd(jsonOf(payload) as unknown as HeldEnd);
    else if (type === HOLDER_FRAMES.problem) listener?.onProblem?.(jsonOf(payload) as unknown as HolderProblem);
    else if (type === HOLDER_FRAMES.recordingFailed) {
      const problem = jsonOf(payload) as unknown as HolderProblem;
      this.#facts = { ...this.#facts, isRecording: false, recordingProblem: problem.message };
      listener?.onRecordingFailed(problem);
    }
  }

  get #isOver(): boolean {
    return this.#isLost || this.#end !== undefined;
  }

  #takeEvents(payload: Buffer): void {
    const first = Number(payload.readBigUInt64BE(0));
    const events = decodeEvents(payload.subarray(FIRST_BYTES));
    this.#position = first + events.length;
    const bytes = events.reduce((sum, event) => sum + (event.kind === "output" ? event.data.length : 0), 0);
    this.#facts = { ...this.#facts, events: this.#position, outputBytes: this.#facts.outputBytes + bytes };
    this.#following?.listener.onEvents(events, first);
  }

  /** The answer to `follow`; later ones say what was not told. */
  #takePosition(position: HeldPosition): void {
    const following = this.#following;
    if (following === undefined) return;
    const isMissed = position.isBehind || position.events > this.#position;
    this.#position = position.events;
    this.#facts = { ...this.#facts, events: position.events };
    const { resolve } = following;
    following.resolve = undefined;
    if (resolve !== undefined) resolve({ ...position, isBehind: false });
    else if (isMissed) following.listener.onBehind({ ...position, isBehind: true });
  }

  #takeEnd(end: HeldEnd): void {
    this.#end = end;
    this.#facts = { ...this.#facts, events: end.events };
    if (this.#following !== undefined) this.#settle(this.#lastPosition());
  }

  #lastPosition(): HeldPosition {
    const { cols, rows } = this.#facts;
    const events = this.#end?.events ?? Math.max(this.#position, this.#facts.events);
    return { events, timeNs: this.#end?.durationNs ?? 0, cols, rows, isBehind: false };
  }

  /** Tells of the end behind the position, where that was still waited for; what nobody was told of before it is told of. */
  #settle(position: HeldPosition): void {
    const following = this.#following;
    if (following === undefined) return;
    const { listener, resolve } = following;
    const tell = (): void => {
      if (this.#end === undefined) listener.onLost();
      else {
        if (resolve === undefined && this.#end.events > this.#position)
          listener.onBehind({ ...position, isBehind: true });
        listener.onEnd(this.#end);
        this.#channel.send(HOLDER_FRAMES.noted, this.number);
      }
      this.#onOver();
    };
    following.resolve = undefined;
    resolve?.(position);
    if (resolve === undefined) tell();
    else setImmediate(tell);
  }

  #send(type: number, payload?: Uint8Array): void {
    if (!this.#isOver) this.#channel.send(type, this.number, payload);
  }
}

/** The error that a problem stands for. */
export function errorOf({ code, message }: HolderProblem): SessionError {
  return new SessionError(Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : "T2A_HOLDER", message);
}

function nameOf(who: string): Buffer {
  const name = Buffer.from(who, "utf8");
  if (name.length <= MAX_WHO_BYTES) return name;
  return Buffer.from(
    name
      .subarray(0, MAX_WHO_BYTES - 3)
      .toString("utf8")
      .replace(/\ufffd$/, ""),
    "utf8",
  );
}
