// t2a play: plays a recording on the terminal, or into a pipe in time.
import type { Command } from "commander";
import { parseDuration, UsageError } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions } from "../input.js";
import { parseSpeed } from "../parse.js";
import type { PlayOptions } from "../play-input.js";

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
  if (options.loop && options.follow) throw new UsageError("--loop and --follow cannot both be meant");
  if (options.fromStart && !options.follow) throw new UsageError("--from-start goes with --follow");
  const { playBare } = await import("../bare-playback.js");
  await playBare(file, options, context);
}
