// t2a play: plays a recording on the terminal, or into a pipe in time.
import { constants } from "node:os";
import type { Command } from "commander";
import {
  applyTransforms,
  type FollowOptions,
  parseDuration,
  type Recording,
  type Transform,
  UsageError,
} from "../../core/index.js";
import type { StreamPlayer, View } from "../../play/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions, type InputOptions, openInput, WarningList } from "../input.js";
import { parseSpeed } from "../parse.js";

interface PlayOptions extends InputOptions {
  readonly speed?: number;
  readonly idleTimeLimit?: number;
  readonly loop?: boolean;
  readonly follow?: boolean;
  readonly fromStart?: boolean;
  readonly pauseOnMarkers?: boolean;
  readonly resize?: boolean;
  readonly quiet?: boolean;
}

/** Signals that end playback. They would end the program anyway; this way the terminal is given back clean. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Registers the command. */
export function registerPlay(program: Command, context: CommandContext): void {
  addInputOptions(
    program
      .command("play")
      .summary("play a recording")
      .description(
        "Plays FILE on the terminal. Where standard output is none, the recorded output is written to it as it is, in time.",
      )
      .argument("<file>", "file, http(s) URL or - (keys then come from the terminal)"),
  )
    .option("-s, --speed <factor>", "play faster (2) or slower (0.5)", parseSpeed)
    .option("-i, --idle-time-limit <duration>", "shorten pauses to this; else as the recording says", parseDuration)
    .option("-l, --loop", "begin anew at the end, until stopped")
    .option("-f, --follow", "go on with a recording that is still being written, from the screen as it now stands")
    .option("--from-start", "with --follow: play what there is first, from its start")
    .option("-m, --pause-on-markers", "pause at every marker (on a terminal)")
    .option("-r, --resize", "ask the terminal to take the recording's size; not all do")
    .option("-q, --quiet", "say nothing but errors")
    .addHelpText(
      "after",
      `
Keys:
  space   pause, or play on
  .       show the next output (while paused)
  ]       go to the next marker and pause there
  ctrl-c  end

Exit status: 0, also when ended by ctrl-c; 128 + number when ended by a signal; 1 where the recording is damaged.

Examples:
  t2a play demo.cast
  t2a play --speed 2 --idle-time-limit 1 demo.ttyrec
  t2a play https://example.com/demo.cast
  t2a play --follow demo.t2r        (while t2a record demo.t2r runs elsewhere)`,
    )
    .action((file: string, options: PlayOptions) => play(file, options, context));
}

async function play(file: string, options: PlayOptions, context: CommandContext): Promise<void> {
  if (options.loop && file === "-") throw new UsageError("--loop needs a file: standard input cannot be read twice");
  if (options.loop && options.follow) throw new UsageError("--loop and --follow cannot both be meant");
  if (options.fromStart && !options.follow) throw new UsageError("--from-start goes with --follow");
  const { values } = await context.settings();
  const { StreamPlayer } = await import("../../play/index.js");
  const { visibleText } = await import("../../terminal/index.js");
  const input = new Input(file, options, context);
  // The recording is opened before the terminal is touched: what goes wrong here is told on a terminal as it was.
  await input.openAhead();
  const screen = await openScreen(options, context);
  try {
    const player = new StreamPlayer({
      open: () => input.open(),
      view: screen.view,
      speed: options.speed ?? values["play.speed"],
      idleTimeLimit: options.idleTimeLimit ?? values["play.idle_time_limit"],
      loop: options.loop,
      // Without keys nobody could go on.
      pauseOnMarkers: screen.hasKeys && (options.pauseOnMarkers ?? values["play.pause_on_markers"]),
    });
    const what = options.follow ? "Following the session in" : "Replaying session from";
    if (!options.quiet) screen.say(`::: ${what} ${visibleText(file)}`);
    context.exit(await run(player, screen, options.quiet ? undefined : () => input.endLine));
  } finally {
    await screen.close();
    await input.release();
  }
  if (!options.quiet) await input.warnings.tell(context);
}

/**
 * Plays to the end, whatever ends it, and gives the terminal back. Gives the exit status. `endLine` gives what is said at the
 * recording's own end; without it nothing is said.
 */
async function run(player: StreamPlayer, screen: Screen, endLine: (() => string) | undefined): Promise<number> {
  let signal: NodeJS.Signals | undefined;
  const stop = (received: NodeJS.Signals) => {
    signal = received;
    player.stop();
  };
  for (const name of ENDING_SIGNALS) process.on(name, stop);
  try {
    screen.start(player);
    const outcome = await player.run();
    if (screen.isGone()) signal = "SIGHUP"; // it comes with the terminal's going away, sooner or later
    const lines = { ended: endLine?.(), interrupted: endLine && INTERRUPTED_LINE, closed: undefined };
    await screen.close(lines[outcome]);
    return signal === undefined ? 0 : 128 + constants.signals[signal];
  } finally {
    await screen.close(); // still deaf to further signals: the terminal is being given back
    for (const name of ENDING_SIGNALS) process.off(name, stop);
  }
}

/** asciinema's words, which scripts look for. */
const ENDED_LINE = "::: Playback ended";
const INTERRUPTED_LINE = "::: Playback interrupted";
/** Where a recording was followed until nobody wrote it any more. */
const EXITED_LINE = "::: Recording ended";
const BROKE_OFF_LINE = "::: Recording ended without an exit: nobody writes it any more";

/** What is played, opened as often as it is needed. */
class Input {
  /** Of the latest time it was opened. */
  warnings = new WarningList();
  readonly #file: string;
  readonly #options: PlayOptions;
  readonly #context: CommandContext;
  #ahead: Recording | undefined;
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

  async openAhead(): Promise<void> {
    this.#ahead = await this.open();
  }

  async open(): Promise<Recording> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined) return ahead;
    this.warnings = new WarningList();
    if (!this.#options.follow) return await this.#openInput();
    if (this.#options.fromStart) return await this.#openFollowed({});
    const { joinLive } = await import("../../play/index.js");
    const { createScreenFold } = await import("../screen-fold.js");
    const live = new AbortController();
    return joinLive(await this.#openFollowed({ onLive: () => live.abort() }), live.signal, createScreenFold());
  }

  async #openFollowed(follow: FollowOptions): Promise<Recording> {
    const recording = await this.#openInput(follow);
    const { getFormat } = await import("../../../formats/index.js");
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

  #openInput(follow?: FollowOptions): Promise<Recording> {
    return openInput(this.#file, this.#options, this.#context, { onWarning: this.warnings.add, follow });
  }

  /** Lets go of what was opened but not played, and of a standard input whose next byte would keep the program alive. */
  async release(): Promise<void> {
    await this.#ahead?.close();
    if (this.#file === "-") this.#context.io.stdin.destroy();
  }
}

/** Where it is played, and where the command's own lines go. */
interface Screen {
  readonly view: View;
  readonly hasKeys: boolean;
  start(player: StreamPlayer): void;
  isGone(): boolean;
  /** A line of the command's own: on standard output where that is the terminal, else on standard error, out of the way. */
  say(line: string): void;
  /** Gives the screen back, with a last line if one is given. Idempotent. */
  close(lastLine?: string): Promise<void>;
}

async function openScreen(options: PlayOptions, context: CommandContext): Promise<Screen> {
  const { StreamView, TtyView } = await import("../../play/index.js");
  const { stdout, stderr } = context.io;
  const terminal = stdout.isTTY === true;
  const say = (line: string) => void (terminal ? stdout : stderr).write(`${line}\n`);
  const tty = terminal ? (await import("../../pty/index.js")).findUserTty() : undefined;
  if (tty !== undefined) {
    const view = new TtyView(tty, { followSize: options.resize });
    return {
      view,
      hasKeys: true,
      start: (player) => view.start((command) => player.command(command)),
      isGone: () => view.gone,
      say,
      close: (lastLine) => view.close(lastLine),
    };
  }
  const { openStreamTarget } = await import("../../files/index.js");
  const view = new StreamView(openStreamTarget("standard output", stdout), { terminal });
  const close = async (lastLine?: string) => {
    await view.close();
    if (lastLine !== undefined) say(lastLine);
  };
  return { view, hasKeys: false, start: () => {}, isGone: () => false, say, close };
}
