// t2a agent: sessions that belong to agents, passed on from one to the next. One file a subcommand in agent/, and a line here.
import type { Command } from "commander";
import type { CommandContext } from "../context.js";
import { registerClaim } from "./agent/claim.js";
import { registerComplete, registerFail } from "./agent/conclude.js";
import { registerHandoff } from "./agent/handoff.js";
import { registerLineage } from "./agent/lineage.js";
import { registerLog } from "./agent/log.js";
import { registerLs } from "./agent/ls.js";
import { registerSpawn } from "./agent/spawn.js";
import { registerStats, registerSummary } from "./agent/stats.js";

/** Registers one subcommand of `t2a agent`. */
type RegisterSubcommand = (agent: Command, context: CommandContext) => void;

/** In the order help shows them. */
const SUBCOMMANDS: readonly RegisterSubcommand[] = [
  registerSpawn,
  registerHandoff,
  registerClaim,
  registerComplete,
  registerFail,
  registerLs,
  registerLineage,
  registerSummary,
  registerStats,
  registerLog,
];

/** Registers the command. */
export function registerAgent(program: Command, context: CommandContext): void {
  const agent = program
    .command("agent")
    .summary("run agents in sessions, and pass their work on")
    .description(
      "Sessions that belong to agents: started with what the agent is told, passed on to the next one with all that was done, counted.",
    )
    .addHelpText(
      "after",
      `
A session is named by its id, by a beginning of it that no other has, or by its name; inside of a session that one is meant where none is
named. All that t2a session does it does with these too: attach, send, screen, wait.

Examples:
  t2a agent spawn CodeGenAgent --purpose "write it" --issue 7 --worktree ../t2a-7 --detach -- ./generate.sh
  t2a agent handoff CodeGenAgent ReviewAgent --phase Review -- ./review.sh
  t2a agent lineage ReviewAgent
  t2a agent complete ReviewAgent --result review.json
  t2a agent stats`,
    );
  for (const register of SUBCOMMANDS) register(agent, context);
}
