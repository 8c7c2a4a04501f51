// t2a session clients: who is attached to a session.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

/** Registers the command. */
export function registerClients(parent: Command, context: CommandContext): void {
  parent
    .command("clients")
    .summary("list who is attached")
    .description("Lists who is attached to a session, with the sizes of their terminals, and who may type.")
    .addArgument(liveArgument("[session]"))
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a session clients\n  t2a session clients build --json | jq -r '.[].clientId'",
    )
    .action((session: string | undefined, { json }: { readonly json?: boolean }) =>
      clients(session, json === true, context),
    );
}

async function clients(named: string | undefined, asJson: boolean, context: CommandContext): Promise<void> {
  const reference = sessionOrOwn(named, context);
  const found = await withSessions(context, (sessions) => sessions.listClients(reference));
  if (asJson) return context.printJson(found);
  if (found.length === 0) return context.info("nobody is attached");
  const { clientTable } = await import("../../live-tables.js");
  context.print(await clientTable(found));
}
