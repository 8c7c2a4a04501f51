// t2a play without anything of its own on the screen: the recorded output as it is, in time, into a pipe or through the filter
// onto a terminal.
import { type Recording, UsageError } from "../core/index.js";
import type { StreamPlayer, View } from "../play/index.js";
import type { CommandContext } from "./context.js";
import { untilSignalled } from "./ending-signals.js";
import { INTERRUPTED_LINE, PlayInput, type PlayOptions } from "./play-input.js";
import { positionReader } from "./positions.js";

/** Plays to the end, whatever ends it. */
export async function playBare(file: string, options: PlayOptions, context: CommandContext): Promise<void> {
  if (options.loop && file === "-") throw new UsageError("--loop needs a file: standard input cannot be read twice");
  const { values } = await context.settings();
  const { StreamPlayer } = await import("../play/index.js");
  const { visibleText } = await import("../terminal/index.js");
  const range = await rangeOf(file, options, context);
  const input = new PlayInput(file, options, context);
  // The recording is opened before the terminal is touched: what goes wrong here is told on a terminal as it was.
  let ahead: Recording | undefined = await input.open(range);
  const screen = await openScreen(options, context);
  try {
    const player = new StreamPlayer({
      open: async () => {
        const recording = ahead ?? (await input.open(range));
        ahead = undefined;
        return recording;
      },
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
    await ahead?.close();
    await input.release();
  }
  if (!options.quiet) await input.warnings.tell(context);
}

async function rangeOf(file: string, options: PlayOptions, context: CommandContext) {
  const { startAt, endAt } = options;
  const nanos = await positionReader(file, [startAt, endAt], options, context);
  return { from: startAt && nanos(startAt), to: endAt && nanos(endAt) };
}

/**
 * Plays and gives the terminal back. Gives the exit status. `endLine` gives what is said at the recording's own end; without it
 * nothing is said.
 */
async function run(player: StreamPlayer, screen: BareScreen, endLine: (() => string) | undefined): Promise<number> {
  return await untilSignalled(
    () => player.stop(),
    async () => {
      try {
        screen.start(player);
        const outcome = await player.run();
        const lines = { ended: endLine?.(), interrupted: endLine && INTERRUPTED_LINE, closed: undefined };
        await screen.close(lines[outcome]);
        return screen.isGone() ? "SIGHUP" : undefined; // it comes with the terminal's going away, sooner or later
      } finally {
        await screen.close(); // still deaf to further signals: the terminal is being given back
      }
    },
  );
}

/** Where it is played, and where the command's own lines go. */
interface BareScreen {
  readonly view: View;
  readonly hasKeys: boolean;
  start(player: StreamPlayer): void;
  isGone(): boolean;
  /** A line of the command's own: on standard output where that is the terminal, else on standard error, out of the way. */
  say(line: string): void;
  /** Gives the screen back, with a last line if one is given. Idempotent. */
  close(lastLine?: string): Promise<void>;
}

async function openScreen(options: PlayOptions, context: CommandContext): Promise<BareScreen> {
  const { StreamView, TtyView } = await import("../play/index.js");
  const { stdout, stderr } = context.io;
  const terminal = stdout.isTTY === true;
  const say = (line: string) => void (terminal ? stdout : stderr).write(`${line}\n`);
  const tty = terminal ? (await import("../pty/index.js")).findUserTty(context.io.tty) : undefined;
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
  const { openStreamTarget } = await import("../files/index.js");
  const view = new StreamView(openStreamTarget("standard output", stdout), { terminal });
  const close = async (lastLine?: string) => {
    await view.close();
    if (lastLine !== undefined) say(lastLine);
  };
  return { view, hasKeys: false, start: () => {}, isGone: () => false, say, close };
}
