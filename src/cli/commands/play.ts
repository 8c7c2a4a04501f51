// t2a play: plays a recording on the terminal, or into a pipe in time.
import type { Command } from "commander";
import { parseDuration, parsePosition, UsageError } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions } from "../input.js";
import { parseSpeed } from "../parse.js";
import type { PlayOptions } from "../play-input.js";
import { recordingArgument } from "../references.js";

/** Registers the command. */
export function registerPlay(
  program: Command,
  context: CommandContext,
  { name = "play", summary = "play a recording" }: { readonly name?: string; readonly summary?: string } = {},
): void {
  addInputOptions(
    program
      .command(name)
      .summary(summary)
      .description(
        "Plays FILE on the terminal, where one can go anywhere in it. Where standard output is no\n" +
          "terminal, the recorded output is written to it as it is, in time.",
      )
      .addArgument(
        recordingArgument(
          "<file>",
          "file, session of the library, http(s) URL or - (keys then come from the terminal)",
        ),
      ),
  )
    .option("--bare", "the recorded output and nothing else on the terminal, as into a pipe")
    .option("--start-at <position>", "where to begin: 12.5, 90s, 1:02:03 or 40%", parsePosition)
    .option("--end-at <position>", "where to end", parsePosition)
    .option("--at-marker <marker>", "begin at the marker of this label or number (t2a marker ls)")
    .option("--search <text>", "open at the first moment that showed this; \\v before it: a regular expression")
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
Keys (h shows all of them while playing):
  space             pause, or play on           q ctrl-c     end
  left right        5 seconds                   up down + -  faster, slower
  { } shift+arrows  10 %                        0 ... 9      to 0 % ... 90 %
  home end          to the start, the end       g            to a time: 90, 1:30, 40%
  , .               one step back, forward      < >          one frame back, forward
  [ ]               previous, next marker       ( ) x        previous, next, next failed command
  / ?               search (\\v: a pattern)      c            list the commands, go to one
  n N               next, previous hit          escape       no more hits
  l i t             repeat, pauses, time of day alt+arrows   show another part
  ctrl-l h f1       draw again, help            mouse        the timeline; the wheel goes 5 seconds
  ctrl-z            stop; fg goes on

On a terminal the recording stays at its end once a key was pressed. With --bare, and where TERM is dumb,
the keys are space, . (next output while paused), ] (next marker) and ctrl-c.

Exit status: 0, also when ended by ctrl-c; 1 where the recording is damaged or cannot be read; 2 for a wrong
option; 128 + number when ended by a signal.

Examples:
  t2a play @last
  t2a play demo.cast
  t2a play --speed 2 --idle-time-limit 1 demo.ttyrec
  t2a play --search 'tests passed' demo.t2r
  t2a play https://example.com/demo.cast
  t2a play --follow demo.t2r        (while t2a record demo.t2r runs elsewhere)`,
    )
    .action((file: string, options: PlayOptions) => play(file, options, context));
}

function refuseContradictions({ loop, follow, fromStart, atMarker, startAt, endAt }: PlayOptions): void {
  if (loop && follow) throw new UsageError("--loop and --follow cannot both be meant");
  if (fromStart && !follow) throw new UsageError("--from-start goes with --follow");
  if (atMarker !== undefined && startAt !== undefined)
    throw new UsageError("--at-marker and --start-at cannot both be meant");
  if (!follow) return;
  if (atMarker !== undefined) throw new UsageError("--at-marker and --follow cannot both be meant");
  if (startAt !== undefined && !fromStart) throw new UsageError("--start-at goes with --follow --from-start only");
  for (const position of [startAt, endAt])
    if (position !== undefined && "fraction" in position)
      throw new UsageError("a recording that is still being written has no length yet: name a time, not a share of it");
}

async function play(file: string, options: PlayOptions, context: CommandContext): Promise<void> {
  refuseContradictions(options);
  const { stdout, env } = context.io;
  // A dumb terminal has no places to draw at.
  const isTerminal = options.bare !== true && stdout.isTTY === true && env.TERM !== "dumb";
  const tty = isTerminal ? (await import("../../pty/index.js")).findUserTty(context.io.tty) : undefined;
  if (tty !== undefined) {
    const { playOnTerminal } = await import("../playback.js");
    await playOnTerminal(file, options, context, tty);
    return;
  }
  if (options.atMarker !== undefined || options.search !== undefined)
    throw new UsageError("--at-marker and --search need a terminal to play on, and not --bare");
  const { playBare } = await import("../bare-playback.js");
  await playBare(file, options, context);
}
