// t2a agent stats, t2a agent summary: what agents' sessions came to.
import type { Command } from "commander";
import { formatDuration } from "../../../core/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

interface JsonOption {
  readonly json?: boolean;
}

/** Registers `stats`. */
export function registerStats(parent: Command, context: CommandContext): void {
  parent
    .command("stats")
    .summary("count the sessions of agents")
    .description("Counts the sessions that belong to agents, and how long those took that are over.")
    .option("--json", "print JSON: total, active, handedOff, completed, failed, durations (nanoseconds)")
    .addHelpText("after", "\nExamples:\n  t2a agent stats\n  t2a agent stats --json | jq .failed")
    .action(({ json }: JsonOption) =>
      withSessions(context, async (sessions) => {
        const stats = await sessions.agentStats();
        if (json) return context.printJson(stats);
        const { total, active, handedOff, completed, failed, durations } = stats;
        const rows = [
          ["total", total],
          ["active", active],
          ["handed off", handedOff],
          ["completed", completed],
          ["failed", failed],
          ["mean", formatDuration(durations.meanNs)],
          ["longest", formatDuration(durations.longestNs)],
          ["together", formatDuration(durations.totalNs)],
        ] as const;
        for (const [name, value] of rows) context.print(`${name.padEnd(12)}${value}`);
      }),
    );
}

/** Files that people are shown. */
const SHOWN_FILES = 50;

/** Registers `summary`. */
export function registerSummary(parent: Command, context: CommandContext): void {
  parent
    .command("summary")
    .summary("sum up a piece of work")
    .description(
      "Sums up the line that a session is in: whose part is done or handed on, who is at it, who failed, and the files that changed in the worktree.",
    )
    .addArgument(liveArgument("[session]"))
    .option("--json", "print JSON: completed, current, failed, filesChanged")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a agent summary TestAgent\n  t2a agent summary --json TestAgent | jq -r '.filesChanged[]'",
    )
    .action((session: string | undefined, { json }: JsonOption) =>
      withSessions(context, async (sessions) => {
        const summary = await sessions.summary(sessionOrOwn(session, context));
        if (json) return context.printJson(summary);
        const { visibleText } = await import("../../../terminal/index.js");
        for (const kind of ["completed", "current", "failed"] as const) {
          for (const { agent, name, status, purpose } of summary[kind]) {
            const words = `${agent ?? name} (${status})${purpose === undefined ? "" : `: ${purpose}`}`;
            context.print(`${kind.padEnd(12)}${visibleText(words, { maxLength: 200 })}`);
          }
        }
        const { filesChanged } = summary;
        for (const path of filesChanged.slice(0, SHOWN_FILES))
          context.print(`${"changed".padEnd(12)}${visibleText(path)}`);
        const more = filesChanged.length - SHOWN_FILES;
        if (more > 0) context.info(`${more} more files changed: --json lists them`);
      }),
    );
}
