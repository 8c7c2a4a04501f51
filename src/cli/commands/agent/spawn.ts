// t2a agent spawn: starts a session that belongs to an agent.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { parseWord } from "../../parse.js";
import {
  type AttachingOptions,
  addAttachingOptions,
  addStartOptions,
  type StartOptions,
  startConfig,
  startSession,
  tellName,
} from "../../session-start.js";
import { templateStart } from "../../template-start.js";
import { addContextOptions, type ContextOptions, contextOf } from "./context-options.js";

interface SpawnOptions extends ContextOptions, StartOptions, AttachingOptions {
  readonly purpose?: string;
  readonly parent?: string;
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
  addStartOptions(addContextOptions(command), {
    folder: "its worktree, where its template says, or this folder",
    size: "its template's, that of this terminal, or 80x24",
  }).option("--parent <session>", "the session that this one comes from");
  addAttachingOptions(command)
    .addHelpText(
      "after",
      `
The program finds what it is told in the JSON file that T2A_CONTEXT names: issueNumber, currentPhase, worktreePath, previousResults and
whatever else --context holds, and under "t2a" who it is. T2A_SESSION is its session: t2a agent complete and t2a agent handoff mean that
one where none is named.

Examples:
  t2a agent spawn CodeGenAgent --purpose "write the parser" --issue 7 --phase CodeGeneration --worktree ../t2a-7 -- claude -p "$PROMPT"
  t2a agent spawn Reviewer --purpose review --context review.json --detach -c './review.sh | tee review.txt'
  t2a agent spawn Tester --limit wall_time=1h --limit memory=4G -d -- npm test
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
  const { purpose = "", parent, template } = options;
  const told = await contextOf(options, context);
  const { cwd, hasSize } = await templateStart(template, context);
  const config = {
    cwd: told.worktreePath === undefined ? cwd : undefined,
    ...(await startConfig(words, options, context)),
    ...(parent !== undefined && { parent }),
  };
  await startSession(options, context, async (sessions, terminal) => {
    const session = await sessions.spawnAgentSession(name, purpose, told, { ...(hasSize ? {} : terminal), ...config });
    if (!options.json) await tellName(name, session, context);
    return session;
  });
}
