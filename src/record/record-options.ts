// What a recording is asked for, and what it gives.
import type { Batch, Header } from "../core/index.js";
import type { UserTty } from "../pty/index.js";
import type { SinkError } from "./event-recorder.js";
import type { EventSink } from "./event-sink.js";
import type { HotKeyBytes } from "./hot-keys.js";
import type { CreateScreen, ReadBack } from "./pause-screen.js";
import type { RecordClock } from "./timing-recorder.js";

/** A shell that was started so that the recorder, and nobody else, can tell its marks from those that programs print. */
export interface MarkingShell {
  /** What stands in its marks; never put into a recording by the recorder. */
  readonly nonce: string;
  /** Variables for it alone, beside `env`. */
  readonly env: Readonly<Record<string, string>>;
  /** Called with its first proven mark, and at the end: nothing of its start is needed any more. */
  remove(): void;
}

/** What to record, on what terminal, into what. */
export interface RecordOptions {
  /** The program and its arguments. */
  readonly file: string;
  readonly args: readonly string[];
  /** The environment of the caller; the child gets it with the recorder's own variables added. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the child. */
  readonly cwd: string;
  /** Where it is shown and typed. Started here and closed at the end. */
  readonly tty: UserTty;
  /**
   * Opens the sinks, once the child runs. They are closed here. What it throws ends the child and is thrown by
   * `SessionRecorder.run`.
   */
  readonly createSinks: (header: Header) => readonly EventSink[];
  /** The child is a shell that proves its marks. */
  readonly shell?: MarkingShell | undefined;
  /** The command as the user gave it, for the header; absent for a plain shell. */
  readonly command?: string | undefined;
  readonly title?: string | undefined;
  /** Nanoseconds; for the header only. */
  readonly idleTimeLimit?: number | undefined;
  /** What a power cut takes at most, nanoseconds of what was shown; for the header only. */
  readonly lossBound?: number | undefined;
  /** Names of the variables kept in the header. */
  readonly captureEnv?: readonly string[] | undefined;
  /** Record what is typed, hidden lines masked. False by default. */
  readonly captureInput?: boolean | undefined;
  /** Keys that pause recording and set a marker; none by default. */
  readonly keys?: HotKeyBytes | undefined;
  /** ULID of the recording; a new one by default. */
  readonly id?: string | undefined;
  /** An existing recording is continued: the time of its last event (nanoseconds) and its id. */
  readonly append?: { readonly lastTime: number; readonly id?: string | undefined } | undefined;
  /** What the recording begins with, before any output: retimed to its start. */
  readonly beginning?: Batch | undefined;
  /** Opens the recording under way for reading, when pause is pressed. Without it the last 1 MB of output has to do. */
  readonly readBack?: ReadBack | undefined;
  /** How long the terminal is asked for its colours, milliseconds (200); 0: not at all. */
  readonly probeTimeoutMs?: number | undefined;
  /** Signals to this process that end the child and so the recording. All that would end the process by default. */
  readonly endOn?: readonly NodeJS.Signals[] | undefined;
  /** Ends the child as SIGTERM does. */
  readonly signal?: AbortSignal | undefined;
  /** The child runs, and all sinks are open. */
  readonly onStart?: ((pid: number) => void) | undefined;
  /** Output that no recording gets: it is paused, or no sink is left. */
  readonly onUnrecorded?: ((bytes: Uint8Array) => void) | undefined;
  /** What is about to be typed, hidden lines masked, and by whom: before the child gets it, also while recording is paused. */
  readonly onTyped?: ((bytes: Uint8Array, who: string | undefined) => void) | undefined;
  /** A sink failed and gets no more; the child goes on. */
  readonly onSinkError?: ((failure: SinkError) => void) | undefined;
  /** Recording was paused (true) or goes on (false), while the command fills the whole screen, or does not. */
  readonly onPause?: ((paused: boolean, fullScreen: boolean) => void) | undefined;
  /** Everything is recorded. What is written to the terminal now comes last, before it is given back. */
  readonly onEnd?: ((result: RecordResult) => void) | undefined;
  /** For tests. */
  readonly clock?: RecordClock | undefined;
  /** Makes the screen a pause needs; the headless one by default. */
  readonly createScreen?: CreateScreen | undefined;
}

/** How a recording went. */
export interface RecordResult {
  /** The child's, 128 + signal number where a signal ended it. */
  readonly exitStatus: number;
  readonly signal?: NodeJS.Signals;
  /** Recording time at the end, nanoseconds: pauses do not count, an appended recording's earlier time does. */
  readonly durationNanos: number;
  /** What the child wrote, paused or not. */
  readonly outputBytes: number;
  /** Empty where everything was recorded. */
  readonly sinkErrors: readonly SinkError[];
  /** Why the screen as it stood after a pause could not be recorded: playback is wrong there until it is drawn anew. */
  readonly pauseErrors: readonly unknown[];
  readonly header: Header;
}
