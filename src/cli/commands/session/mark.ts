// t2a session mark: a marker in a session's recording, now.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionAndValue, withSessions } from "../../session-access.js";

/** Registers the command. */
export function registerMark(parent: Command, context: CommandContext): void {
  parent
    .command("mark")
    .summary("set a marker in a session's recording")
    .description("Sets a marker in a session's recording, at this moment: players go from one to the next.")
    .addArgument(liveArgument("<session>", "session; or the label, for the session that this runs in"))
    .argument("[label]", "what the marker says")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a session mark build 'before the upgrade'\n  t2a session mark 'here it begins'",
    )
    .action((first: string, second: string | undefined, { json }: { readonly json?: boolean }) =>
      mark(first, second, json === true, context),
    );
}

async function mark(
  first: string,
  second: string | undefined,
  asJson: boolean,
  context: CommandContext,
): Promise<void> {
  const { session, value } = sessionAndValue(first, second, "a label", context);
  await withSessions(context, async (sessions) => {
    await sessions.mark(session, value);
    if (asJson) context.printJson({ id: (await sessions.getSession(session)).id, label: value });
  });
}
