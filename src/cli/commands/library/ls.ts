// t2a library ls, t2a ls: what is kept, the newest first.
import { type Command, Option } from "commander";
import type { SessionSort } from "../../../store/index.js";
import type { CommandContext } from "../../context.js";
import { parseCount } from "../../parse.js";
import { addSessionFilterOptions, type SessionFilterOptions, sessionFilterOf } from "../../session-filter.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface LsOptions extends SessionFilterOptions, StoreOption {
  readonly sort: SessionSort;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly offset: number;
  readonly deleted?: boolean;
  readonly json?: boolean;
}

/** Sessions that a terminal is shown unless it asks for more. */
const TTY_LIMIT = 50;

/** As the store has them, which is loaded only when it is opened. */
const SORTS: readonly SessionSort[] = ["created", "activity", "name", "duration", "size"];

/** Registers the command. */
export function registerLs(parent: Command, context: CommandContext): void {
  const command = parent
    .command("ls")
    .summary("list sessions")
    .description("Lists the sessions of the library, the newest first: those that are recorded just now among them.");
  addStoreOption(addSessionFilterOptions(command))
    .addOption(new Option("--sort <key>", "by what").choices(SORTS).default("created"))
    .option("--reverse", "the other way round: the smallest, or oldest, first; names from Z to A")
    .option("--limit <count>", `so many at most (a table on a terminal: ${TTY_LIMIT}; else all)`, parseCount(0))
    .option("--offset <count>", "leave out so many first", parseCount(0), 0)
    .option("--deleted", "those in the trash")
    .option("--json", "print an array of session documents")
    .addHelpText(
      "after",
      `
Ids are accepted by a beginning that no other has, of 4 characters at least; @last is the newest session, @-2 the one before it.

Examples:
  t2a ls
  t2a ls --since 7d --failed
  t2a ls --tag production --sort size --limit 10
  t2a ls --json --command make | jq -r '.[].id'`,
    )
    .action((options: LsOptions) => ls(options, context));
}

async function ls(options: LsOptions, context: CommandContext): Promise<void> {
  const { openExisting, tellWaiting } = await import("../../open-library.js");
  const { stdout } = context.io;
  const isTable = options.json !== true;
  const library = await openExisting(options, context);
  if (library === undefined) {
    if (isTable) context.info("the library is empty: t2a record records into it");
    else context.printJson([]);
    return;
  }
  try {
    const limit = options.limit ?? (isTable && stdout.isTTY === true ? TTY_LIMIT : undefined);
    const { sessions, total } = await library.list({
      ...sessionFilterOf(options, Date.now()),
      isDeleted: options.deleted === true,
      sort: options.sort,
      // Names read from A to Z; all else has what is newest or greatest first.
      isAscending: (options.reverse === true) !== (options.sort === "name"),
      limit,
      offset: options.offset,
    });
    if (!isTable) {
      context.printJson(sessions.map(({ session }) => session));
      return;
    }
    if (sessions.length > 0) {
      const { sessionTable } = await import("../../session-table.js");
      context.print(await sessionTable(sessions, stdout.isTTY ? (stdout.columns ?? 80) : undefined));
    }
    const shown = options.offset + sessions.length;
    if (total === 0) context.info(options.deleted ? "the trash is empty" : "no such sessions");
    else if (shown < total && options.limit === undefined) context.info(`${total - shown} more: --limit, --offset`);
    await tellWaiting(sessions, options, context);
  } finally {
    await library.close();
  }
}
