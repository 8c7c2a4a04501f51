// t2a agent log: what an agent's session showed, as plain text. No daemon is needed for it.
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { interruptibly } from "../../interruption.js";
import { drained } from "../../io.js";
import { sessionArgument } from "../../references.js";
import { sessionOrOwn } from "../../session-access.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface LogOptions extends StoreOption {
  readonly path?: boolean;
}

/** visibleText looks at no more at once. */
const PART_UNITS = 16_384;

/** Registers the command. */
export function registerLog(parent: Command, context: CommandContext): void {
  const command = parent
    .command("log")
    .summary("print what a session showed, as text")
    .description(
      "Prints all that a session showed as plain text, from its recordings; of one that lives what it has shown by now. It is kept in a file.",
    )
    .addArgument(sessionArgument("[session]"));
  addStoreOption(command)
    .option("--path", "print the path of the file instead")
    .addHelpText("after", "\nExamples:\n  t2a agent log TestAgent | less\n  t2a agent log --path TestAgent")
    .action((session: string | undefined, options: LogOptions) => log(session, options, context));
}

async function log(session: string | undefined, options: LogOptions, context: CommandContext): Promise<void> {
  const { getExisting } = await import("../../open-library.js");
  const { userDataFolder } = await import("../../../config/index.js");
  const { agentFiles, writeSessionLog } = await import("../../../session/index.js");
  const library = await getExisting(options, context);
  try {
    await interruptibly(context.exit, async (signal) => {
      const found = await library.get(await library.resolve(sessionOrOwn(session, context)));
      const { log: path } = agentFiles(join(userDataFolder(context.io.env), "live", found.id));
      await writeSessionLog(path, library, found, signal);
      if (options.path) context.print(path);
      else await printFile(path, context);
    });
  } finally {
    await library.close();
  }
}

async function printFile(path: string, { io: { stdout } }: CommandContext): Promise<void> {
  const { visibleText } = await import("../../../terminal/index.js");
  const shown = (line: string) => {
    if (!stdout.isTTY) return line;
    let text = "";
    for (let at = 0; at < line.length; at += PART_UNITS)
      text += visibleText(line.slice(at, at + PART_UNITS), { maxLength: PART_UNITS });
    return text;
  };
  for await (const line of createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Infinity })) {
    stdout.write(`${shown(line)}\n`);
    await drained(stdout);
  }
}
