// t2a library prune: deletes old sessions by a policy.
import type { Command } from "commander";
import { counted, formatSize, parseSize, UsageError } from "../../../core/index.js";
import type { PrunePolicy } from "../../../library/index.js";
import type { Session } from "../../../store/index.js";
import type { CommandContext } from "../../context.js";
import { parseCount } from "../../parse.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface PruneOptions extends StoreOption {
  readonly olderThan?: number;
  readonly keep?: number;
  readonly maxSize?: number;
  readonly keepTagged?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerPrune(parent: Command, context: CommandContext): void {
  const command = parent
    .command("prune")
    .summary("delete old sessions by a policy")
    .description(
      "Deletes sessions for good, the oldest first. Sessions at work stay, and nothing goes unless an option says what.",
    )
    .option("--older-than <days>", "those begun longer ago", parseCount(0))
    .option("--max-size <size>", "the oldest, until the rest takes no more: 500M, 20G", parseSize)
    .option("--keep <count>", "the newest so many stay; alone: all others go", parseCount(0))
    .option("--keep-tagged", "sessions with a tag stay");
  addStoreOption(command)
    .option("--dry-run", "list what would go, and do nothing")
    .option("-y, --yes", "do not ask; needed where no terminal is there to ask at")
    .option("--json", "print what goes as an array of session documents")
    .addHelpText(
      "after",
      `
The same policy is applied after each recording where it is set (t2a config): store.prune_older_than, store.prune_keep,
store.prune_max_size, store.prune_keep_tagged. Nothing is deleted by default.

Examples:
  t2a library prune --older-than 90 --keep-tagged --dry-run
  t2a library prune --max-size 20G --keep 100 --yes`,
    )
    .action((options: PruneOptions) => prune(options, context));
}

async function prune(options: PruneOptions, context: CommandContext): Promise<void> {
  const { confirm } = await import("../../confirm.js");
  const { tendLibrary } = await import("../../collector.js");
  const { getExisting } = await import("../../open-library.js");
  const { olderThan: olderThanDays, keep, maxSize: maxSizeBytes, keepTagged } = options;
  const policy: PrunePolicy = { olderThanDays, keep, maxSizeBytes, keepTagged };
  if ((olderThanDays ?? keep ?? maxSizeBytes) === undefined)
    throw new UsageError("say what goes: --older-than, --max-size or --keep");
  if (!options.dryRun && !options.yes && context.io.stdin.isTTY !== true)
    throw new UsageError("nobody can be asked here: --yes says that it is meant, --dry-run shows what would go");
  const library = await getExisting(options, context, { isTended: true });
  try {
    if (!(await tendLibrary(library, { isQuiet: true }, context))) return;
    const going = await library.findPrunable(policy);
    if (options.json) context.printJson(going);
    else if (going.length > 0) {
      const { sessionTable } = await import("../../session-table.js");
      const { stdout } = context.io;
      const listed = going.map((session) => ({ session, spooled: undefined }));
      context.print(await sessionTable(listed, stdout.isTTY ? (stdout.columns ?? 80) : undefined));
    }
    const what = inWords(going);
    if (going.length === 0 || options.dryRun) {
      context.info(going.length === 0 ? "nothing to delete" : `would go: ${what}`);
      return;
    }
    if (!options.yes && !(await confirm(`delete ${what} for good?`, context))) return context.exit(1);
    const gone = await library.purgeUnchanged(going);
    context.info(`deleted: ${inWords(gone)}`);
    if (gone.length < going.length)
      context.info(
        `${counted(going.length - gone.length, "session was", "sessions were")} changed meanwhile, and stay`,
      );
  } finally {
    await library.close();
  }
}

function inWords(sessions: readonly Session[]): string {
  const bytes = sessions.reduce((sum, { stats }) => sum + stats.storedBytes, 0);
  return `${counted(sessions.length, "session")}, ${formatSize(bytes)}`;
}
