// t2a library fsck: whether the store is whole, and mending it where it is not.
import type { Command } from "commander";
import { counted, formatSize, UsageError } from "../../../core/index.js";
import type { CheckStoreResult, Finding } from "../../../library/index.js";
import type { CommandContext } from "../../context.js";
import { interruptibly } from "../../interruption.js";
import { Progress } from "../../progress.js";
import { addStoreOption, openStoreOf, type StoreOption } from "../../store-option.js";

interface FsckOptions extends StoreOption {
  readonly repair?: boolean;
  readonly quick?: boolean;
  readonly all?: boolean;
  readonly deleteOrphans?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerFsck(parent: Command, context: CommandContext): void {
  const command = parent
    .command("fsck")
    .summary("check that the store is whole, and mend it")
    .description(
      "Reads everything in the store and tells what is damaged, missing or belongs to nothing: documents that cannot be read, " +
        "files that are missing or are not what was put, files that no session lists, an index that says something else. " +
        "Nothing is changed without --repair.",
    );
  addStoreOption(command)
    .option("--repair", "mend what can be; nothing that is there is lost by it")
    .option("--quick", "hold files against their sizes alone, without reading them")
    .option("--all", "files that no session lists also where they are younger than a day: only while nobody records")
    .option("--delete-orphans", "with --repair: delete files that no session lists and that hold no recording")
    .option("--json", "print what was found as JSON")
    .option("-q, --quiet", "say nothing but what was found")
    .addHelpText(
      "after",
      `
What --repair does: a document that cannot be read is made anew of what is good of it and of the recordings; recordings that
no session lists become part of one again; a damaged recording is replaced by what is good of it; what is missing is taken out
of its session, whose error says so; the index is mended. Whatever was damaged is kept beside, in the store, as lost.NAME.
t2a library import --update of an export brings back what is lost.

Exit status: 0 where the store is whole, or was mended; 1 where something is left.

Examples:
  t2a library fsck
  t2a library fsck --quick --json | jq '.findings[].message'
  t2a library fsck --repair && t2a library import --update backup.tar.zst`,
    )
    .action((options: FsckOptions) =>
      interruptibly(
        (status) => context.exit(status),
        (signal) => fsck(options, context, signal),
      ),
    );
}

async function fsck(options: FsckOptions, context: CommandContext, signal: AbortSignal): Promise<void> {
  if (options.deleteOrphans && !options.repair) throw new UsageError("--delete-orphans needs --repair");
  const { checkStore } = await import("../../../library/index.js");
  const { visibleText } = await import("../../../terminal/index.js");
  const progress = new Progress(context, options.quiet === true || options.json === true);
  const store = await openStoreOf(options, context, { mustExist: true });
  try {
    const result = await checkStore(store, {
      isMending: options.repair,
      isQuick: options.quick,
      allOrphans: options.all,
      deletesOrphans: options.deleteOrphans,
      signal,
      onProgress: (done, total) => progress.update(done, total),
    });
    progress.stop();
    if (options.json) context.printJson(result);
    else {
      for (const finding of result.findings) context.print(visibleText(lineOf(finding)));
      if (!options.quiet) context.info(inWords(result, options));
    }
    if (result.left > 0) context.exit(1);
  } finally {
    progress.stop();
    await store.close();
  }
}

function lineOf({ kind, message, mended }: Finding): string {
  const isNote = kind === "relation" || kind === "aside";
  return `${isNote ? "note: " : ""}${message}${mended === undefined ? "" : `: mended: ${mended}`}`;
}

function inWords({ sessions, files, bytes, findings, left }: CheckStoreResult, { repair, quick }: FsckOptions): string {
  const looked = `${counted(sessions, "session")}, ${counted(files, "file")}, ${formatSize(bytes)}${quick ? " (sizes only)" : ""}`;
  const mended = findings.filter((finding) => finding.mended !== undefined).length;
  if (left === 0) return `${looked}: ${mended === 0 ? "whole" : `${mended} mended, nothing is left`}`;
  return `${looked}: ${mended > 0 ? `${mended} mended, ` : ""}${left} left${repair ? "" : " (--repair mends what can be)"}`;
}
