// t2a session attach: a session on this terminal.
import type { Command } from "commander";
import { SessionError, UsageError } from "../../../core/index.js";
import type { SessionManager } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { surroundingSession, withSessions } from "../../session-access.js";

interface AttachOptions {
  readonly readOnly?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerAttach(parent: Command, context: CommandContext): void {
  parent
    .command("attach")
    .alias("a")
    .summary("show a session on this terminal")
    .description(
      "Shows a session on this terminal and types into it, beside all others that are attached. Without a session it is the newest that lives.",
    )
    .addArgument(liveArgument("[session]"))
    .option("-r, --read-only", "look on: what is typed goes nowhere")
    .option("--json", "print how it ended as JSON")
    .addHelpText(
      "after",
      `
Keys: ^] (session.prefix_key, t2a config), then d detaches, s goes to another session from a list, r draws everything again, ? shows all
keys; ^] twice sends it. A session that is larger than the terminal is shown in part, the one with the cursor; the marked corners
say where it goes on, and ^] with arrow keys shows another. session.size says whose size it has where several are attached.

Exit status: 0 where it was detached or the session ended, however that was.

Examples:
  t2a session attach
  t2a session attach build
  t2a session attach -r agent-3`,
    )
    .action((session: string | undefined, options: AttachOptions) => attach(session, options, context));
}

async function attach(
  named: string | undefined,
  { readOnly, json }: AttachOptions,
  context: CommandContext,
): Promise<void> {
  if (surroundingSession(context) !== undefined) {
    throw new UsageError(
      "this is a session itself: t2a session switch shows another one here (env -u T2A_SESSION attaches inside of it all the same)",
    );
  }
  const { attachableTty, attachTerminal } = await import("../../attach/attach-terminal.js");
  const tty = await attachableTty(context);
  try {
    await withSessions(context, async (sessions) => {
      const session = named ?? (await newestLive(sessions));
      const end = await attachTerminal({ sessions, session, tty, isReadOnly: readOnly, isQuiet: json }, context);
      if (json) context.printJson(end);
    });
  } finally {
    await tty.close();
  }
}

/** The id of the session that was started last. */
async function newestLive(sessions: SessionManager): Promise<string> {
  const live = await sessions.listActive();
  const [newest] = [...live].sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1));
  if (newest === undefined)
    throw new SessionError("T2A_SESSION_NOT_FOUND", "no session lives: t2a session new starts one");
  return newest.id;
}
