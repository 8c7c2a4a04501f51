// t2a session screen: what a session's terminal shows.
import type { Command } from "commander";
import type { SessionScreen } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { parseCount } from "../../parse.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";
import { shownLine } from "../../shown-line.js";

interface ScreenOptions {
  readonly ansi?: boolean;
  readonly json?: boolean;
  /** How many rows; `true`: as many as there are to have. */
  readonly scrollback?: number | true;
}

/** Registers the command. */
export function registerScreen(parent: Command, context: CommandContext): void {
  parent
    .command("screen")
    .summary("print what a session shows")
    .description("Prints the screen of a session as it stands; of one that is over, its last.")
    .addArgument(liveArgument("[session]"))
    .option("--ansi", "with its colours")
    .option("--scrollback [lines]", "with the last rows that scrolled off above it: 10000 at most", parseCount(0))
    .option("--json", "size, lines, cursor and title as JSON; the rows above as scrollback")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a session screen build\n  t2a session screen build --ansi\n  t2a session screen build --scrollback 500\n  t2a session screen build --json | jq -r '.lines[]'",
    )
    .action((session: string | undefined, options: ScreenOptions) => screen(session, options, context));
}

async function screen(
  named: string | undefined,
  { ansi, json, scrollback }: ScreenOptions,
  context: CommandContext,
): Promise<void> {
  const reference = sessionOrOwn(named, context);
  const rows = scrollback === true ? undefined : scrollback;
  const [above, shown] = await withSessions(context, async (sessions) => [
    scrollback === undefined ? undefined : await sessions.scrollback(reference, rows),
    await sessions.screen(reference),
  ]);
  const { dump, ...told } = shown;
  if (json) return context.printJson(above === undefined ? told : { ...told, scrollback: above.lines });
  const lines = ansi
    ? [...(above?.styled ?? []), ...(await styledLines(shown))]
    : [...(above?.lines ?? []), ...shown.lines].map(await shownLine(context));
  context.print(lines.join("\n"));
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
