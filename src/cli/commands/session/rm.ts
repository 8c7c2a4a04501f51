// t2a session rm: moves sessions that are over into the trash.
import type { Command } from "commander";
import type { SessionInfo } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { withSessions } from "../../session-access.js";

interface RmOptions {
  readonly kill?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerRm(parent: Command, context: CommandContext): void {
  parent
    .command("rm")
    .summary("move sessions that are over into the trash")
    .description(
      "Moves sessions that are over, with their recordings, into the trash: t2a library undelete brings them back for 7 days.",
    )
    .addArgument(liveArgument("<sessions...>"))
    .option("--kill", "end them first where they live")
    .option("--json", "print the ids as a JSON array")
    .addHelpText("after", "\nExamples:\n  t2a session rm build\n  t2a session rm --kill build test")
    .action((references: readonly string[], options: RmOptions) => rm(references, options, context));
}

async function rm(references: readonly string[], { kill, json }: RmOptions, context: CommandContext): Promise<void> {
  const ids = await withSessions(context, async (sessions) => {
    const found = new Map<string, SessionInfo>();
    for (const reference of references) {
      const session = await sessions.getSession(reference);
      found.set(session.id, session);
    }
    for (const { id, live } of found.values()) {
      if (kill && live !== undefined) await sessions.killSession(id);
      await sessions.deleteSession(id);
    }
    return [...found.keys()];
  });
  if (json) context.printJson(ids);
}
