// t2a library undelete: takes sessions out of the trash.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { deletedArgument } from "../../references.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

/** Registers the command. */
export function registerUndelete(parent: Command, context: CommandContext): void {
  const command = parent
    .command("undelete")
    .summary("take sessions out of the trash")
    .description("Takes sessions out of the trash (t2a ls --deleted lists it). @last is the newest session in it.")
    .addArgument(deletedArgument("<session...>"));
  addStoreOption(command)
    .addHelpText("after", "\nExamples:\n  t2a library undelete 01KAM3")
    .action((references: string[], options: StoreOption) => undelete(references, options, context));
}

async function undelete(references: readonly string[], options: StoreOption, context: CommandContext): Promise<void> {
  const { getExisting } = await import("../../open-library.js");
  const library = await getExisting(options, context);
  try {
    const { visibleText } = await import("../../../terminal/index.js");
    for (const reference of references) {
      const listed = await library.resolve(reference, { isDeleted: true });
      await library.undelete(listed);
      context.info(`back in the library: ${listed.session.id} ${visibleText(listed.session.name, { maxLength: 100 })}`);
    }
  } finally {
    await library.close();
  }
}
