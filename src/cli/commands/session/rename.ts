// t2a session rename: another name for a session.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { parseWord } from "../../parse.js";
import { liveArgument } from "../../references.js";
import { sessionAndValue, withSessions } from "../../session-access.js";

/** Registers the command. */
export function registerRename(parent: Command, context: CommandContext): void {
  parent
    .command("rename")
    .summary("give a session another name")
    .description("Gives a session another name: the one that is named first, else the one that this runs in.")
    .addArgument(liveArgument("<session>", "session; or the name, for the session that this runs in"))
    .argument("[name]", "its new name", parseWord)
    .option("--json", "print the session as JSON")
    .addHelpText("after", "\nExamples:\n  t2a session rename build deploy\n  t2a session rename deploy")
    .action((first: string, second: string | undefined, { json }: { readonly json?: boolean }) =>
      rename(first, second, json === true, context),
    );
}

async function rename(
  first: string,
  second: string | undefined,
  asJson: boolean,
  context: CommandContext,
): Promise<void> {
  const { session, value } = sessionAndValue(first, second, "its new name", context);
  const renamed = await withSessions(context, (sessions) => sessions.renameSession(session, value));
  if (asJson) context.printJson(renamed);
}
