// t2a library complete: what a shell offers where a session can be named. Quick, bounded, and silent where something is wrong.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";

/** Sessions offered at most, the newest. */
const MAX_OFFERED = 50;
/** Names that need no quoting in any shell. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;

interface CompleteOptions {
  readonly describe?: boolean;
  readonly deleted?: boolean;
}

/** Registers the command. */
export function registerComplete(parent: Command, context: CommandContext): void {
  parent
    .command("complete", { hidden: true })
    .summary("print what can be named, for completion")
    .description(
      "Prints @last, and the names and ids of the newest sessions, a line each, for the shell's completion (t2a completion).",
    )
    .option("--describe", "a tab and a description behind each")
    .option("--deleted", "of sessions in the trash")
    .action((options: CompleteOptions) => complete(options, context));
}

async function complete({ describe, deleted }: CompleteOptions, context: CommandContext): Promise<void> {
  try {
    const { openLibrary } = await import("../../open-library.js");
    const library = await openLibrary({}, context, { mustExist: true });
    try {
      const { sessions } = await library.list({ isDeleted: deleted === true, limit: MAX_OFFERED });
      const say = (word: string, description: string) => context.print(describe ? `${word}\t${description}` : word);
      if (sessions.length > 0) say("@last", "the newest session");
      const { shownIdLength } = await import("../../session-table.js");
      const idLength = shownIdLength(sessions.map(({ session }) => session.id));
      const counts = new Map<string, number>();
      for (const { session } of sessions) counts.set(session.name, (counts.get(session.name) ?? 0) + 1);
      for (const { session } of sessions) {
        // A name that several have stands for none of them.
        if (PLAIN_NAME.test(session.name) && counts.get(session.name) === 1)
          say(session.name, session.createdAt.slice(0, 16));
        else say(session.id.slice(0, idLength), session.createdAt.slice(0, 16));
      }
    } finally {
      await library.close();
    }
  } catch {
    // whoever presses tab wants no message
  }
}
