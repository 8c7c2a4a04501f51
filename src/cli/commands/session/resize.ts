// t2a session resize: another size for a session's terminal.
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { CommandContext } from "../../context.js";
import { parseWindowSize } from "../../parse.js";
import { liveArgument } from "../../references.js";
import { sessionAndValue, withSessions } from "../../session-access.js";

/** Registers the command. */
export function registerResize(parent: Command, context: CommandContext): void {
  parent
    .command("resize")
    .summary("give a session's terminal another size")
    .description(
      "Gives a session's terminal another size in cells. Where clients are attached, session.size (t2a config) says whose size it takes\nwhen the next one attaches, types or is resized; one whose template says a size keeps what it is given here.",
    )
    .addArgument(liveArgument("<session>", "session; or the size, for the session that this runs in"))
    .argument("[COLSxROWS]", "80x24, 80x or x24")
    .option("--json", "print the session as JSON")
    .addHelpText("after", "\nExamples:\n  t2a session resize build 132x50\n  t2a session resize build x40")
    .action((first: string, second: string | undefined, { json }: { readonly json?: boolean }) =>
      resize(first, second, json === true, context),
    );
}

async function resize(
  first: string,
  second: string | undefined,
  asJson: boolean,
  context: CommandContext,
): Promise<void> {
  const { session, value } = sessionAndValue(first, second, "a size", context);
  const wanted = parseWindowSize(value);
  const resized = await withSessions(context, async (sessions) => {
    const { id, live } = await sessions.getSession(session);
    const { cols = live?.cols, rows = live?.rows } = wanted;
    if (cols === undefined || rows === undefined)
      throw new UsageError("the session is over: there is no size to keep the other side of");
    return await sessions.resize(id, { cols, rows });
  });
  if (asJson) context.printJson(resized);
}
