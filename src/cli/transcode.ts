// Reading a recording, changing it on the way, writing it: what convert and cut have in common.
import type { Command } from "commander";
import type { CopyOptions, CopyResult } from "../../formats/index.js";
import {
  applyTransforms,
  type EncodeOptions,
  type Format,
  type Recording,
  type Source,
  type Transform,
  UsageError,
} from "../core/index.js";
import type { CommandContext } from "./context.js";
import { addInputOptions, type InputOptions, openInput, openSource, WarningList } from "./input.js";
import { onInterruption } from "./interruption.js";
import { addSignOptions, type SignOptions, signingKey } from "./keys.js";
import { openOutput, outputFormat } from "./output.js";
import { countingSource, Progress } from "./progress.js";
import { recordingArgument } from "./references.js";

/** Options of the commands that write another recording. */
export interface TranscodeOptions extends InputOptions, SignOptions {
  readonly outputFormat?: string;
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly keyframes: boolean;
}

/** Adds the arguments and options of {@link TranscodeOptions}, those of the command's own between them. */
export function addTranscodeOptions(command: Command, addOwn: (command: Command) => Command): Command {
  addInputOptions(
    command
      .addArgument(recordingArgument("<in>", "file, session of the library, URL or -"))
      .argument("<out>", "file or -; .gz and .zst compress"),
  )
    .option("-f, --output-format <format>", "format to write; else by OUT's extension, else asciicast-v3")
    .option("--overwrite", "replace OUT where it exists");
  addOwn(command).option(
    "--no-keyframes",
    "t2r: store no screens to start replay at; faster to write, slower to seek in",
  );
  return addSignOptions(command)
    .option("--json", "print what was written and lost as JSON")
    .option("-q, --quiet", "do not tell what was lost");
}

/** One recording to write. */
export interface TranscodeJob {
  readonly input: string;
  readonly output: string;
  readonly options: TranscodeOptions;
  /** What changes it: made when everything else is known to be in order. */
  readonly steps: () => Promise<readonly Transform[]>;
  readonly encode?: Pick<EncodeOptions, "precision" | "timing">;
  /** What else there is to tell people of the result. */
  readonly remarks?: (result: CopyResult) => readonly string[];
}

/** Does the job and tells what was lost. Where a signal ended it, the exit status is set. */
export async function transcode(job: TranscodeJob, context: CommandContext): Promise<void> {
  const { input, output, options } = job;
  if (options.json && output === "-")
    throw new UsageError("--json and the recording cannot both go to standard output: name a file");
  const format = await outputFormat(output, options.outputFormat);
  const warnings = new WarningList();
  const progress = new Progress(context, options.quiet === true);
  let recording: Recording | undefined;
  const interruption = onInterruption();
  let result: CopyResult;
  try {
    const encode = { ...(await encodeOptions(job, format, context)), signal: interruption.signal };
    const steps = await job.steps();
    const bytes = await openSource(input, context);
    const source = countingSource(bytes, progress);
    recording = await openInput(input, options, context, { source, onWarning: warnings.add });
    const kept = await keptParts(job, { bytes, recording, format, isChanged: steps.length > 0 }, context);
    const transformed = applyTransforms(recording, steps);
    const { recording: passing, sections } = await passingBy(transformed, format, kept.sections);
    const target = await openOutput(output, options.overwrite === true, context);
    const { copyRecording } = await import("../../formats/index.js");
    result = await copyRecording(passing, format, target, { ...encode, ...kept, sections });
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
    return;
  } finally {
    interruption.release();
    progress.stop();
    await recording?.close();
  }
  await report(job, { inputFormat: recording.format, outputFormat: format.name, result, warnings }, context);
}

interface Outcome {
  readonly inputFormat: string;
  readonly outputFormat: string;
  readonly result: CopyResult;
  readonly warnings: WarningList;
}

async function report(
  { input, output, options, remarks }: TranscodeJob,
  { inputFormat, outputFormat, result, warnings }: Outcome,
  context: CommandContext,
): Promise<void> {
  const { events, durationNanos, losses, lossText } = result;
  if (options.json) {
    const written = { input, inputFormat, output, outputFormat, events, durationNs: durationNanos };
    context.printJson({ ...written, losses, warnings: warnings.all });
  }
  if (options.quiet) return;
  await warnings.tell(context);
  for (const remark of remarks?.(result) ?? []) context.warn(remark);
  if (lossText !== "") context.warn(`${outputFormat} cannot hold everything: lost ${lossText}`);
}

async function encodeOptions(
  { options, encode }: TranscodeJob,
  format: Format,
  context: CommandContext,
): Promise<EncodeOptions> {
  const settings = await context.settings();
  return {
    precision: encode?.precision ?? settings.values["convert.precision"],
    timing: encode?.timing,
    createKeyframes: options.keyframes && format.name === "t2r" ? await keyframeMaker() : undefined,
    signer: await signingKey(options, format, context),
  };
}

/** Loads the terminal engine: formats that store no screens do without. */
export async function keyframeMaker(): Promise<EncodeOptions["createKeyframes"]> {
  const { KeyframeMaker } = await import("../terminal/index.js");
  return (header) => new KeyframeMaker(header);
}

/** The recording and the sections to write; a .t2r is told its commands. */
async function passingBy(
  recording: Recording,
  format: Format,
  others: CopyOptions["sections"],
): Promise<Pick<CopyOptions, "sections"> & { readonly recording: Recording }> {
  if (format.name !== "t2r") return { recording, sections: others };
  const { withCommands } = await import("../library/index.js");
  const passing = withCommands(recording);
  return { recording: passing.recording, sections: passing.sections(others) };
}

interface Opened {
  readonly bytes: Source;
  readonly recording: Recording;
  readonly format: Format;
  readonly isChanged: boolean;
}

/** What of a .t2r, beside its events, goes into the other file. */
async function keptParts(
  { input, options }: TranscodeJob,
  { bytes, recording, format, isChanged }: Opened,
  context: CommandContext,
) {
  if (recording.format !== "t2r" || !bytes.supports.restart) return {}; // a stream cannot be read twice
  const { readSignatures } = await import("../../formats/index.js");
  return {
    // Those that do not hold for what is written are counted as lost.
    signatures: format.supports.signatures === true ? await readSignatures(bytes) : [],
    // What sections say of a recording may be wrong of a changed one, or of what is left of a damaged one.
    sections: isChanged || options.recover ? undefined : sectionsOf(input, context),
  };
}

/** The sections of a finished .t2r, one at a time. */
async function* sectionsOf(file: string, context: CommandContext): AsyncGenerator<readonly [string, Uint8Array]> {
  const { openT2r } = await import("../../formats/index.js");
  const source = await openSource(file, context);
  try {
    const open = await openT2r(source);
    if (open !== undefined) yield* open.sections();
  } finally {
    await source.close();
  }
}
