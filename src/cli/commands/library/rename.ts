// t2a library rename: gives a session another name.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { sessionArgument } from "../../references.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

/** Registers the command. */
export function registerRename(parent: Command, context: CommandContext): void {
  const command = parent
    .command("rename")
    .summary("give a session another name")
    .description(
      "Gives a session another name. Several sessions may have one; a name stands for its session where only one has it.",
    )
    .addArgument(sessionArgument("<session>"))
    .argument("<name>", "its new name");
  addStoreOption(command)
    .addHelpText("after", "\nExamples:\n  t2a library rename @last 'the day the disk was full'")
    .action((reference: string, name: string, options: StoreOption) => rename(reference, name, options, context));
}

async function rename(reference: string, name: string, options: StoreOption, context: CommandContext): Promise<void> {
  const { getExisting } = await import("../../open-library.js");
  const library = await getExisting(options, context);
  try {
    await library.rename(await library.resolve(reference), name);
  } finally {
    await library.close();
  }
}
