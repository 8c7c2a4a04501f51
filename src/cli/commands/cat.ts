// t2a cat: joins recordings one after another.
import type { Command } from "commander";
import { concat } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions, type InputOptions, openInput, WarningList } from "../input.js";
import { onInterruption } from "../interruption.js";
import { openOutput, outputFormat } from "../output.js";
import { recordingArgument } from "../references.js";

interface CatOptions extends InputOptions {
  readonly outputFormat?: string;
  readonly output: string;
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerCat(program: Command, context: CommandContext): void {
  addInputOptions(
    program
      .command("cat")
      .summary("join recordings")
      .description("Joins recordings one after another: times continue, and a resize stands where the size differs.")
      .addArgument(recordingArgument("<file...>", "recordings of any format, in order, sessions of the library too")),
  )
    .option("-o, --output <file>", "where to write", "-")
    .option("-f, --output-format <format>", "format to write; else by the output's extension, else asciicast-v3")
    .option("--overwrite", "replace the output where it exists")
    .option("-q, --quiet", "do not tell what was lost")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a cat monday.cast tuesday.ttyrec > week.cast\n  t2a cat -o all.json a.cast b.cast",
    )
    .action((files: string[], options: CatOptions) => cat(files, options, context));
}

async function cat(files: readonly string[], options: CatOptions, context: CommandContext): Promise<void> {
  const { copyRecording } = await import("../../../formats/index.js");
  const settings = await context.settings();
  const format = await outputFormat(options.output, options.outputFormat);
  const warnings = new WarningList();
  const recording = await concat(
    files.map((file) => () => openInput(file, options, context, { onWarning: warnings.add })),
  );
  const interruption = onInterruption();
  try {
    const target = await openOutput(options.output, options.overwrite === true, context);
    const { lossText } = await copyRecording(recording, format, target, {
      precision: settings.values["convert.precision"],
      signal: interruption.signal,
    });
    if (options.quiet) return;
    await warnings.tell(context);
    if (lossText !== "") context.warn(`${format.name} cannot hold everything: lost ${lossText}`);
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
  } finally {
    interruption.release();
    await recording.close();
  }
}
