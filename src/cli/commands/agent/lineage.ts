// t2a agent lineage: who had a piece of work, and who has it now.
import type { Command } from "commander";
import type { LineageEntry } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

/** Registers the command. */
export function registerLineage(parent: Command, context: CommandContext): void {
  parent
    .command("lineage")
    .summary("show the line of descent of a session")
    .description("Shows the line that a session is in, from its first on: who had the work, and who has it now.")
    .addArgument(liveArgument("[session]"))
    .option("--json", "print an array: id, name, agent, status, purpose, depth, parent")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a agent lineage TestAgent\n  t2a agent lineage --json 01KAM3 | jq -r '.[].agent'",
    )
    .action((session: string | undefined, { json }: { readonly json?: boolean }) =>
      withSessions(context, async (sessions) => {
        const entries = await sessions.getLineage(sessionOrOwn(session, context));
        if (json) return context.printJson(entries);
        const { visibleText } = await import("../../../terminal/index.js");
        for (const line of lineageLines(entries)) context.print(visibleText(line));
      }),
    );
}

/** `1: CodeGenAgent (handed_off)`, those that came of it further to the right. */
export function lineageLines(entries: readonly LineageEntry[]): string[] {
  return entries.map(({ agent, name, status, depth, formerAgents = [] }, at) => {
    const before = formerAgents.length === 0 ? "" : `, before: ${formerAgents.join(", ")}`;
    return `${"  ".repeat(depth)}${at + 1}: ${agent ?? name} (${status}${before})`;
  });
}
