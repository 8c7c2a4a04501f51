// t2a convert: moves a recording to another format, and says what that format could not hold.
import { type Command, Option } from "commander";
import {
  changeSpeed,
  cut,
  limitIdle,
  type Position,
  parseDuration,
  parsePosition,
  type Transform,
  UsageError,
} from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { parseSpeed } from "../parse.js";
import { positionReader } from "../positions.js";
import { addTranscodeOptions, type TranscodeOptions, transcode } from "../transcode.js";

interface ConvertOptions extends TranscodeOptions {
  readonly from?: Position;
  readonly to?: Position;
  readonly speed?: number;
  readonly idleTimeLimit?: number;
  readonly precision?: "us" | "ns";
  readonly scriptTiming?: "advanced" | "classic";
}

/** Registers the command. */
export function registerConvert(program: Command, context: CommandContext): void {
  const command = program
    .command("convert")
    .summary("move a recording to another format")
    .description(
      "Writes the recording IN to OUT in another format. - is standard input or output.\nWhat the target cannot hold is counted and told.",
    );
  addTranscodeOptions(command, addOwnOptions)
    .addHelpText(
      "after",
      `
Examples:
  t2a convert demo.cast demo.ttyrec
  t2a convert --from 1:00 --to 2:30 --idle-time-limit 2 long.cast short.cast
  t2a convert -f txt demo.cast -
  t2a convert --recover broken.cast mended.cast
  t2a convert --sign demo.cast demo.t2r`,
    )
    .action((input: string, output: string, options: ConvertOptions) => convert(input, output, options, context));
}

function addOwnOptions(command: Command): Command {
  return command
    .option(
      "--from <position>",
      "leave out what is before (12.5, 1:02, 40%); what the screen then shows opens the result",
      parsePosition,
    )
    .option("--to <position>", "leave out what is after", parsePosition)
    .option("--speed <factor>", "make it faster (2) or slower (0.5)", parseSpeed)
    .option("-i, --idle-time-limit <duration>", "shorten pauses to this", parseDuration)
    .addOption(
      new Option("--precision <unit>", "decimals of seconds in text formats: us (6) or ns (9)").choices(["us", "ns"]),
    )
    .addOption(
      new Option("--script-timing <kind>", "timing file of the script format").choices(["advanced", "classic"]),
    );
}

async function convert(input: string, output: string, options: ConvertOptions, context: CommandContext): Promise<void> {
  const range: { from?: number; to?: number } = {};
  await transcode(
    {
      input,
      output,
      options,
      steps: async () => transforms(Object.assign(range, await resolveRange(input, options, context)), options),
      encode: { precision: options.precision, timing: options.scriptTiming },
      // A cut inside the recording begins with the screen: no event at all means that there was nothing to cut.
      remarks: ({ events }) =>
        (range.from ?? 0) > 0 && events === 0
          ? ["--from lies behind the end of the recording: nothing is left of it"]
          : [],
    },
    context,
  );
}

/** The transforms that the options ask for: positions are recorded time, so the cut comes first. */
async function transforms(
  { from, to }: { from?: number; to?: number },
  { idleTimeLimit, speed }: ConvertOptions,
): Promise<Transform[]> {
  const steps: Transform[] = [];
  if (from !== undefined || to !== undefined)
    steps.push(cut({ from, to, fold: from === undefined ? undefined : await screenFold() }));
  if (idleTimeLimit !== undefined) steps.push(limitIdle(idleTimeLimit));
  if (speed !== undefined) steps.push(changeSpeed(speed));
  return steps;
}

async function screenFold() {
  const { createScreenFold } = await import("../screen-fold.js");
  return createScreenFold();
}

async function resolveRange(
  input: string,
  options: ConvertOptions,
  context: CommandContext,
): Promise<{ from?: number; to?: number }> {
  const { from, to } = options;
  const nanos = await positionReader(input, [from, to], options, context);
  const range = {
    ...(from === undefined ? {} : { from: nanos(from) }),
    ...(to === undefined ? {} : { to: nanos(to) }),
  };
  if ((range.from ?? 0) > (range.to ?? Number.POSITIVE_INFINITY)) throw new UsageError("--from lies after --to");
  return range;
}
