// t2a library exists: whether there is such a session, by the exit status.
import type { Command } from "commander";
import { StoreError, UsageError } from "../../../core/index.js";
import type { CommandContext } from "../../context.js";
import { sessionArgument } from "../../references.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

/** Registers the command. */
export function registerExists(parent: Command, context: CommandContext): void {
  const command = parent
    .command("exists")
    .summary("tell by the exit status whether there is such a session")
    .description(
      "Exits with 0 where the library has the session, with 1 where it has not. Prints nothing. " +
        "What means several sessions is there. The trash does not count.",
    )
    .addArgument(sessionArgument("<session>"));
  addStoreOption(command)
    .addHelpText("after", "\nExamples:\n  t2a library exists deploy && t2a play deploy")
    .action((reference: string, options: StoreOption) => exists(reference, options, context));
}

async function exists(reference: string, options: StoreOption, context: CommandContext): Promise<void> {
  const { openExisting } = await import("../../open-library.js");
  const library = await openExisting(options, context);
  if (library === undefined) return context.exit(1);
  try {
    await library.resolve(reference);
  } catch (error) {
    if (error instanceof UsageError) return; // it means several
    if (!(error instanceof StoreError) || error.code !== "T2A_STORE_NOT_FOUND") throw error;
    context.exit(1);
  } finally {
    await library.close();
  }
}
