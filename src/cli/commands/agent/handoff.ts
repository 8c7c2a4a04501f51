// t2a agent handoff: passes a session on to another agent.
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { CommandContext } from "../../context.js";
import { parseWord } from "../../parse.js";
import { liveArgument } from "../../references.js";
import { withSessions } from "../../session-access.js";
import { addStartOptions, type StartOptions, startConfig, tellName } from "../../session-start.js";
import { addContextOptions, type ContextOptions, contextOf } from "./context-options.js";

interface HandoffCommandOptions extends ContextOptions, StartOptions {
  readonly purpose?: string;
  readonly live?: boolean;
  readonly stay?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerHandoff(parent: Command, context: CommandContext): void {
  const command = parent
    .command("handoff")
    .summary("pass a session on to another agent")
    .description(
      "Passes a session on: a new one, its child, is started for the other agent, with all that is known of the work, and the old one ends.",
    )
    .addArgument(liveArgument("<from>", "id, beginning of an id, or name of the session that is passed on"))
    .argument("<to-name>", "the agent that goes on", parseWord)
    .argument("[command...]", "program and its arguments, behind --; else your shell")
    .option("--purpose <text>", "what it is to do; else what the old one was to do")
    .option("--live", "the same terminal gets a new owner: nothing is started, and nothing ends")
    .option("--stay", "leave the old terminal open");
  addStartOptions(addContextOptions(command), { folder: "its worktree", size: "that of the old one" })
    .option("--json", "print the session as JSON")
    .addHelpText(
      "after",
      `
What is told goes before what the old one was told. What is passed on is a file of JSON that T2A_HANDOFF names: the context, the last
commands with their statuses and what they printed, the screen, the files that changed in the worktree, results. One consumer can claim
it: t2a agent claim. Of several handoffs of one session one is done; the others are refused, as are those of sessions that are over.

Examples:
  t2a agent handoff CodeGenAgent ReviewAgent --phase Review -- ./review.sh
  t2a agent handoff "$T2A_SESSION" TestAgent --context next.json --json -- npm test
  t2a agent handoff build alice --live --purpose "look why it hangs"`,
    )
    .action((from: string, to: string, words: readonly string[], options: HandoffCommandOptions) =>
      handoff(from, to, words, options, context),
    );
}

async function handoff(
  from: string,
  to: string,
  words: readonly string[],
  options: HandoffCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { live: isLive = false, stay: staysOpen = false, purpose } = options;
  const started = [options.command, options.template, options.tag, options.cwd, options.size, options.limit];
  if (isLive && (words.length > 0 || started.some((option) => option !== undefined) || staysOpen)) {
    throw new UsageError("--live passes on the terminal as it is: nothing is started for it, and nothing ends");
  }
  const told = await contextOf(options, context);
  const config = isLive ? undefined : await startConfig(words, options, context);
  // The session that is passed on may be the one that this runs in, and ends: what became of it is to be said before.
  const ignore = () => {};
  process.on("SIGHUP", ignore);
  try {
    await withSessions(context, async (sessions) => {
      const session = await sessions.handoff(from, to, {
        context: told,
        ...(purpose !== undefined && { purpose }),
        ...(isLive ? { isLive } : { config }),
        ...(staysOpen && { staysOpen }),
      });
      if (options.json) return context.printJson(session);
      if (!isLive) await tellName(to, session, context);
      context.print(session.id);
    });
  } finally {
    process.off("SIGHUP", ignore);
  }
}
