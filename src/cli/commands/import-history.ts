// t2a import-history: the history file of a shell, as the JSON that t2a commands prints, and kept in the library.
import { type Command, Option } from "commander";
import type { HistoryCommand, HistorySession } from "../../analyze/index.js";
import { counted, type Source, type Target } from "../../core/index.js";
import type { HistoryName } from "../../history/index.js";
import type { HistoryTally, KeptHistory } from "../../library/index.js";
import { jsonWriter } from "../command-writers.js";
import type { CommandContext } from "../context.js";
import { openSource } from "../input.js";
import { openOutput } from "../output.js";
import { addWord } from "../parse.js";
import { addStoreOption, type StoreOption } from "../store-option.js";

/** As src/history has them, which is loaded only when one is read. */
const SHELLS: readonly HistoryName[] = ["bash", "zsh", "fish", "nushell", "atuin"];

interface ImportOptions extends StoreOption {
  readonly shell?: HistoryName;
  readonly output: string;
  readonly overwrite?: boolean;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly keep: boolean;
}

/** Registers the command. */
export function registerImportHistory(program: Command, context: CommandContext): void {
  const command = program
    .command("import-history")
    .summary("keep a shell's history in the library, and print it as JSON")
    .description(
      "Prints what a history file knows of commands as JSON, in the form of t2a commands --json: source " +
        "is history, recording is null, and null is whatever that kind of history does not hold. The file " +
        "is only read, also where it is a database that its shell has open. Deleted entries are left out.\n\n" +
        "The commands are kept in the library, as a session without recordings: t2a search finds them, and t2a analyze " +
        "counts them. The same history is one session, however often it is imported: what it holds now is kept.",
    )
    .argument("<file>", "a history of bash, zsh, fish, nushell (text or database) or atuin; - for one that is text")
    .addOption(
      new Option(
        "--shell <shell>",
        "whose it is; otherwise its content tells, and its name where that does not",
      ).choices(SHELLS),
    )
    .option("-o, --output <file>", "where to write", "-")
    .option("--overwrite", "replace the output where it exists");
  addStoreOption(command)
    .option("--name <name>", "name of the session; else the shell, the user and the host")
    .option("--tag <tag>", "give the session this tag beside history; again: that one as well", addWord)
    .option("--no-keep", "only print: nothing is kept in the library")
    .addHelpText(
      "after",
      `
Examples:
  t2a import-history ~/.bash_history > /dev/null
  t2a import-history --no-keep ~/.local/share/atuin/history.db | jq -r '.[] | select(.exitStatus == 127).line'
  t2a import-history --shell zsh ~/.histfile --output history.json`,
    )
    .action((file: string, options: ImportOptions) => importHistory(file, options, context));
}

async function importHistory(file: string, options: ImportOptions, context: CommandContext): Promise<void> {
  const { historySession } = await import("../../analyze/index.js");
  const { openHistory } = await import("../../history/index.js");
  const { SpooledStream } = await import("../../files/index.js");
  const { HistoryTally } = await import("../../library/index.js");
  let cut = 0;
  const history = await openHistory(await openSource(file, context), { shell: options.shell, onCut: () => cut++ });
  const tally = new HistoryTally();
  try {
    const read = await historySession(file, history.entries);
    const target = await openOutput(options.output, options.overwrite === true, context);
    const chunks = jsonOf(read, tally, context);
    if (!options.keep) await print(chunks, target);
    else {
      // Read to its end whatever becomes of the output: a reader that goes away leaves nothing out of the library.
      const spool = new SpooledStream("commands", chunks);
      try {
        const failure = await printAll(spool.open(), target);
        await keep(spool.open(), { file, kind: history.name, tally }, options, context);
        if (failure !== undefined) throw failure.error;
      } finally {
        await spool.close();
      }
    }
  } finally {
    await history.close();
  }
  if (cut > 0)
    context.warn(
      `${counted(cut, "entry was", "entries were")} longer than 1 MiB, of which only the beginning is printed`,
    );
}

/** The array as it is printed. */
async function* jsonOf(
  { session, commands }: HistorySession,
  tally: HistoryTally,
  context: CommandContext,
): AsyncGenerator<Uint8Array> {
  const { historyToJson, MAX_COMMANDS } = await import("../../analyze/index.js");
  const chunks: Uint8Array[] = [];
  const writer = await jsonWriter({ write: (bytes) => void chunks.push(bytes) });
  for await (const command of commands as AsyncIterable<HistoryCommand>) {
    if (tally.count === MAX_COMMANDS) {
      context.warn(`only the first ${MAX_COMMANDS.toLocaleString("en-US")} entries are printed`);
      break;
    }
    const json = historyToJson(command, session);
    await writer.add({ json, time: undefined });
    tally.add(json);
    yield* chunks.splice(0);
  }
  await writer.end();
  yield* chunks.splice(0);
}

async function print(chunks: AsyncIterable<Uint8Array>, target: Target): Promise<void> {
  try {
    for await (const chunk of chunks) await target.write(chunk);
    await target.commit();
  } catch (error) {
    await target.abort();
    throw error;
  }
}

/** Prints the source, and reads it to its end where it cannot be printed: gives why. @throws what the source throws. */
async function printAll(source: Source, target: Target): Promise<{ readonly error: unknown } | undefined> {
  const failure = await print(source.stream(), target).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (failure !== undefined) for await (const _ of source.stream());
  return failure;
}

/** What was read of which history. */
interface ReadHistory {
  readonly file: string;
  readonly kind: HistoryName;
  readonly tally: HistoryTally;
}

/** Keeps the commands in the library; nothing where there is none. */
async function keep(
  source: Source,
  { file, kind, tally }: ReadHistory,
  options: ImportOptions,
  context: CommandContext,
): Promise<void> {
  if (tally.count === 0) return;
  const { hostname } = await import("node:os");
  const { userName } = await import("../../record/index.js");
  const { keepHistory } = await import("../../library/index.js");
  const { interruptibly } = await import("../interruption.js");
  const { openLibrary } = await import("../open-library.js");
  const { tendLibrary } = await import("../collector.js");
  const { realName } = await import("../targets.js");
  const path = file === "-" ? undefined : await realName(file);
  const origin = { kind, path, host: hostname(), user: userName(context.io.env) };
  const wishes = { name: options.name, tags: options.tag };
  const library = await openLibrary(options, context);
  try {
    await interruptibly(context.exit, async (signal) => {
      const kept = await keepHistory(library.store, source, { origin, tally, wishes, signal });
      context.info(lineOf(kept, tally.count));
    });
    await tendLibrary(library, { isQuiet: true }, context);
  } finally {
    await library.close();
  }
}

function lineOf({ outcome, session: { id } }: KeptHistory, count: number): string {
  const commands = counted(count, "command");
  switch (outcome) {
    case "kept":
      return `${commands} kept as ${id} (t2a search 'kind:command session:${id} ...')`;
    case "known":
      return `${commands}: the library has them already, as ${id}`;
    case "deleted":
      return `${commands}: they are in the trash: t2a library undelete ${id} takes them out`;
  }
}
