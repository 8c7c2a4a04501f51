// t2a session ls: sessions that live, and those that can be resumed.
import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../../../core/index.js";
import type { SessionInfo, SessionListFilter, SessionManager } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { withSessions } from "../../session-access.js";

interface LsOptions {
  readonly all?: boolean;
  readonly tree?: boolean;
  readonly watch?: boolean;
  readonly agent?: string;
  readonly tag?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** Past ones that are listed with --all. */
const DEFAULT_LIMIT = 50;
/** Of those that are over so many of the newest are looked at for whom others come from. */
const LOOKED_AT = 200;
const WATCH_MS = 1000;

/** Registers the command. */
export function registerLs(parent: Command, context: CommandContext): void {
  parent
    .command("ls")
    .alias("list")
    .summary("list sessions")
    .description("Lists the sessions that live, and those that were interrupted and can be resumed.")
    .option("--all", "those that are over as well")
    .option("--tree", "children behind the sessions that they come from")
    .option("--agent <name>", "only of this agent")
    .option("--tag <tag>", "only with this tag")
    .option("--limit <count>", "of those that are over so many of the newest", parseLimit, DEFAULT_LIMIT)
    .option("--watch", "draw it again each second, until a key is pressed")
    .option("--json", "print an array of sessions")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a session ls\n  t2a session ls --all --tree\n  t2a session ls --watch\n  t2a session ls --json | jq -r '.[].name'",
    )
    .action((options: LsOptions) => ls(options, context));
}

function parseLimit(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

async function ls(options: LsOptions, context: CommandContext): Promise<void> {
  if (options.watch && options.json) throw new UsageError("--watch draws on a terminal: it goes without --json");
  await withSessions(context, async (sessions) => {
    if (options.watch) return await watch(options, sessions, context);
    const found = await find(options, sessions);
    if (options.json) return context.printJson(found);
    if (found.length === 0) {
      context.info(options.all ? "no sessions" : "no session lives: t2a session new starts one, --all lists past ones");
      return;
    }
    const { stdout } = context.io;
    context.print(await table(found, options, stdout.isTTY ? (stdout.columns ?? 80) : undefined));
  });
}

async function watch(options: LsOptions, sessions: SessionManager, context: CommandContext): Promise<void> {
  const { showLivePage } = await import("../../live-page.js");
  const render = async ({ cols }: { readonly cols: number }) => {
    const found = await find(options, sessions);
    return found.length === 0 ? "no sessions" : await table(found, options, cols);
  };
  await showLivePage({ everyMs: WATCH_MS, render }, context);
}

async function table(found: readonly SessionInfo[], options: LsOptions, cols: number | undefined): Promise<string> {
  const { liveTable } = await import("../../live-tables.js");
  return await liveTable(found, { cols, isTree: options.tree, now: Date.now() });
}

/** In a tree, those that live are seen with whom they come from. */
async function find(options: LsOptions, sessions: SessionManager): Promise<readonly SessionInfo[]> {
  const filter: SessionListFilter = { agent: options.agent, tag: options.tag, limit: options.limit };
  if (options.all) return await sessions.listSessions(filter);
  if (!options.tree) return await sessions.listSessions({ ...filter, pastStatus: "interrupted" });
  const all = await sessions.listSessions({ ...filter, limit: Math.max(options.limit, LOOKED_AT) });
  const byId = new Map(all.map((session) => [session.id, session]));
  const wanted = new Set(all.filter(({ live, status }) => live !== undefined || status === "interrupted"));
  for (const { parent: first } of [...wanted]) {
    let parent = first === undefined ? undefined : byId.get(first);
    while (parent !== undefined && !wanted.has(parent)) {
      wanted.add(parent);
      parent = parent.parent === undefined ? undefined : byId.get(parent.parent);
    }
  }
  return all.filter((session) => wanted.has(session));
}
