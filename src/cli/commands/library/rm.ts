// t2a library rm, t2a rm: puts sessions into the trash, or deletes them for good.
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { Library, ListedSession } from "../../../library/index.js";
import type { CommandContext } from "../../context.js";
import { sessionArgument } from "../../references.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface RmOptions extends StoreOption {
  readonly yes?: boolean;
  readonly purge?: boolean;
}

/** Registers the command. */
export function registerRm(parent: Command, context: CommandContext): void {
  const command = parent
    .command("rm")
    .summary("put sessions into the trash")
    .description("Puts sessions into the trash, where they stay for 7 days: t2a library undelete takes them out again.")
    .addArgument(sessionArgument("<session...>"));
  addStoreOption(command)
    .option("-y, --yes", "do not ask; needed where no terminal is there to ask at")
    .option("--purge", "delete them for good, those in the trash too")
    .addHelpText("after", "\nExamples:\n  t2a rm @last\n  t2a rm --yes --purge 01KAM3 01KAM4")
    .action((references: string[], options: RmOptions) => rm(references, options, context));
}

async function rm(references: readonly string[], options: RmOptions, context: CommandContext): Promise<void> {
  const { confirm } = await import("../../confirm.js");
  const { getExisting } = await import("../../open-library.js");
  if (!options.yes && context.io.stdin.isTTY !== true)
    throw new UsageError("nobody can be asked here: --yes says that it is meant");
  const library = await getExisting(options, context);
  try {
    const found = await resolveAll(references, library, options.purge === true);
    const { visibleText } = await import("../../../terminal/index.js");
    const named = found.map(({ session }) => `${session.id} ${visibleText(session.name, { maxLength: 100 })}`);
    if (!options.yes) {
      for (const line of named) context.info(line);
      const what = found.length === 1 ? "this session" : `these ${found.length} sessions`;
      const question = options.purge ? `delete ${what} for good?` : `put ${what} into the trash?`;
      if (!(await confirm(question, context))) return context.exit(1);
    }
    for (const [at, listed] of found.entries()) {
      await (options.purge ? library.purge(listed) : library.remove(listed));
      context.info(`${options.purge ? "deleted" : "in the trash for 7 days"}: ${named[at]}`);
    }
  } finally {
    await library.close();
  }
}

/** All of them before anything is done: each once. */
async function resolveAll(
  references: readonly string[],
  library: Library,
  withDeleted: boolean,
): Promise<readonly ListedSession[]> {
  const found = new Map<string, ListedSession>();
  for (const reference of references) {
    const listed = await library.resolve(reference).catch(async (error) => {
      if (!withDeleted) throw error;
      return await library.resolve(reference, { isDeleted: true }).catch(() => Promise.reject(error));
    });
    found.set(listed.session.id, listed);
  }
  return [...found.values()];
}
