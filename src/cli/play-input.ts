// What t2a play plays, opened as often as it is needed.
import { stat } from "node:fs/promises";
import {
  applyTransforms,
  cut,
  type FollowOptions,
  type Position,
  type Recording,
  type Transform,
} from "../core/index.js";
import type { SpooledStream } from "../files/index.js";
import type { CommandContext } from "./context.js";
import { type InputOptions, openInput, openSource, WarningList } from "./input.js";

/** Options of t2a play. Durations are nanoseconds. */
export interface PlayOptions extends InputOptions {
  readonly bare?: boolean;
  readonly speed?: number;
  readonly idleTimeLimit?: number;
  readonly startAt?: Position;
  readonly endAt?: Position;
  readonly atMarker?: string;
  readonly search?: string;
  readonly loop?: boolean;
  readonly follow?: boolean;
  readonly fromStart?: boolean;
  readonly pauseOnMarkers?: boolean;
  readonly resize?: boolean;
  readonly quiet?: boolean;
}

/** asciinema's words, which scripts look for. */
const ENDED_LINE = "::: Playback ended";
/** Said where somebody ended it. */
export const INTERRUPTED_LINE = "::: Playback interrupted";
/** Where a recording was followed until nobody wrote it any more. */
const EXITED_LINE = "::: Recording ended";
const BROKE_OFF_LINE = "::: Recording ended without an exit: nobody writes it any more";

/** One input of t2a play. */
export class PlayInput {
  /** Of the latest time it was opened. */
  warnings = new WarningList();
  readonly #file: string;
  readonly #options: PlayOptions;
  readonly #context: CommandContext;
  #spool: SpooledStream | undefined;
  /** A followed recording that can hold one had no exit as its latest event. */
  #lacksExit = false;

  constructor(file: string, options: PlayOptions, context: CommandContext) {
    this.#file = file;
    this.#options = options;
    this.#context = context;
  }

  /** What to say at the recording's end. */
  get endLine(): string {
    if (!this.#options.follow) return ENDED_LINE;
    return this.#lacksExit ? BROKE_OFF_LINE : EXITED_LINE;
  }

  /** Opens it from its start; from its live end where it is followed and that was asked for. */
  async open(range: { readonly from?: number | undefined; readonly to?: number | undefined } = {}): Promise<Recording> {
    const { follow, fromStart } = this.#options;
    if (follow && !fromStart) return await this.#openLive();
    const recording = await this.openFromStart();
    if (range.from === undefined && range.to === undefined) return recording;
    const { createScreenFold } = await import("./screen-fold.js");
    return applyTransforms(recording, [cut({ ...range, fold: createScreenFold() })]);
  }

  /** Opens it from its start; `onLive` is called where a followed one has come to what is new. */
  async openFromStart(onLive?: () => void): Promise<Recording> {
    this.warnings = new WarningList();
    if (this.#options.follow) return await this.#openFollowed({ onLive });
    const source = this.#spool?.open();
    return await openInput(this.#file, this.#options, this.#context, {
      onWarning: this.warnings.add,
      ...(source && { source }),
    });
  }

  /** Opens it from its start once more, beside playing: nothing that this reading meets is told at the end. */
  async openBeside(onLive?: () => void): Promise<Recording> {
    const follow = this.#options.follow ? { onLive } : undefined;
    const source = follow === undefined ? this.#spool?.open() : undefined;
    return await openInput(this.#file, this.#options, this.#context, {
      ...(follow && { follow }),
      ...(source && { source }),
    });
  }

  /** It comes only once, and is kept as it is read. */
  get isSpooled(): boolean {
    return this.#spool !== undefined;
  }

  /**
   * From now on what comes only once, standard input or a pipe, is kept, so that it can be opened more than once. Gives whether
   * it is such.
   */
  async spool(): Promise<boolean> {
    const isStdin = this.#file === "-";
    if (!isStdin && !(await comesOnce(this.#file))) return false;
    if (this.#options.follow) return true; // refused when it is opened
    const { SpooledStream } = await import("../files/index.js");
    const { stdin } = this.#context.io;
    const source = isStdin ? undefined : await openSource(this.#file, this.#context);
    const release = () => void (source === undefined ? stdin.destroy() : source.close());
    this.#spool = new SpooledStream(this.#file, source?.stream() ?? stdin, release);
    return true;
  }

  /** Lets go of a standard input whose next byte would keep the program alive. */
  async release(): Promise<void> {
    await this.#spool?.close();
    if (this.#file === "-") this.#context.io.stdin.destroy();
  }

  async #openLive(): Promise<Recording> {
    this.warnings = new WarningList();
    const { joinLive } = await import("../play/index.js");
    const { createScreenFold } = await import("./screen-fold.js");
    const live = new AbortController();
    return joinLive(await this.#openFollowed({ onLive: () => live.abort() }), live.signal, createScreenFold());
  }

  async #openFollowed(follow: FollowOptions): Promise<Recording> {
    const recording = await openInput(this.#file, this.#options, this.#context, {
      onWarning: this.warnings.add,
      follow,
    });
    const { getFormat } = await import("../../formats/index.js");
    const { exit: canHoldExit } = getFormat(recording.format).supports;
    this.#lacksExit = canHoldExit;
    const noteExit: Transform = {
      batch: (batch) => {
        this.#lacksExit = canHoldExit && batch.at(-1)?.kind !== "exit";
        return batch;
      },
    };
    return applyTransforms(recording, [noteExit]);
  }
}

/** Whether what stands under a name is a pipe or the like. */
async function comesOnce(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => !found.isFile() && !found.isDirectory(),
    () => false, // a URL, or nothing: opening it tells
  );
}
