// t2a convert: moves a recording to another format, and says what that format could not hold.
import { type Command, Option } from "commander";
import type { EncodeOptions, LossTable, Position, Transform, Warning } from "../../core/index.js";
import {
  applyTransforms,
  changeSpeed,
  cut,
  limitIdle,
  parseDuration,
  parsePosition,
  UsageError,
} from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions, durationOf, type InputOptions, openInput, openSource, WarningList } from "../input.js";
import { onInterruption } from "../interruption.js";
import { addSignOptions, type SignOptions, signingKey } from "../keys.js";
import { openOutput, outputFormat } from "../output.js";
import { parseSpeed } from "../parse.js";
import { countingSource, Progress } from "../progress.js";

interface ConvertOptions extends InputOptions, SignOptions {
  readonly outputFormat?: string;
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly from?: Position;
  readonly to?: Position;
  readonly speed?: number;
  readonly idleTimeLimit?: number;
  readonly precision?: "us" | "ns";
  readonly scriptTiming?: "advanced" | "classic";
  readonly keyframes: boolean;
}

/** Registers the command. */
export function registerConvert(program: Command, context: CommandContext): void {
  const command = addInputOptions(
    program
      .command("convert")
      .summary("move a recording to another format")
      .description(
        "Writes the recording IN to OUT in another format. - is standard input or output.\nWhat the target cannot hold is counted and told.",
      )
      .argument("<in>", "file, URL or -")
      .argument("<out>", "file or -; .gz and .zst compress"),
  )
    .option("-f, --output-format <format>", "format to write; else by OUT's extension, else asciicast-v3")
    .option("--overwrite", "replace OUT where it exists")
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
    )
    .option("--no-keyframes", "t2r: store no screens to start replay at; faster to write, slower to seek in");
  addSignOptions(command)
    .option("--json", "print what was written and lost as JSON")
    .option("-q, --quiet", "do not tell what was lost")
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

async function convert(input: string, output: string, options: ConvertOptions, context: CommandContext): Promise<void> {
  if (options.json && output === "-")
    throw new UsageError("--json and the recording cannot both go to standard output: name a file");
  const { copyRecording, readSignatures } = await import("../../../formats/index.js");
  const settings = await context.settings();
  const format = await outputFormat(output, options.outputFormat);
  const signer = await signingKey(options, format, context);
  const warnings = new WarningList();
  const range = await resolveRange(input, options, context);
  const progress = new Progress(context, options.quiet === true);
  const bytes = await openSource(input, context);
  const source = countingSource(bytes, progress);
  const recording = await openInput(input, options, context, { source, onWarning: warnings.add });
  const interruption = onInterruption();
  let result: Awaited<ReturnType<typeof copyRecording>>;
  try {
    const steps = await transforms(range, options);
    const isT2r = recording.format === "t2r" && bytes.supports.restart; // a stream cannot be read twice
    // Those that do not hold for what is written are counted as lost.
    const signatures = isT2r && format.supports.signatures === true ? await readSignatures(bytes) : [];
    const transformed = applyTransforms(recording, steps);
    const target = await openOutput(output, options.overwrite === true, context);
    result = await copyRecording(transformed, format, target, {
      precision: options.precision ?? settings.values["convert.precision"],
      timing: options.scriptTiming,
      createKeyframes: options.keyframes && format.name === "t2r" ? await keyframeMaker() : undefined,
      signal: interruption.signal,
      signer,
      signatures,
      // What sections say of a recording may be wrong of a changed one, or of what is left of a damaged one.
      sections: isT2r && steps.length === 0 && !options.recover ? sectionsOf(input, context) : undefined,
    });
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
    return;
  } finally {
    interruption.release();
    progress.stop();
    await recording.close();
  }
  if (options.json)
    printJson(context, {
      input,
      inputFormat: recording.format,
      output,
      outputFormat: format.name,
      ...result,
      warnings: warnings.all,
    });
  if (options.quiet) return;
  await warnings.tell(context);
  // A cut inside the recording begins with the screen: no event at all means that there was nothing to cut.
  if ((range.from ?? 0) > 0 && result.events === 0)
    context.warn("--from lies behind the end of the recording: nothing is left of it");
  if (result.lossText !== "") context.warn(`${format.name} cannot hold everything: lost ${result.lossText}`);
}

/** The sections of a finished .t2r, one at a time. */
async function* sectionsOf(file: string, context: CommandContext): AsyncGenerator<readonly [string, Uint8Array]> {
  const { openT2r } = await import("../../../formats/index.js");
  const source = await openSource(file, context);
  try {
    const open = await openT2r(source);
    if (open !== undefined) yield* open.sections();
  } finally {
    await source.close();
  }
}

interface Report {
  readonly input: string;
  readonly inputFormat: string;
  readonly output: string;
  readonly outputFormat: string;
  readonly events: number;
  readonly durationNanos: number;
  readonly losses: LossTable;
  readonly warnings: readonly Warning[];
}

function printJson(
  context: CommandContext,
  { input, inputFormat, output, outputFormat, events, durationNanos, losses, warnings }: Report,
): void {
  context.printJson({ input, inputFormat, output, outputFormat, events, durationNs: durationNanos, losses, warnings });
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

/** Loads the terminal engine: formats that store no screens do without. */
async function keyframeMaker(): Promise<EncodeOptions["createKeyframes"]> {
  const { KeyframeMaker } = await import("../../terminal/index.js");
  return (header) => new KeyframeMaker(header);
}

async function screenFold() {
  const { createScreenFold } = await import("../screen-fold.js");
  return createScreenFold();
}

/** Positions in nanoseconds; a percentage needs the duration, which only reading the whole recording tells. */
async function resolveRange(
  input: string,
  options: ConvertOptions,
  context: CommandContext,
): Promise<{ from?: number; to?: number }> {
  const { from, to } = options;
  const positions = [from, to].filter((position) => position !== undefined);
  let duration = 0;
  if (positions.some((position) => "fraction" in position)) {
    if (input === "-") throw new UsageError("a position in % needs a file: standard input cannot be read twice");
    duration = await durationOf(input, options, context);
  }
  const nanos = (position: Position) =>
    "nanos" in position ? position.nanos : Math.round(position.fraction * duration);
  const range = {
    ...(from === undefined ? {} : { from: nanos(from) }),
    ...(to === undefined ? {} : { to: nanos(to) }),
  };
  if ((range.from ?? 0) > (range.to ?? Number.POSITIVE_INFINITY)) throw new UsageError("--from lies after --to");
  return range;
}
