// A session that a holder keeps alive, as its manager has it; and all holders of a user. Implemented over the holders' sockets.
import type { Batch } from "../../core/index.js";
import type { HeldEnd, HeldPosition, HeldSessionFacts, HeldSessionOrder, HolderProblem } from "./holder-protocol.js";

/** What a manager is told of a session that it follows. */
export interface HeldSessionListener {
  /** Events that are in the recording now; `first`: the number of the first, from 0. */
  onEvents(events: Batch, first: number): void;
  /** Output while recording is paused. */
  onUnrecorded(bytes: Uint8Array): void;
  /** Events up to there are in the recording, and were not told: it was too slow, or the connection was lost and is there again. */
  onBehind(position: HeldPosition): void;
  onRecordingFailed(problem: HolderProblem): void;
  /** Something that was asked for could not be done; the session goes on. */
  onProblem?(problem: HolderProblem): void;
  /** Nothing follows. */
  onEnd(end: HeldEnd): void;
  /** The holder died, and the terminal with it. Nothing follows. */
  onLost(): void;
}

/** A session in a holder. What is asked of one that is over is nothing. */
export interface HeldSession {
  /** As last told. */
  readonly facts: HeldSessionFacts;
  readonly holderPid: number;
  /** Begins to follow: `listener` is told of everything behind the position that is given. Once. */
  follow(listener: HeldSessionListener): Promise<HeldPosition>;
  /** Types. `who` goes into the audit log. */
  input(bytes: Uint8Array, who: string): void;
  resize(size: { readonly cols: number; readonly rows: number }): void;
  signal(signal: NodeJS.Signals): void;
  pauseRecording(): void;
  resumeRecording(): void;
  mark(label: string): void;
  /** Puts an event of t2a's own into the recording. */
  addCustom(code: string, data: Readonly<Record<string, string>>): void;
  /** Reads nothing of the terminal any more (true), or goes on. */
  hold(isHeld: boolean): void;
  /** Closes the terminal: the kernel hangs up on what runs there. */
  hangUp(): void;
}

/** All holders of a user: those that are found, and those that are started when they are needed. */
export interface HolderPool {
  /** All sessions that live, those found of an earlier daemon among them. */
  readonly sessions: readonly HeldSession[];
  readonly holders: readonly { readonly pid: number; readonly sessions: number }[];
  /** Starts a session in a holder that has room, or in a new one. @throws SessionError `T2A_HOLDER`, PtyError `T2A_PTY`. */
  start(order: Omit<HeldSessionOrder, "number">): Promise<HeldSession>;
  /** Lets go of the connections; sessions live on. Idempotent. */
  close(): Promise<void>;
}
