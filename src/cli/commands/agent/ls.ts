// t2a agent ls: sessions that belong to agents.
import type { Command } from "commander";
import type { SessionInfo } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { parseCount } from "../../parse.js";
import { withSessions } from "../../session-access.js";

interface LsOptions {
  readonly active?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** Sessions asked for, among which those of agents are looked for. */
const LOOKED_AT = 10_000;

/** Registers the command. */
export function registerLs(parent: Command, context: CommandContext): void {
  parent
    .command("ls")
    .summary("list the sessions of agents")
    .description("Lists the sessions that belong to agents, live ones first, then the newest.")
    .option("--active", "only those that are at work")
    .option("--limit <count>", "so many at most", parseCount(1), 200)
    .option("--json", "print an array of sessions")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a agent ls --active\n  t2a agent ls --json | jq -r '.[] | .agent + \" \" + .status'",
    )
    .action((options: LsOptions) => ls(options, context));
}

async function ls({ active: isActive, limit, json }: LsOptions, context: CommandContext): Promise<void> {
  await withSessions(context, async (sessions) => {
    const all = await sessions.listSessions({ limit: LOOKED_AT });
    const found = all
      .filter(({ agent, status }) => agent !== undefined && (!isActive || status === "active"))
      .slice(0, limit);
    if (json) return context.printJson(found);
    if (found.length === 0) return context.info(isActive ? "no agent is at work" : "no session belongs to an agent");
    const { plainTable } = await import("../../table.js");
    const { visibleText } = await import("../../../terminal/index.js");
    const { localTime, shownIdLength } = await import("../../session-table.js");
    const length = shownIdLength(found.map(({ id }) => id));
    const rows = found.map((session) =>
      [
        session.id.slice(0, length),
        session.name,
        session.agent ?? "",
        session.status,
        localTime(session.createdAt),
        phaseOf(session),
        session.purpose ?? "",
      ].map((cell) => visibleText(cell, { maxLength: 60 })),
    );
    context.print(plainTable(["id", "name", "agent", "status", "when", "phase", "purpose"], rows));
  });
}

function phaseOf({ context }: SessionInfo): string {
  const { issueNumber, currentPhase } = context ?? {};
  const issue = typeof issueNumber === "number" ? `#${issueNumber}` : "";
  return [issue, typeof currentPhase === "string" ? currentPhase : ""].filter((part) => part !== "").join(" ");
}
