// What a daemon and a holder say to each other over a unix socket: frames of a length, a type, the number of a session, and a payload.
// A holder does what it is told, and tells of every event once it is with the system; it knows no screens, no clients and no names.
//
// The number of events that a recording holds is the position all agree on: who has lost the connection, or was too slow, reads the recording
// up to the position that it is told next.
//
//     u32 length of what follows | u8 type | u32 session | payload               (big-endian)
import type { PtyExit } from "../../pty/index.js";
import type { JsonObject } from "../session-info.js";
import type { SessionLimits } from "../session-limits.js";

/** The version that is spoken, and the oldest that is understood. */
export const HOLDER_PROTOCOL = 1;
export const HOLDER_PROTOCOL_OLDEST = 1;
/** A longer frame ends the connection, bytes. */
export const MAX_HOLDER_FRAME = 1024 * 1024;
/** What may wait for a daemon before its sessions are told by position alone, bytes. */
export const MAX_HOLDER_QUEUE = 4 * 1024 * 1024;

/** Types of frames. Those of a daemon are below 64. */
export const HOLDER_FRAMES = {
  /** JSON {@link DaemonHello}; the first frame, before which nothing else is said. */
  hello: 1,
  /** JSON {@link HeldSessionOrder}; the session's number is the daemon's to choose, unused so far. */
  start: 2,
  /** Bytes to type: first a length byte and the name of who typed (UTF-8). */
  input: 3,
  /** u16 cols, u16 rows. */
  resize: 4,
  /** A signal's name, to the command and what runs in its foreground. */
  signal: 5,
  pauseRecording: 6,
  resumeRecording: 7,
  /** A marker's label, UTF-8. */
  mark: 8,
  /** JSON {@link HolderCustomEvent}: an event of t2a's own for the recording. */
  custom: 9,
  /** Everything from here on is wanted; answered by `position`. */
  follow: 10,
  unfollow: 11,
  /** Closes the pty at once: the kernel hangs up on what runs there. */
  hangUp: 12,
  /** u8: 1 holds output back (nothing is read of the pty any more), 0 goes on. */
  hold: 13,
  /** Ends the holder once it has no sessions. */
  end: 14,
  /** That the session ended is known: it need not be told again. */
  noted: 15,

  /** JSON {@link HolderHello}. */
  welcome: 64,
  /** JSON {@link HeldSessionFacts}: it runs. */
  started: 65,
  /** JSON {@link HolderProblem}: what was asked for could not be done; of `start`: there is no such session; of none: the connection ends. */
  problem: 66,
  /** Events that are in the recording now, in its order: u64 number of the first, from 0; then as `encodeEvents` has them. */
  events: 67,
  /** Output that is not recorded, while recording is paused: bytes. */
  unrecorded: 68,
  /** JSON {@link HeldPosition}: how far the recording is; events from there on follow, unless `isBehind`. */
  position: 69,
  /** JSON {@link HeldEnd}; the last of the session, whose number is free again. */
  ended: 70,
  /** JSON {@link HolderProblem}: the recording failed, the terminal goes on. */
  recordingFailed: 71,
  /** Another daemon has come: nothing follows, and nobody is to come back. */
  replaced: 72,
  /** The order was taken: `started` or `problem` follows, however long that takes. */
  accepted: 73,
} as const;

/** What a daemon says first. */
export interface DaemonHello {
  readonly protocol: number;
  /** The oldest that it speaks; `protocol` where absent. */
  readonly oldest?: number | undefined;
  readonly version: string;
  /** Tells daemons apart: one that was replaced does not get its place back. */
  readonly instance: string;
}

/** What a holder answers. */
export interface HolderHello {
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  /** All that it holds, and what has ended since nobody was there: that is told of by `ended` frames behind this one. */
  readonly sessions: readonly HeldSessionFacts[];
}

/** A session that a holder is to start. Whatever is in it was checked by who sends it. */
export interface HeldSessionOrder {
  readonly number: number;
  /** ULIDs. */
  readonly sessionId: string;
  readonly recordingId: string;
  /** The spool's folder, the store as may be shown, and the draft of the session: for the note beside the recording. */
  readonly spool: { readonly folder: string; readonly store: string; readonly session: JsonObject };
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly cols: number;
  readonly rows: number;
  /** TERM of the child. */
  readonly termType: string;
  /** For the recording's header. */
  readonly command?: string | undefined;
  readonly title?: string | undefined;
  readonly captureInput: boolean;
  readonly captureEnv: readonly string[];
  /** The command line is a shell's: it is to mark its commands, and to prove it. */
  readonly shell?:
    | {
        readonly command: string | undefined;
        readonly shell: string;
        /** Names of variables that it is to tell of, where it has changed them. */
        readonly variables?: readonly string[] | undefined;
      }
    | undefined;
  readonly sync: "none" | "interval" | "always";
  /** File of the key that the recording is signed with. */
  readonly signKey?: string | undefined;
  readonly limits: SessionLimits;
  /** Of these, which could not be enforced here, in words. */
  readonly unenforced?: readonly string[] | undefined;
  /** Events that the recording begins with, base64 of `encodeEvents`: of a session that is resumed its screen. */
  readonly beginning?: string | undefined;
  /** Milliseconds since 1970: whoever comes to it later lets it be, since somebody else was asked by then. No bound where absent. */
  readonly untilMs?: number | undefined;
  /** File that every input is told of in, with who typed it; JSON lines. */
  readonly auditPath?: string | undefined;
}

/** A session that is held. */
export interface HeldSessionFacts {
  readonly number: number;
  readonly sessionId: string;
  readonly recordingId: string;
  readonly pid: number;
  readonly cols: number;
  readonly rows: number;
  readonly isRecording: boolean;
  /** Why its recording ended before it, in words: a disk that is full. Absent where it did not. */
  readonly recordingProblem?: string | undefined;
  /** Events in the recording, and bytes that the command printed. */
  readonly events: number;
  readonly outputBytes: number;
  /** Milliseconds since 1970 of its start. */
  readonly startedMs: number;
  /** Where the recording is made. */
  readonly path: string;
  /** Limits that could not be enforced here, in words. */
  readonly unenforced: readonly string[];
}

/** How far a recording is. */
export interface HeldPosition {
  readonly events: number;
  readonly timeNs: number;
  readonly cols: number;
  readonly rows: number;
  /** The daemon was too slow: what is between is in the recording alone; `follow` goes on. */
  readonly isBehind: boolean;
}

/** How a session ended. */
export interface HeldEnd {
  readonly sessionId: string;
  readonly recordingId: string;
  readonly exitStatus: PtyExit["status"];
  readonly signal?: string | undefined;
  readonly durationNs: number;
  readonly events: number;
  /** Why not all of it is recorded. */
  readonly problems: readonly string[];
  /** The limit that ended it, in words. */
  readonly limit?: string | undefined;
}

/** An event of t2a's own. */
export interface HolderCustomEvent {
  readonly code: string;
  readonly data: Readonly<Record<string, string>>;
}

/** What went wrong. */
export interface HolderProblem {
  readonly code: string;
  readonly message: string;
  /** The order was too old, see `HeldSessionOrder.untilMs`: nothing was done. */
  readonly isLate?: boolean | undefined;
}
