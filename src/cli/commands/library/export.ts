// t2a library export: sessions as an archive.
import type { Command } from "commander";
import { counted, formatSize, StoreError, UsageError } from "../../../core/index.js";
import type { Library } from "../../../library/index.js";
import type { CommandContext } from "../../context.js";
import { interruptibly } from "../../interruption.js";
import { openOutput } from "../../output.js";
import { Progress } from "../../progress.js";
import {
  addSessionFilterOptions,
  hasSessionFilter,
  type SessionFilterOptions,
  sessionFilterOf,
} from "../../session-filter.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface ExportCommandOptions extends SessionFilterOptions, StoreOption {
  readonly deleted?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What an archive's name may end with. */
const NAME = /\.tar(?:\.zst|\.gz)?$/i;
/** Sessions that are asked of the index at once. */
const PAGE = 1000;

/** Registers the command. */
export function registerExport(parent: Command, context: CommandContext): void {
  const command = parent
    .command("export")
    .summary("write sessions and their recordings to an archive")
    .description(
      "Writes sessions and their recordings to an archive, with a manifest of the size and hash of every file: all that are " +
        "not in the trash, those named, or those that the options mean. Sessions are in it as they are when it begins.",
    )
    .argument("<file>", "FILE.tar.zst, FILE.tar.gz or FILE.tar; - for standard output, packed with zstd")
    .argument("[session...]", "ids, or beginnings of ids; names; @last");
  addStoreOption(addSessionFilterOptions(command))
    .option("--deleted", "such in the trash too")
    .option("--overwrite", "replace the file where it exists")
    .option("--json", "print what is in it as JSON; not with -")
    .option("-q, --quiet", "say nothing but warnings and errors")
    .addHelpText(
      "after",
      `
The archive is for its owner alone. t2a library import takes it; so does tar, which makes a store of files of it.

Exit status: 0 where all is in it; 1 where something could not be read: the rest is in it; 1, and no file, where the options mean no
session.

Examples:
  t2a library export backup.tar.zst
  t2a library export --tag release --since 30d release.tar.zst
  t2a library export - @last | ssh host t2a library import -
  mkdir -m 700 store && tar --zstd -xf backup.tar.zst -C store && t2a ls --store store`,
    )
    .action((file: string, sessions: string[], options: ExportCommandOptions) =>
      interruptibly(
        (status) => context.exit(status),
        (signal) => exportTo(file, sessions, options, context, signal),
      ),
    );
}

async function exportTo(
  file: string,
  sessions: readonly string[],
  options: ExportCommandOptions,
  context: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const { openCollected } = await import("../../collected-library.js");
  if (file !== "-" && !NAME.test(file))
    throw new UsageError(`${file} does not say what it is: name it FILE.tar.zst, FILE.tar.gz or FILE.tar`);
  if (file === "-" && options.json)
    throw new UsageError("the archive goes to standard output: --json has no place there");
  if (sessions.length > 0 && hasSessionFilter(options))
    throw new UsageError("sessions are named, or meant by options: not both");
  const { exportStore } = await import("../../../library/index.js");
  const library = await openCollected(options, context, signal);
  const progress = new Progress(context, options.quiet === true || options.json === true);
  try {
    const ids = await idsOf(sessions, options, library);
    if (ids?.length === 0)
      throw new StoreError("T2A_STORE_NOT_FOUND", "nothing to export: the options mean no session");
    const result = await exportStore(library.store, await archiveTarget(file, options, context), {
      ids,
      withDeleted: options.deleted,
      version: context.io.version,
      signal,
      onProgress: (bytes, total) => progress.update(bytes, total),
    });
    progress.stop();
    if (file !== "-") await syncFile(file);
    if (options.json) context.printJson({ file, ...result });
    const { visibleText } = await import("../../../terminal/index.js");
    for (const { sessionId, message } of result.problems) context.warn(`${sessionId}: ${visibleText(message)}`);
    if (result.problems.length > 0) context.exit(1);
    if (options.json || options.quiet) return;
    const count = counted(result.sessions, "session");
    context.info(`exported: ${count}, ${formatSize(result.bytes)}`);
  } finally {
    progress.stop();
    await library.close();
  }
}

async function archiveTarget(file: string, { overwrite }: ExportCommandOptions, context: CommandContext) {
  const target = await openOutput(file, overwrite === true, context);
  if (file !== "-") return target;
  const { codecForSuffix, compressedTarget } = await import("../../../codec/index.js");
  const zstd = codecForSuffix(".zst");
  return zstd === undefined ? target : await compressedTarget(zstd, target);
}

/** Undefined for all. */
async function idsOf(
  sessions: readonly string[],
  options: ExportCommandOptions,
  library: Library,
): Promise<readonly string[] | undefined> {
  if (sessions.length > 0) {
    const ids: string[] = [];
    for (const name of sessions) {
      const { session } = await library.resolve(name, { isDeleted: options.deleted === true });
      ids.push(session.id);
    }
    return [...new Set(ids)].sort();
  }
  if (!hasSessionFilter(options)) return undefined;
  const filter = { ...sessionFilterOf(options, Date.now()), ...(options.deleted ? {} : { isDeleted: false }) };
  const ids = new Set<string>();
  for (let offset = 0; ; offset += PAGE) {
    const page = await library.store.index.listSessions({ ...filter, isAscending: true, limit: PAGE, offset });
    for (const { id } of page.sessions) ids.add(id);
    if (page.sessions.length < PAGE) return [...ids].sort();
  }
}

/** A backup survives a power cut from here on. */
async function syncFile(file: string): Promise<void> {
  const { open } = await import("node:fs/promises");
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return; // a pipe that nobody reads any more
  try {
    await handle.sync();
  } catch {
    // pipes and devices cannot be synced
  } finally {
    await handle.close();
  }
}
