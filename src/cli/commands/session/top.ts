// t2a session top: what live sessions use, drawn again and again.
import type { Command } from "commander";
import type { SessionManager } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { withSessions } from "../../session-access.js";

interface TopOptions {
  readonly once?: boolean;
  readonly json?: boolean;
}

const EVERY_MS = 1000;

/** Registers the command. */
export function registerTop(parent: Command, context: CommandContext): void {
  parent
    .command("top")
    .summary("watch what sessions use")
    .description(
      "Shows what the processes of each live session use: CPU (100 % is one core), memory, how much they print. Drawn each second, until\na key is pressed; once where the output is no terminal.",
    )
    .option("--once", "draw it once")
    .option("--json", "print an array once")
    .addHelpText("after", "\nExamples:\n  t2a session top\n  t2a session top --json | jq '.[] | {name, memoryBytes}'")
    .action((options: TopOptions) => top(options, context));
}

async function top({ once, json }: TopOptions, context: CommandContext): Promise<void> {
  const { stdout, env } = context.io;
  await withSessions(context, async (sessions) => {
    if (json) return context.printJson(await sessions.usage());
    if (once || stdout.isTTY !== true || env.TERM === "dumb") {
      context.print(await draw(sessions, stdout.isTTY ? (stdout.columns ?? 80) : undefined));
      return;
    }
    const { showLivePage } = await import("../../live-page.js");
    await showLivePage({ everyMs: EVERY_MS, render: ({ cols }) => draw(sessions, cols) }, context);
  });
}

async function draw(sessions: SessionManager, cols: number | undefined): Promise<string> {
  const { usageTable } = await import("../../live-tables.js");
  const usage = await sessions.usage();
  if (usage.length === 0) return "no session lives: t2a session new starts one";
  const { formatSize } = await import("../../../core/index.js");
  const cpu = usage.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
  const memory = usage.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const count = usage.length === 1 ? "1 session" : `${usage.length} sessions`;
  return `${count}, ${cpu.toFixed(1)} % CPU, ${formatSize(memory)}\n\n${await usageTable(usage, { cols })}`;
}
