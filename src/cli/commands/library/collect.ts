// t2a library collect: moves what is in the spool into the store. Called by t2a itself; of use where a store was away for long.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface CollectOptions extends StoreOption {
  readonly all?: boolean;
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
    .option("--all", "what waits for other libraries, too, each into its own")
    .option("-q, --quiet", "say nothing but warnings and errors")
    .addHelpText(
      "after",
      `
Exit status: 0; 1 where a recording stays in the spool.

Examples:
  t2a library collect
  t2a library collect --all`,
    )
    .action((options: CollectOptions) => collect(options, context));
}

async function collect({ quiet, all, ...store }: CollectOptions, context: CommandContext): Promise<void> {
  const { collectNow } = await import("../../collector.js");
  const others = all ? await otherStores(store, context) : [];
  for (const option of [store, ...others]) {
    if (!(await collectNow(option, { isQuiet: quiet === true }, context))) context.exit(1);
  }
}

/** Stores that recordings wait for, beside the one that is meant: that one's URL may hold a password, which notes do not. */
async function otherStores(own: StoreOption, context: CommandContext): Promise<readonly StoreOption[]> {
  const { openSpool, shownLocation } = await import("../../open-library.js");
  const spool = await openSpool(context);
  const waiting = spool.entries().flatMap(({ note, isHeld }) => (isHeld ? [] : [note.store]));
  const shown = await shownLocation(own, context);
  return [...new Set(waiting)]
    .filter((url) => url !== shown)
    .sort()
    .map((url) => ({ store: url }));
}
