// t2a session keyboard: who of those attached may type.
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

interface KeyboardOptions {
  readonly give?: string;
  readonly take?: string;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerKeyboard(parent: Command, context: CommandContext): void {
  parent
    .command("keyboard")
    .summary("say who of those attached may type")
    .description(
      "Takes the keyboard from a client that is attached to a session, so that what it types is dropped, or gives it back.\nWithout --give and --take it lists who has it.",
    )
    .addArgument(liveArgument("[session]"))
    .option("--give <client>", "this client may type")
    .option("--take <client>", "this client may not")
    .option("--json", "print the clients as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a session keyboard build\n  t2a session keyboard build --take 3\n  t2a session keyboard build --give 3",
    )
    .action((session: string | undefined, options: KeyboardOptions) => keyboard(session, options, context));
}

async function keyboard(named: string | undefined, options: KeyboardOptions, context: CommandContext): Promise<void> {
  const { give, take, json } = options;
  if (give !== undefined && give === take) throw new UsageError("--give and --take cannot mean the same client");
  const reference = sessionOrOwn(named, context);
  const clients = await withSessions(context, async (sessions) => {
    const { id } = await sessions.getSession(reference);
    if (take !== undefined) await sessions.setKeyboard(id, take, false);
    if (give !== undefined) await sessions.setKeyboard(id, give, true);
    return await sessions.listClients(id);
  });
  if (json) return context.printJson(clients);
  if (give !== undefined || take !== undefined) return;
  if (clients.length === 0) return context.info("nobody is attached");
  const { clientTable } = await import("../../live-tables.js");
  context.print(await clientTable(clients));
}
