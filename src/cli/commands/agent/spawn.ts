// t2a agent spawn: starts a session that belongs to an agent.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { parseWord } from "../../parse.js";
import { surroundingSession, withSessions } from "../../session-access.js";
import { startFolder } from "../../start-folder.js";
import { addContextOptions, type ContextOptions, contextOf } from "./context-options.js";
import { addStartOptions, type StartOptions, startConfig } from "./start-options.js";

interface SpawnOptions extends ContextOptions, StartOptions {
  readonly purpose?: string;
  readonly parent?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerSpawn(parent: Command, context: CommandContext): void {
  const command = parent
    .command("spawn")
    .summary("start a session for an agent")
    .description(
      "Starts a session that belongs to an agent: a program, or your shell, in a terminal that lives on. Attaches to it where there is a terminal.",
    )
    .argument("<name>", "of the agent, and of its session", parseWord)
    .argument("[command...]", "program and its arguments, behind --")
    .option("--purpose <text>", "what it is to do");
  addStartOptions(addContextOptions(command))
    .option("--parent <session>", "the session that this one comes from")
    .option("-d, --detach", "do not attach")
    .option("--json", "do not attach, and print the session as JSON")
    .addHelpText(
      "after",
      `
The program finds what it is told in the JSON file that T2A_CONTEXT names: issueNumber, currentPhase, worktreePath, previousResults and
whatever else --context holds, and under "t2a" who it is. T2A_SESSION is its session: t2a agent complete and t2a agent handoff mean that
one where none is named.

Examples:
  t2a agent spawn CodeGenAgent --purpose "write the parser" --issue 7 --phase CodeGeneration --worktree ../t2a-7 -- claude -p "$PROMPT"
  t2a agent spawn Reviewer --purpose review --context review.json --detach -c './review.sh | tee review.txt'
  t2a agent spawn Helper --json --parent "$T2A_SESSION" -- ./help.sh | jq -r .id`,
    )
    .action((name: string, words: readonly string[], options: SpawnOptions) => spawn(name, words, options, context));
}

async function spawn(
  name: string,
  words: readonly string[],
  options: SpawnOptions,
  context: CommandContext,
): Promise<void> {
  const told = await contextOf(options, context);
  const { attachableTty, attachTerminal, canAttach } = await import("../../attach/attach-terminal.js");
  const isInside = surroundingSession(context) !== undefined;
  const isAttached = options.detach !== true && options.json !== true && !isInside && canAttach(context);
  const tty = isAttached ? await attachableTty(context) : undefined;
  try {
    await withSessions(context, async (sessions) => {
      const config = {
        cwd: told.worktreePath === undefined ? await startFolder(options.template, context) : undefined,
        ...tty?.size(),
        ...startConfig(words, options, context),
        ...(options.parent !== undefined && { parent: options.parent }),
      };
      const session = await sessions.spawnAgentSession(name, options.purpose ?? "", told, config);
      if (options.json) return context.printJson(session);
      if (tty === undefined) return context.print(session.id);
      await attachTerminal({ sessions, session: session.id, tty }, context);
    });
  } finally {
    await tty?.close();
  }
}
