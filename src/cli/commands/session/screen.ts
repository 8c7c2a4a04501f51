// t2a session screen: what a session's terminal shows.
import type { Command } from "commander";
import type { SessionScreen } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";
import { shownLine } from "../../shown-line.js";

interface ScreenOptions {
  readonly ansi?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerScreen(parent: Command, context: CommandContext): void {
  parent
    .command("screen")
    .summary("print what a session shows")
    .description("Prints the screen of a session as it stands; of one that is over, its last.")
    .addArgument(liveArgument("[session]"))
    .option("--ansi", "with its colours")
    .option("--json", "size, lines, cursor and title as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a session screen build\n  t2a session screen build --ansi\n  t2a session screen build --json | jq -r '.lines[]'",
    )
    .action((session: string | undefined, options: ScreenOptions) => screen(session, options, context));
}

async function screen(
  named: string | undefined,
  { ansi, json }: ScreenOptions,
  context: CommandContext,
): Promise<void> {
  const reference = sessionOrOwn(named, context);
  const shown = await withSessions(context, (sessions) => sessions.screen(reference));
  const { dump, ...told } = shown;
  if (json) return context.printJson(told);
  context.print((ansi ? await styledLines(shown) : shown.lines.map(await shownLine(context))).join("\n"));
}

/** From cells: no byte of the program's reaches a terminal. */
async function styledLines({ cols, rows, dump }: SessionScreen): Promise<readonly string[]> {
  const { Screen, styledText } = await import("../../../terminal/index.js");
  const screen = new Screen({ cols, rows });
  screen.feed(dump);
  const lines = screen.snapshot().lines.map((line) => styledText(line));
  screen.dispose();
  return lines;
}
