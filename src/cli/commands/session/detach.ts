// t2a session detach: ends attachments; the session goes on.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

interface DetachOptions {
  readonly client?: string;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerDetach(parent: Command, context: CommandContext): void {
  parent
    .command("detach")
    .summary("end attachments; the session goes on")
    .description("Detaches everybody from a session, or one client. Where one is attached, ^] then d detaches too.")
    .addArgument(liveArgument("[session]"))
    .option("--client <id>", "only this client (t2a session clients)")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a session detach\n  t2a session detach build --client 3")
    .action((session: string | undefined, options: DetachOptions) => detach(session, options, context));
}

async function detach(
  named: string | undefined,
  { client, json }: DetachOptions,
  context: CommandContext,
): Promise<void> {
  const reference = sessionOrOwn(named, context);
  await withSessions(context, async (sessions) => {
    const { id } = await sessions.getSession(reference);
    const before = await sessions.listClients(id);
    await sessions.detachClients(id, client);
    if (json) context.printJson({ id, detached: before.map(({ clientId }) => clientId).filter(isMeant) });
    else if (before.length === 0) context.info("nobody was attached");
  });

  function isMeant(clientId: string): boolean {
    return client === undefined || client === clientId;
  }
}
