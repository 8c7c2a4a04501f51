// t2a recover: brings a .t2r to its final form, whatever became of its recorder.
import { setTimeout } from "node:timers/promises";
import type { Command } from "commander";
import { formatDuration, T2aError } from "../../core/index.js";
import type { FinalizeResult } from "../../library/index.js";
import type { CommandContext } from "../context.js";
import { finalizeNow } from "../finalizer.js";

interface RecoverOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** How often the lock of another finalizer is tried, milliseconds. */
const TRY_MS = 100;

/** Registers the command. */
export function registerRecover(program: Command, context: CommandContext): void {
  program
    .command("recover")
    .summary("finish a .t2r file whose recorder died, or was not finalized")
    .description(
      "Writes the end of a .t2r file whose recorder died, with everything that its journal holds, packs it small and\n" +
        "stores the screens that make seeking fast. Waits where another process is at it. Until all of that is done and\n" +
        "on disk the file stays as it was.",
    )
    .argument("<file>", "the recording")
    .option("--json", "print what was saved as JSON")
    .option("-q, --quiet", "say nothing but errors")
    .addHelpText("after", "\nExamples:\n  t2a recover demo.t2r\n  t2a recover --json demo.t2r | jq .events")
    .action((file: string, options: RecoverOptions) => recover(file, options, context));
}

async function recover(file: string, options: RecoverOptions, context: CommandContext): Promise<void> {
  const quiet = options.quiet === true;
  const say = (text: string) => !quiet && context.info(text);
  const result = await patiently(
    () => finalizeNow(file, quiet || options.json === true, context),
    () => say("another process finishes the file: waiting for it"),
  );
  if (result === undefined) return;
  if (options.json) context.printJson(toJson(result));
  else if (!quiet) tell(result, context);
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

function toJson({ durationNanos, droppedKeyframes, keyframes, ...same }: FinalizeResult) {
  return { ...same, durationNs: durationNanos, keyframes: { count: keyframes, dropped: droppedKeyframes } };
}

function tell(result: FinalizeResult, context: CommandContext): void {
  const { outcome, wasUnfinished, events, outputBytes, durationNanos, sizeBefore, sizeAfter } = result;
  const saved = `${events} events, ${outputBytes} bytes of output, ${formatDuration(durationNanos)}`;
  if (outcome === "nothing-to-do") context.info(`nothing to do: the file is finished and whole (${saved})`);
  else if (outcome === "no-room") {
    context.warn(`the disk has not room for the file twice: it stays as it is, whole (${saved})`);
    context.exit(1);
  } else {
    context.info(`${wasUnfinished ? "its recorder had died: all was saved" : "finished"}: ${saved}`);
    context.info(`${sizeBefore} bytes became ${sizeAfter}, with ${result.keyframes} keyframes`);
  }
}
