// The plug point for on-disk forms: a format sniffs, decodes, encodes, and declares what it can hold.
import type { Batch } from "./event.js";
import type { Header } from "./header.js";
import type { Source, Target } from "./io.js";
import type { Losses } from "./losses.js";
import type { MarkerChange } from "./markers.js";
import type { Recording } from "./recording.js";
import type { KeyframeSource } from "./seekable.js";
import type { Signature, Signer } from "./signature.js";

/** Something odd in the input that was dealt with. `strict` makes these errors. */
export interface Warning {
  readonly code:
    | "time-backwards"
    | "time-leap"
    | "size"
    | "header"
    | "event"
    | "text"
    | "truncated"
    | "trailing"
    | "chain"
    | "timing";
  readonly message: string;
  /** Byte offset in the uncompressed input, where one is known. */
  readonly offset?: number;
}

/** How to follow a recording that is still being written. */
export interface FollowOptions {
  /** Called once: what was there at the beginning has been given. What comes now is new. */
  readonly onLive?: (() => void) | undefined;
  /** So many events of the beginning are known already, and not given. */
  readonly knownEvents?: number | undefined;
}

/** How to decode. */
export interface DecodeOptions {
  /** Treat every warning as an error. */
  readonly strict?: boolean | undefined;
  /**
   * Take what is good of damaged input, with a `truncated` warning that says how much was lost. Most formats end at the
   * damage; where reading goes on behind it, a gap event ({@link GAP_CODE}) stands in its place.
   */
  readonly recover?: boolean | undefined;
  readonly onWarning?: ((warning: Warning) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Go on at the end of what is there, until nobody writes it any more: events are given as they come. The source must
   * have `watch`, the format `supports.follow`. Closing the recording ends the wait.
   */
  readonly follow?: FollowOptions | undefined;
  /** script: the timing file, where it is not found beside the typescript. The caller closes it. */
  readonly timing?: Source | undefined;
}

/** How to encode. */
export interface EncodeOptions {
  /** Decimals of seconds in text formats; `us` (6) by default. */
  readonly precision?: "us" | "ns" | undefined;
  /** script: `advanced` (default) or `classic` timing. */
  readonly timing?: "advanced" | "classic" | undefined;
  /** The target is a file that is visible while it is written: a recording in progress. */
  readonly live?: boolean | undefined;
  /** With `live`: the writer's `sync` will be used, and events that it has brought to disk must not leave it again. */
  readonly synced?: boolean | undefined;
  /**
   * t2r: what the chain over header and events comes to, hexadecimal: `end` throws FormatError `T2A_FORMAT_DAMAGED` where
   * what was written is not that.
   */
  readonly chain?: string | undefined;
  /** t2r: makes the keyframes of a recording that begins with this size; without it the recording gets none. */
  readonly createKeyframes?: ((header: Header) => KeyframeSource) | undefined;
  /** Signs what is written. Only formats whose `supports.signatures` is set look at this and the next. */
  readonly signer?: Signer | undefined;
  /** Made earlier, over the same events or the first of them: those that hold are kept, others counted as lost. */
  readonly signatures?: readonly Signature[] | undefined;
}

/** Which parts of a recording a format can hold. Conformance tests and loss counts follow from it. */
export interface FormatSupports {
  readonly input: boolean;
  readonly resize: boolean;
  readonly marker: boolean;
  readonly exit: boolean;
  readonly custom: boolean;
  readonly meta: boolean;
  /** Output bytes that are not UTF-8 survive. */
  readonly bytes: boolean;
  /** The finest time step it can hold, in nanoseconds; Infinity where it has no times. */
  readonly timeStepNanos: number;
  /** Cut anywhere, what is on disk so far decodes: safe to record into. */
  readonly crashSafe: boolean;
  /** New events may be appended to an existing file. */
  readonly append: boolean;
  /** Can be read while it is being written, each event as it comes. */
  readonly follow: boolean;
  /** Recordings can be signed. */
  readonly signatures?: boolean;
}

/**
 * Turns a recording into bytes, with no I/O. Call `header` once, `events` any number of times, `end` once.
 * Returned bytes are valid until the next call.
 */
export interface Encoder {
  readonly losses: Losses;
  header(header: Header): Uint8Array;
  events(batch: Batch): Uint8Array;
  /** Adds bytes under a name, opaque to the format, behind the last events. Absent where the format has no place for them. */
  section?(name: string, bytes: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

/** Writes a recording into a target, for formats whose recording is more than one run of bytes. Calls as in {@link Encoder}. */
export interface Writer {
  readonly losses: Losses;
  header(header: Header): void | Promise<void>;
  events(batch: Batch): void | Promise<void>;
  section?(name: string, bytes: Uint8Array): void | Promise<void>;
  /** Writes what is left. Does not commit the target. */
  end(): void | Promise<void>;
  /**
   * Resolves when all events that were given before the call survive a power cut; more may be given meanwhile. One at a
   * time. Absent where the target cannot do that.
   */
  sync?(): Promise<void>;
  /**
   * After a call that failed with `error`: brings what was written before to as good an end as can be. True where that is a
   * complete recording, which is to be committed.
   */
  giveUp?(error: unknown): boolean;
}

/** State that an encoder needs to go on where an existing recording ends. Formats may know more of their own. */
export interface AppendState {
  readonly header: Header;
  /** Time of the last event, nanoseconds. */
  readonly lastTime: number;
  /** The last event is complete: nothing has to be added before new events. False where the last line has no newline. */
  readonly complete: boolean;
}

/** An on-disk form of recordings. */
export interface Format {
  /** Its one name, in the CLI and everywhere: `asciicast-v3`. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Extensions with their dot; the first is the one t2a gives. */
  readonly extensions: readonly string[];
  readonly supports: FormatSupports;
  /** Whether input that begins with `head` (up to 64 KB, uncompressed) is of this format. Absent: never found by content. */
  sniff?(head: Uint8Array, name: string): boolean;
  /**
   * Reads a recording. The source is not closed by it. Yields every good event, then throws FormatError at the damage.
   * Absent: write-only.
   */
  decode?(source: Source, options: DecodeOptions): Promise<Recording>;
  /**
   * Absent with `createWriter`: read-only. `append` continues an existing recording: no header is written. A promise
   * where the format has something heavy to load that others do without.
   */
  createEncoder?(options: EncodeOptions, append?: AppendState): Encoder | Promise<Encoder>;
  /** For formats of more than one file; takes the place of `createEncoder`. */
  createWriter?(target: Target, options: EncodeOptions, append?: AppendState): Writer;
  /**
   * For recording into a file that is visible while it is written (`Target.rewind` and siblings), where the encoder alone
   * would not be crash-safe.
   */
  createLiveWriter?(target: Target, options?: EncodeOptions, append?: AppendState): Writer;
  /**
   * The bytes of a recording with other markers, all else as it stands. Only for one that decodes without a warning.
   * Absent: it is decoded and encoded again.
   * @throws FormatError where it is damaged all the same.
   */
  changeMarkers?(source: Source, change: MarkerChange): AsyncIterable<Uint8Array>;
  /**
   * Reads an existing recording to its end, before events are appended to it; where reading its events alone does not tell
   * enough. The state is for this format's writers only. The source, which can be streamed again, is not closed by it.
   */
  scanForAppend?(source: Source): Promise<AppendState>;
}
