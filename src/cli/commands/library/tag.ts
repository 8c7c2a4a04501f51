// t2a library tag: gives a session tags, or takes them away.
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { CommandContext } from "../../context.js";
import { addWord } from "../../parse.js";
import { sessionArgument } from "../../references.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface TagOptions extends StoreOption {
  readonly remove?: readonly string[];
}

/** Registers the command. */
export function registerTag(parent: Command, context: CommandContext): void {
  const command = parent
    .command("tag")
    .summary("give a session tags, or take them away")
    .description("Gives a session tags. They are words of your own: t2a ls --tag finds them, pruning can spare them.")
    .addArgument(sessionArgument("<session>"))
    .argument("[tag...]", "tags to give");
  addStoreOption(command)
    .option("--remove <tag>", "take this tag away; again: that one as well", addWord)
    .addHelpText("after", "\nExamples:\n  t2a library tag @last production keep\n  t2a library tag @last --remove keep")
    .action((reference: string, tags: string[], options: TagOptions) => tag(reference, tags, options, context));
}

async function tag(
  reference: string,
  add: readonly string[],
  { remove = [], ...store }: TagOptions,
  context: CommandContext,
): Promise<void> {
  const { getExisting } = await import("../../open-library.js");
  if (add.length === 0 && remove.length === 0) throw new UsageError("name a tag to give, or one to --remove");
  if (add.some((word) => word.trim() === "")) throw new UsageError("a tag is not empty");
  const library = await getExisting(store, context);
  try {
    await library.tag(await library.resolve(reference), { add, remove });
  } finally {
    await library.close();
  }
}
