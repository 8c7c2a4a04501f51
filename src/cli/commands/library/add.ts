// t2a library add: puts recordings of any format into the library.
import type { Command } from "commander";
import { T2aError } from "../../../core/index.js";
import type { AddResult, AddThread, Library } from "../../../library/index.js";
import type { CommandContext } from "../../context.js";
import { addInputOptions, type InputOptions, openSource, WarningList } from "../../input.js";
import { addWord } from "../../parse.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface AddOptions extends InputOptions, StoreOption {
  readonly as?: boolean;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerAdd(parent: Command, context: CommandContext): void {
  const command = parent
    .command("add")
    .summary("put recordings into the library")
    .description(
      "Puts recordings of any format into the library, each as a session: as .t2r in its final form. A folder stands for all\n" +
        "recordings in it. The same recording is added once only, however often it is named; the files stay where they are.",
    )
    .argument("<file...>", "files, folders or URLs");
  addStoreOption(addInputOptions(command))
    .option("--as", "keep each file as it came, too, beside the .t2r that is made of it")
    .option("--name <name>", "name of the session; else the title, the command or the name of the file")
    .option("--tag <tag>", "give the sessions this tag; again: that one as well", addWord)
    .option("--json", "print an array of what was done with each file")
    .option("-q, --quiet", "say nothing but warnings and errors")
    .addHelpText(
      "after",
      `
Exit status: 0; 1 where a file could not be added (the others are), 2 for a wrong option.

Examples:
  t2a library add demo.cast
  t2a library add --tag old --as ~/recordings
  t2a library add --recover broken.t2r`,
    )
    .action((files: string[], options: AddOptions) => add(files, options, context));
}

/** What was done with one file. */
interface Outcome {
  readonly file: string;
  readonly outcome: AddResult["outcome"] | "failed";
  readonly sessionId?: string;
  readonly recordingId?: string;
  readonly error?: string;
}

async function add(files: readonly string[], options: AddOptions, context: CommandContext): Promise<void> {
  const { onInterruption } = await import("../../interruption.js");
  const { findTargets } = await import("../../targets.js");
  const { tendLibrary } = await import("../../collector.js");
  const { openLibrary } = await import("../../open-library.js");
  const { visibleText } = await import("../../../terminal/index.js");
  const outcomes: Outcome[] = [];
  const fail = (file: string, error: unknown) => {
    if (!(error instanceof T2aError)) throw error;
    outcomes.push({ file, outcome: "failed", error: error.message });
    context.warn(visibleText(error.message.includes(file) ? error.message : `${file}: ${error.message}`));
    context.exit(1);
  };
  const skipped: [string, unknown][] = [];
  const targets = await findTargets(files, options, context, (name, error) => skipped.push([name, error]));
  for (const [name, error] of skipped) fail(name, error);
  if (targets.length === 0 && skipped.length === 0) context.warn(visibleText(`no recordings in ${files.join(", ")}`));
  if (targets.length > 0) {
    const library = await openLibrary(options, context);
    const interruption = onInterruption();
    try {
      for (const { name } of targets) {
        try {
          const result = await addOne(name, library, options, context, interruption.signal);
          outcomes.push(outcomeOf(name, result));
          if (!options.quiet) context.info(visibleText(lineOf(name, result), { maxLength: 500 }));
        } catch (error) {
          if (interruption.signal.aborted) break;
          fail(name, error);
        }
      }
    } finally {
      interruption.release();
      if (interruption.status !== undefined) context.exit(interruption.status);
      else await tendLibrary(library, { isQuiet: true }, context);
      await library.close();
    }
  }
  if (options.json) context.printJson(outcomes);
}

function outcomeOf(file: string, { outcome, session, recordingId }: AddResult): Outcome {
  return { file, outcome, sessionId: session.id, recordingId };
}

function lineOf(file: string, { outcome, session }: AddResult): string {
  switch (outcome) {
    case "added":
      return `${file}: added as ${session.id}`;
    case "known":
      return `${file}: the library has it already, as ${session.id}`;
    case "deleted":
      return `${file}: it is in the trash: t2a library undelete ${session.id} takes it out`;
  }
}

async function addOne(
  name: string,
  library: Library,
  options: AddOptions,
  context: CommandContext,
  signal: AbortSignal,
): Promise<AddResult> {
  const { countingSource, Progress } = await import("../../progress.js");
  const { recover, inputFormat: format, as, name: sessionName, tag: tags } = options;
  const progress = new Progress(context, options.quiet === true);
  const warnings = new WarningList();
  const source = countingSource(await openSource(name, context), progress);
  const timing = options.timing === undefined ? undefined : await openSource(options.timing, context);
  try {
    return await library.add(source, {
      name: sessionName,
      tags,
      format,
      timing,
      recover,
      keepsOriginal: as,
      signal,
      onWarning: warnings.add,
      thread: await threadOf(name, options, context),
    });
  } finally {
    progress.stop();
    await timing?.close();
    await source.close();
    await warnings.tell(context, name);
  }
}

/** Undefined where a thread could not read it: what is no file. */
async function threadOf(name: string, { timing }: AddOptions, context: CommandContext): Promise<AddThread | undefined> {
  const { isUrl } = await import("../../../files/index.js");
  const { findStoredSource } = await import("../../references.js");
  const isFile = (one: string) => one !== "-" && !isUrl(one) && findStoredSource(one, context) === undefined;
  if (!isFile(name) || (timing !== undefined && !isFile(timing))) return undefined;
  return { program: new URL("finalize-worker.js", context.io.programs), path: name, timingPath: timing };
}
