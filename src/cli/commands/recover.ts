// t2a recover: brings a .t2r to its final form, whatever became of its recorder.
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { counted, formatDuration, T2aError } from "../../core/index.js";
import type { FinalizeResult } from "../../library/index.js";
import type { CommandContext } from "../context.js";
import { finalizeNow } from "../finalizer.js";
import { changedFileArgument } from "../references.js";

interface RecoverOptions {
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** How often the lock of another finalizer is tried, milliseconds. */
const TRY_MS = 100;
/** Losses told one by one; the others are counted. */
const MAX_TOLD = 20;

/** Registers the command. */
export function registerRecover(program: Command, context: CommandContext): void {
  program
    .command("recover")
    .summary("finish a .t2r file whose recorder died, or save what is good of a damaged one")
    .description(
      "Writes the end of a .t2r file whose recorder died, with everything that its journal holds, packs it small and\n" +
        "stores the screens that make seeking fast. Waits where another process is at it. Until all of that is done and\n" +
        "on disk the file stays as it was.\n" +
        "A damaged file is never written over: all of it that its checksums hold goes into NAME.recovered.t2r beside it,\n" +
        "where gap events stand for what is lost.",
    )
    .addArgument(changedFileArgument("<file>", "the recording"))
    .option("-o, --output <file>", "where what is good of a damaged file goes; NAME.recovered.t2r by default")
    .option("--overwrite", "replace that where it exists")
    .option("--json", "print what was saved and lost as JSON")
    .option("-q, --quiet", "say nothing but errors")
    .addHelpText(
      "after",
      `
Examples:
  t2a recover demo.t2r
  t2a recover -o good.t2r damaged.t2r
  t2a recover --json demo.t2r | jq .events`,
    )
    .action((file: string, options: RecoverOptions) => recover(file, options, context));
}

async function recover(file: string, options: RecoverOptions, context: CommandContext): Promise<void> {
  const quiet = options.quiet === true;
  const say = (text: string) => !quiet && context.info(text);
  const salvage = { path: options.output ?? recoveredName(file), overwrite: options.overwrite === true };
  const result = await patiently(
    () => finalizeNow(file, quiet || options.json === true, context, salvage),
    () => say("another process finishes the file: waiting for it"),
  );
  if (result === undefined) return;
  if (options.json) context.printJson(toJson(result));
  else if (!quiet) await tell(result, context);
}

function recoveredName(file: string): string {
  return `${file.endsWith(".t2r") ? file.slice(0, -".t2r".length) : file}.recovered.t2r`;
}

/** Does the work as soon as no other finalizer holds the file. A recorder is not waited for: it may run for days. */
async function patiently<T>(work: () => Promise<T>, onWait: () => void): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof T2aError) || error.details.holder !== "finalizer") throw error;
      if (attempt === 0) onWait();
      await setTimeout(TRY_MS);
    }
  }
}

function toJson({ durationNanos, droppedKeyframes, keyframes, salvage, ...same }: FinalizeResult) {
  const totals = { ...same, durationNs: durationNanos };
  if (salvage === undefined) return { ...totals, keyframes: { count: keyframes, dropped: droppedKeyframes } };
  const { path, lost, warnings, damage } = salvage;
  return {
    ...totals,
    output: path,
    damage: { offset: damage.offset, reason: damage.reason },
    lost: lost.map(({ startTime, endTime, ...rest }) => ({ startNs: startTime, endNs: endTime, ...rest })),
    warnings,
  };
}

async function tell(result: FinalizeResult, context: CommandContext): Promise<void> {
  const { outcome, wasUnfinished, events, outputBytes, durationNanos, sizeBefore, sizeAfter, salvage } = result;
  const saved = `${counted(events, "event")}, ${outputBytes} bytes of output, ${formatDuration(durationNanos)}`;
  if (salvage !== undefined) await tellSalvage(salvage, saved, context);
  else if (outcome === "nothing-to-do") context.info(`nothing to do: the file is finished and whole (${saved})`);
  else if (outcome === "no-room") {
    context.warn(`the disk has not room for the file twice: it stays as it is, whole (${saved})`);
    context.exit(1);
  } else {
    context.info(`${wasUnfinished ? "its recorder had died: all was saved" : "finished"}: ${saved}`);
    context.info(`${sizeBefore} bytes became ${sizeAfter}, with ${counted(result.keyframes, "keyframe")}`);
  }
}

async function tellSalvage(
  { path, warnings, damage }: NonNullable<FinalizeResult["salvage"]>,
  saved: string,
  context: CommandContext,
): Promise<void> {
  const { visibleText } = await import("../../terminal/index.js");
  context.info(`the file is damaged, and stays as it is: ${visibleText(damage.reason)} at byte ${damage.offset}`);
  context.info(`saved in ${visibleText(path)}: ${saved}`);
  for (const { message } of warnings.slice(0, MAX_TOLD)) context.warn(visibleText(message));
  if (warnings.length > MAX_TOLD) context.warn(`and ${warnings.length - MAX_TOLD} more of such`);
}
