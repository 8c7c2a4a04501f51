// t2a library collect: moves what is in the spool into the store. Called by t2a itself; of use where a store was away for long.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface CollectOptions extends StoreOption {
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerCollect(parent: Command, context: CommandContext): void {
  const command = parent
    .command("collect")
    .summary("move finished recordings from the spool into the library")
    .description(
      "Moves recordings that are done from the spool into the library, indexes them, empties the trash of what has had its 7 days,\n" +
        "and prunes as the settings say. t2a does so by itself after each recording.",
    );
  addStoreOption(command)
    .option("-q, --quiet", "say nothing but warnings and errors")
    .addHelpText(
      "after",
      "\nExit status: 0; 1 where a recording stays in the spool.\n\nExamples:\n  t2a library collect",
    )
    .action((options: CollectOptions) => collect(options, context));
}

async function collect({ quiet, ...store }: CollectOptions, context: CommandContext): Promise<void> {
  const { collectNow } = await import("../../collector.js");
  if (!(await collectNow(store, { isQuiet: quiet === true }, context))) context.exit(1);
}
