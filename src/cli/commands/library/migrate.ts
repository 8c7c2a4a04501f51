// t2a library migrate: everything from one store to another.
import type { Command } from "commander";
import { formatSize, UsageError } from "../../../core/index.js";
import type { MigrateResult } from "../../../library/index.js";
import type { CommandContext } from "../../context.js";
import { interruptibly } from "../../interruption.js";
import { Progress } from "../../progress.js";

interface MigrateCommandOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerMigrate(parent: Command, context: CommandContext): void {
  parent
    .command("migrate")
    .summary("copy everything from one store to another")
    .description(
      "Copies all sessions and recordings from one store to another, the trash too, and reads every file back from there to hold " +
        "it against its hash. Both may be used meanwhile: what is new or changed where it comes from is brought over too. " +
        "It can be ended at any time and run again: what is there is not copied again. The first store stays as it is.",
    )
    .argument("<from>", "the store to copy: a folder, or a URL as --store takes it")
    .argument("<to>", "the store to copy to; made where there is none")
    .option("--dry-run", "only count what there is to copy")
    .option("--json", "print what was done as JSON")
    .option("-q, --quiet", "say nothing but warnings and errors")
    .addHelpText(
      "after",
      `
A session that was changed in the target by somebody else stays there as it is, and is told of.

Exit status: 0 where the target has everything, 1 where sessions were not brought over: the others were.

Examples:
  t2a library migrate --dry-run ~/.local/share/t2a sqlite:///srv/t2a.db
  t2a library migrate ~/.local/share/t2a 's3://bucket/t2a?endpoint=https://s3.example.org'
  t2a library migrate sqlite:///srv/t2a.db postgres://db.example.org/t2a --json | jq .problems`,
    )
    .action((from: string, to: string, options: MigrateCommandOptions) =>
      interruptibly(
        (status) => context.exit(status),
        (signal) => migrate({ from, to }, options, context, signal),
      ),
    );
}

async function migrate(
  urls: { readonly from: string; readonly to: string },
  options: MigrateCommandOptions,
  context: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const { openCollected } = await import("../../collected-library.js");
  const { openLibrary, shownLocation } = await import("../../open-library.js");
  const [from, to] = [
    { store: urls.from, argument: "FROM" },
    { store: urls.to, argument: "TO" },
  ];
  if ((await shownLocation(from, context)) === (await shownLocation(to, context)))
    throw new UsageError("that is the same store twice");
  const { migrateStore } = await import("../../../library/index.js");
  const progress = new Progress(context, options.quiet === true || options.json === true);
  const source = await openCollected(from, context, signal);
  try {
    const target = await openLibrary(to, context);
    try {
      const result = await migrateStore(source.store, target.store, {
        isDryRun: options.dryRun,
        signal,
        onProgress: ({ sessions, totalSessions }) => progress.update(sessions, totalSessions),
      });
      progress.stop();
      if (options.json) context.printJson(result);
      else await tell(result, options, context);
      if (result.problems.length > 0) context.exit(1);
      if (options.dryRun !== true) await target.indexText(signal);
    } finally {
      await target.close();
    }
  } finally {
    progress.stop();
    await source.close();
  }
}

async function tell(
  { moved, updated, unchanged, removed, files, bytes, problems }: MigrateResult,
  { dryRun, quiet }: MigrateCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { visibleText } = await import("../../../terminal/index.js");
  for (const { message } of problems) context.warn(visibleText(message));
  if (quiet) return;
  const parts = [
    `${moved} ${dryRun ? "to copy" : "copied"}`,
    ...(updated > 0 ? [`${updated} ${dryRun ? "to bring" : "brought"} up to date`] : []),
    ...(unchanged > 0 ? [`${unchanged} there already`] : []),
    ...(removed > 0 ? [`${removed} deleted meanwhile`] : []),
  ];
  context.info(`sessions: ${parts.join(", ")}; files: ${files}, ${formatSize(bytes)}`);
}
