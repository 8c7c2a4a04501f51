// t2a agent claim: takes what was passed on to a session. No daemon is needed for it.
import { join } from "node:path";
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn } from "../../session-access.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

/** Registers the command. */
export function registerClaim(parent: Command, context: CommandContext): void {
  const command = parent
    .command("claim")
    .summary("take what was passed on to a session")
    .description(
      "Prints what was passed on to a session by a handoff, as JSON, and takes it: of any number of consumers one gets it.",
    )
    .addArgument(liveArgument("[session]"));
  addStoreOption(command)
    .addHelpText(
      "after",
      `
The file that T2A_HANDOFF names is handoff.claimed.json from then on.

Exit status: 0; 1 where there is nothing, or another consumer was first.

Examples:
  t2a agent claim > handoff.json
  t2a agent claim TestAgent | jq '.commands[] | select(.exitStatus != 0) | .line'`,
    )
    .action((session: string | undefined, options: StoreOption) => claim(session, options, context));
}

async function claim(session: string | undefined, options: StoreOption, context: CommandContext): Promise<void> {
  const { userDataFolder } = await import("../../../config/index.js");
  const { agentFiles, claimBundle } = await import("../../../session/index.js");
  const { id, words } = await find(sessionOrOwn(session, context), options, context);
  context.printJson(claimBundle(agentFiles(join(userDataFolder(context.io.env), "live", id)), id, { words }));
}

/** An id as it is; the library knows what else stands for one, and what messages call it. */
async function find(
  reference: string,
  options: StoreOption,
  context: CommandContext,
): Promise<{ readonly id: string; readonly words: string }> {
  const { ULID } = await import("../../../store/index.js");
  if (ULID.test(reference)) return { id: reference, words: reference };
  const { sessionWords } = await import("../../../session/index.js");
  const { getExisting } = await import("../../open-library.js");
  const library = await getExisting(options, context);
  try {
    const { session } = await library.resolve(reference);
    return { id: session.id, words: sessionWords(session) };
  } finally {
    await library.close();
  }
}
