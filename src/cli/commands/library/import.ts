// t2a library import: archives that t2a library export made.
import type { Command } from "commander";
import { counted, UsageError } from "../../../core/index.js";
import type { ImportResult, Library } from "../../../library/index.js";
import type { CommandContext } from "../../context.js";
import { openSource } from "../../input.js";
import { interruptibly } from "../../interruption.js";
import { Progress } from "../../progress.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface ImportCommandOptions extends StoreOption {
  readonly update?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerImport(parent: Command, context: CommandContext): void {
  const command = parent
    .command("import")
    .summary("take in sessions from an archive")
    .description(
      "Takes in the sessions of archives that t2a library export made. Every file is held against the archive's manifest of " +
        "hashes, and each session is taken in whole or not at all. Importing again changes nothing, and goes on where it was ended.",
    )
    .argument("<file...>", "archives: files, URLs, or - for standard input");
  addStoreOption(command)
    .option(
      "--update",
      "bring sessions that are there already up to date where the archive's are newer, and give them the recordings that they lack",
    )
    .option("--json", "print what was done as an array, an object for each archive")
    .option("-q, --quiet", "say nothing but warnings and errors")
    .addHelpText(
      "after",
      `
A session that is in the library already stays as it is, but gets back files that are missing there.

Exit status: 0 where all was taken in, 1 where an archive is damaged or a session could not be taken in: the rest was.

Examples:
  t2a library import backup.tar.zst
  t2a library import --update monday.tar.zst tuesday.tar.zst
  t2a library import --store sqlite:///srv/t2a.db backup.tar.zst`,
    )
    .action((files: string[], options: ImportCommandOptions) =>
      interruptibly(
        (status) => context.exit(status),
        (signal) => importAll(files, options, context, signal),
      ),
    );
}

async function importAll(
  files: readonly string[],
  options: ImportCommandOptions,
  context: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const { openLibrary } = await import("../../open-library.js");
  const library = await openLibrary(options, context);
  try {
    const results: { readonly file: string; readonly result: ImportResult }[] = [];
    for (const file of files) {
      const result = await importFile(file, options, library, context, signal);
      results.push({ file, result });
      if (result.problems.length > 0 || result.stopped !== undefined || result.leftOut > 0) context.exit(1);
      if (!options.json) await tell(file, result, options, context);
    }
    if (options.json) context.printJson(results.map(({ file, result }) => toJson(file, result)));
    await library.indexText(signal);
  } finally {
    await library.close();
  }
}

async function importFile(
  file: string,
  options: ImportCommandOptions,
  library: Library,
  context: CommandContext,
  signal: AbortSignal,
): Promise<ImportResult> {
  const { importStore } = await import("../../../library/index.js");
  const progress = new Progress(context, options.quiet === true || options.json === true);
  const source = await openSource(file, context);
  try {
    return await importStore(library.store, source, {
      isUpdating: options.update,
      signal,
      onProgress: (bytes, total) => total !== undefined && progress.update(bytes, total),
    });
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${file}: ${error.message}`) : error;
  } finally {
    progress.stop();
    await source.close();
  }
}

function toJson(file: string, { stopped, ...result }: ImportResult) {
  return { file, ...result, stopped: stopped === undefined ? null : { code: stopped.code, message: stopped.message } };
}

async function tell(
  file: string,
  result: ImportResult,
  { quiet }: ImportCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { visibleText } = await import("../../../terminal/index.js");
  const name = visibleText(file);
  const { imported, unchanged, kept, updated, restoredFiles, leftOut, notReached, problems, stopped } = result;
  for (const { sessionId, message } of problems) context.warn(`${name}: ${sessionId}: ${visibleText(message)}`);
  if (leftOut > 0)
    context.warn(
      `${name}: ${counted(leftOut, "session")} could not be exported whole, and ${leftOut === 1 ? "is" : "are"} not in it`,
    );
  if (stopped !== undefined) {
    const rest =
      notReached > 0
        ? `; ${counted(notReached, "session")} behind that ${notReached === 1 ? "is" : "are"} not imported`
        : "";
    context.warn(`${name}: ${visibleText(stopped.message)}${rest}`);
  }
  if (quiet) return;
  const parts = [
    `${imported} imported`,
    ...(updated > 0 ? [`${updated} brought up to date`] : []),
    ...(unchanged > 0 ? [`${unchanged} there already`] : []),
    ...(kept > 0 ? [`${kept} kept as the library has them (--update takes what is newer)`] : []),
    ...(restoredFiles > 0 ? [`${restoredFiles} missing files put back`] : []),
  ];
  context.info(`${name}: sessions: ${parts.join(", ")}`);
}
