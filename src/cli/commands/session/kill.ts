// t2a session kill: ends what runs in sessions.
import { constants } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import type { SessionInfo } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { withSessions } from "../../session-access.js";

interface KillOptions {
  readonly signal?: string;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerKill(parent: Command, context: CommandContext): void {
  parent
    .command("kill")
    .summary("end sessions")
    .description(
      "Ends sessions: SIGHUP, as when a terminal is closed, and SIGKILL 5 seconds later to what is left. Comes back when they are over;\ntheir recordings stay in the library.",
    )
    .addArgument(liveArgument("<sessions...>"))
    .option("--signal <name>", "another signal first: INT, TERM, KILL ...", parseSignal)
    .option("--json", "print the sessions as JSON")
    .addHelpText("after", "\nExamples:\n  t2a session kill build\n  t2a session kill build test --signal INT")
    .action((references: readonly string[], options: KillOptions) => kill(references, options, context));
}

function parseSignal(text: string): string {
  const name = `SIG${text.toUpperCase().replace(/^SIG/, "")}`;
  if (!(name in constants.signals)) throw new InvalidArgumentError("It must be a signal's name, TERM for one.");
  return name;
}

async function kill(
  references: readonly string[],
  { signal, json }: KillOptions,
  context: CommandContext,
): Promise<void> {
  const ended = await withSessions(context, async (sessions) => {
    // All that are named are looked for first: nothing ends where one of them is misspelt.
    const found: SessionInfo[] = [];
    for (const reference of references) found.push(await sessions.getSession(reference));
    const ids = new Set(found.map(({ id }) => id));
    return await Promise.all([...ids].map((id) => sessions.killSession(id, signal)));
  });
  if (json) context.printJson(ended);
}
