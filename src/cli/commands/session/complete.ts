// t2a session complete: what a shell offers where a live session can be named. Quick, bounded, silent where something is wrong, and starts
// nothing: what lives is in the library.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";

/** Sessions offered at most, the newest. */
const MAX_OFFERED = 100;
/** Names that need no quoting in any shell. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;

/** Registers the command. */
export function registerComplete(parent: Command, context: CommandContext): void {
  parent
    .command("complete", { hidden: true })
    .summary("print what can be named, for completion")
    .description(
      "Prints the names and ids of the sessions that live or can be resumed, a line each, for the shell's completion.",
    )
    .option("--describe", "a tab and a description behind each")
    .action((options: { readonly describe?: boolean }) => complete(options, context));
}

async function complete({ describe }: { readonly describe?: boolean }, context: CommandContext): Promise<void> {
  try {
    const { openLibrary } = await import("../../open-library.js");
    const { shownIdLength } = await import("../../session-table.js");
    const library = await openLibrary({}, context, { mustExist: true });
    try {
      const { sessions: found } = await library.list({
        statuses: ["active", "interrupted"],
        isDeleted: false,
        limit: MAX_OFFERED,
      });
      const sessions = found.map(({ session }) => session);
      const idLength = shownIdLength(sessions.map(({ id }) => id));
      const counts = new Map<string, number>();
      for (const { name } of sessions) counts.set(name, (counts.get(name) ?? 0) + 1);
      for (const { id, name, status, createdAt } of sessions) {
        // A name that several have stands for none of them.
        const isName = PLAIN_NAME.test(name) && counts.get(name) === 1;
        const word = isName ? name : id.slice(0, idLength);
        context.print(describe ? `${word}\t${status} ${createdAt.slice(0, 16)}` : word);
      }
    } finally {
      await library.close();
    }
  } catch {
    // whoever presses tab wants no message
  }
}
