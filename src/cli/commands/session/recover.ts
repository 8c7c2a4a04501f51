// t2a session recover: a session made anew of its files.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { sessionArgument } from "../../references.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

/** Registers the command. */
export function registerRecover(parent: Command, context: CommandContext): void {
  addStoreOption(
    parent
      .command("recover")
      .summary("rebuild a session from its files after damage")
      .description(
        "Makes a session anew of what is good of its files: its document, its recordings, a checkpoint to resume it from. Whatever was\n" +
          "damaged is kept beside. A session whose document cannot be read is named by its whole id (t2a library fsck tells it).",
      )
      .addArgument(sessionArgument("<session>")),
  )
    .option("--json", "print what was done as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a session recover 01JD3KQ8Z5X7M4B6N9P2R1S0TV && t2a session resume 01JD3KQ8Z5X7M4B6N9P2R1S0TV",
    )
    .action((session: string, options: StoreOption & { readonly json?: boolean }) =>
      recover(session, options, context),
    );
}

async function recover(
  reference: string,
  { json, ...store }: StoreOption & { readonly json?: boolean },
  context: CommandContext,
): Promise<void> {
  const { join } = await import("node:path");
  const { openLibrary } = await import("../../open-library.js");
  const { userDataFolder } = await import("../../../config/index.js");
  const { recoverSession } = await import("../../../session/index.js");
  const { visibleText } = await import("../../../terminal/index.js");
  const { values } = await context.settings();
  const library = await openLibrary(store, context);
  try {
    const done = await recoverSession(library, reference, {
      liveFolder: join(userDataFolder(context.io.env), "live"),
      backups: values["session.checkpoint_backups"],
    });
    if (json) return context.printJson(done);
    const { session, findings, damagedCheckpoints, checkpoint } = done;
    for (const { message, mended } of findings)
      context.warn(visibleText(mended === undefined ? message : `${message}: mended: ${mended}`));
    for (const path of damagedCheckpoints) context.warn(visibleText(`the checkpoint ${path} is damaged, and stays`));
    if (checkpoint !== undefined) context.info(`checkpoint ${checkpoint} is made of the recordings`);
    context.print(session.id);
  } finally {
    await library.close();
  }
}
