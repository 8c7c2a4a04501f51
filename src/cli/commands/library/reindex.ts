// t2a library reindex: the index made anew.
import type { Command } from "commander";
import { counted } from "../../../core/index.js";
import type { CommandContext } from "../../context.js";
import { interruptibly } from "../../interruption.js";
import { Progress } from "../../progress.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface ReindexOptions extends StoreOption {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Registers the command. */
export function registerReindex(parent: Command, context: CommandContext): void {
  const command = parent
    .command("reindex")
    .summary("make the index anew of what is in the store")
    .description(
      "Throws the index away and makes it anew of the sessions and recordings in the store: what lists and searches read. " +
        "It can be ended at any time: the next command goes on. Others may use the library meanwhile, and find more and more in it.",
    );
  addStoreOption(command)
    .option("--json", "print what was done as JSON")
    .option("-q, --quiet", "say nothing but warnings and errors")
    .addHelpText("after", "\nExamples:\n  t2a library reindex\n  t2a library reindex --store sqlite:///srv/t2a.db")
    .action((options: ReindexOptions) =>
      interruptibly(
        (status) => context.exit(status),
        (signal) => reindex(options, context, signal),
      ),
    );
}

async function reindex(options: ReindexOptions, context: CommandContext, signal: AbortSignal): Promise<void> {
  const { openLibrary } = await import("../../open-library.js");
  const { visibleText } = await import("../../../terminal/index.js");
  const progress = new Progress(context, options.quiet === true || options.json === true);
  const library = await openLibrary(options, context, { mustExist: true });
  try {
    const damaged: string[] = [];
    const sessions = await library.store.rebuildIndex({
      signal,
      onDamaged: (id, error) => {
        damaged.push(id);
        context.warn(`${visibleText(error.message)}: t2a library fsck looks into it`);
      },
      onProgress: (done, total) => progress.update(done, total),
    });
    const total = (await library.stats()).recordings;
    const { indexRecordings } = await import("../../../library/index.js");
    const recordings = await indexRecordings(library.store, {
      signal,
      onProblem: (id, error) => context.warn(`the recording ${id}: ${visibleText(error.message)}`),
      onProgress: (done) => progress.update(done, Math.max(done, total)),
    });
    progress.stop();
    const count = sessions - damaged.length;
    if (options.json) context.printJson({ sessions: count, recordings, damaged });
    else if (!options.quiet) context.info(`indexed: ${counted(count, "session")}, ${counted(recordings, "recording")}`);
    if (damaged.length > 0) context.exit(1);
  } finally {
    progress.stop();
    await library.close();
  }
}
