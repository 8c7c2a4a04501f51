// t2a import-history: the history file of a shell, as the JSON that t2a commands prints.
import { type Command, Option } from "commander";
import type { HistoryName } from "../../history/index.js";
import { jsonWriter } from "../command-writers.js";
import type { CommandContext } from "../context.js";
import { openSource } from "../input.js";
import { openOutput } from "../output.js";

/** As src/history has them, which is loaded only when one is read. */
const SHELLS: readonly HistoryName[] = ["bash", "zsh", "fish", "nushell", "atuin"];

interface ImportOptions {
  readonly shell?: HistoryName;
  readonly output: string;
  readonly overwrite?: boolean;
}

/** Registers the command. */
export function registerImportHistory(program: Command, context: CommandContext): void {
  program
    .command("import-history")
    .summary("print a shell's history as t2a commands prints commands")
    .description(
      "Prints what a history file knows of commands as JSON, in the form of t2a commands --json: source " +
        "is history, recording is null, and null is whatever that kind of history does not hold. The file " +
        "is only read, also where it is a database that its shell has open. Deleted entries are left out.",
    )
    .argument("<file>", "a history of bash, zsh, fish, nushell (text or database) or atuin; - for one that is text")
    .addOption(
      new Option(
        "--shell <shell>",
        "whose it is; otherwise its content tells, and its name where that does not",
      ).choices(SHELLS),
    )
    .option("-o, --output <file>", "where to write", "-")
    .option("--overwrite", "replace the output where it exists")
    .addHelpText(
      "after",
      `
Examples:
  t2a import-history ~/.bash_history
  t2a import-history ~/.local/share/atuin/history.db | jq -r '.[] | select(.exitStatus == 127).line'
  t2a import-history --shell zsh ~/.histfile --output history.json`,
    )
    .action((file: string, options: ImportOptions) => importHistory(file, options, context));
}

async function importHistory(file: string, options: ImportOptions, context: CommandContext): Promise<void> {
  const { historySession, historyToJson, MAX_COMMANDS } = await import("../../analyze/index.js");
  const { openHistory } = await import("../../history/index.js");
  let cut = 0;
  const history = await openHistory(await openSource(file, context), { shell: options.shell, onCut: () => cut++ });
  try {
    const { session, commands } = await historySession(file, history.entries);
    const target = await openOutput(options.output, options.overwrite === true, context);
    try {
      const writer = await jsonWriter(target);
      let count = 0;
      for await (const command of commands) {
        if (count === MAX_COMMANDS) {
          context.warn(`only the first ${MAX_COMMANDS.toLocaleString("en-US")} entries are printed`);
          break;
        }
        await writer.add({ json: historyToJson(command, session), time: undefined });
        count++;
      }
      await writer.end();
      await target.commit();
    } catch (error) {
      await target.abort();
      throw error;
    }
  } finally {
    await history.close();
  }
  if (cut > 0)
    context.warn(
      `${cut} ${cut === 1 ? "entry was" : "entries were"} longer than 1 MiB, of which only the beginning is printed`,
    );
}
