// t2a library show, t2a show: all that is known of a session.
import type { Command } from "commander";
import { formatDuration, formatSize } from "../../../core/index.js";
import type { ListedSession } from "../../../library/index.js";
import type { Session } from "../../../store/index.js";
import type { CommandContext } from "../../context.js";
import { sessionArgument } from "../../references.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface ShowOptions extends StoreOption {
  readonly json?: boolean;
}

/** Registers the command. */
export function registerShow(parent: Command, context: CommandContext): void {
  const command = parent
    .command("show")
    .summary("show what is known of a session")
    .description("Shows what the library knows of a session: its recordings, how it ended, its last command.")
    .addArgument(sessionArgument("<session>"));
  addStoreOption(command)
    .option("--json", "print the session document")
    .addHelpText("after", "\nExamples:\n  t2a show @last\n  t2a show --json 01KAM3 | jq .recordings")
    .action((reference: string, options: ShowOptions) => show(reference, options, context));
}

async function show(reference: string, options: ShowOptions, context: CommandContext): Promise<void> {
  const { getExisting } = await import("../../open-library.js");
  const library = await getExisting(options, context);
  try {
    const found = await library.resolve(reference).catch(async (error) => {
      return await library.resolve(reference, { isDeleted: true }).catch(() => Promise.reject(error));
    });
    const session = await library.get(found);
    if (options.json) {
      context.printJson(session);
      return;
    }
    const { visibleText } = await import("../../../terminal/index.js");
    const { localTime, statusText } = await import("../../session-table.js");
    for (const [name, value] of rowsOf(session, found, { localTime, statusText })) {
      if (value !== undefined && value !== "")
        context.print(`${name.padEnd(12)}${visibleText(value, { maxLength: 1000 })}`);
    }
  } finally {
    await library.close();
  }
}

type Words = Pick<typeof import("../../session-table.js"), "localTime" | "statusText">;

function* rowsOf(
  session: Session,
  { spooled }: ListedSession,
  { localTime, statusText }: Words,
): Generator<readonly [string, string | undefined]> {
  const { config, stats, lastCommand, lastResult } = session;
  yield ["id", session.id];
  yield ["name", session.name];
  yield ["status", statusText(session, spooled)];
  yield ["when", localTime(session.createdAt)];
  // Of what is in the spool still nothing is counted.
  const isCounted = spooled === undefined;
  yield ["length", isCounted ? formatDuration(stats.durationNs) : undefined];
  yield ["in trash", session.deletedAt && `since ${localTime(session.deletedAt)}`];
  yield ["command", config.command];
  yield ["folder", config.cwd];
  yield ["terminal", `${config.cols}x${config.rows}`];
  yield ["by", [session.user, session.host].filter((part) => part !== undefined).join("@")];
  yield ["agent", session.agent];
  yield ["purpose", session.purpose];
  yield ["parent", session.parent];
  yield ["tags", session.tags.join(", ")];
  yield ["commands", isCounted ? String(session.commandCount) : undefined];
  const status = lastResult?.exitStatus;
  yield ["last one", lastCommand && `${lastCommand}${status === undefined ? "" : ` (${status})`}`];
  yield ["output", isCounted ? formatSize(stats.outputBytes) : undefined];
  yield ["error", session.error];
  for (const { id, sizeBytes, stats: own, title, original } of session.recordings) {
    const parts = [
      id,
      formatDuration(own.durationNs),
      formatSize(sizeBytes),
      title,
      original && `and ${original.format}`,
    ];
    yield ["recording", parts.filter((part) => part !== undefined).join("  ")];
  }
}
