// t2a session run: a command typed into a session's shell, as if it had been run here.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { interruptibly } from "../../interruption.js";
import { liveArgument } from "../../references.js";
import { withSessions } from "../../session-access.js";
import { shellWord } from "../../shell-word.js";
import { shownLine } from "../../shown-line.js";

/** Registers the command. */
export function registerRun(parent: Command, context: CommandContext): void {
  parent
    .command("run")
    .summary("type a command into a session, and wait for it")
    .description(
      "Types a command into a session whose shell waits at its prompt, waits for its end, prints what it printed, and exits with its status.\nA single argument is the shell's line as it stands; several are the words of one.",
    )
    .addArgument(liveArgument("<session>"))
    .argument("<command...>", "what is typed")
    .option("--json", "print JSON: line, exitStatus, durationNs, output, isCut")
    .addHelpText(
      "after",
      `
The shell must be bash, zsh or fish with t2a's integration, which sessions have unless --no-shell-integration was given. Output beyond 1 MB is
cut. An interruption here (^C) leaves the command running there.

Examples:
  t2a session run build -- make test
  t2a session run build -- 'cd /srv && git pull | tail -1'
  t2a session run build --json -- uname -a`,
    )
    .action((session: string, words: readonly string[], { json }: { readonly json?: boolean }) =>
      run(session, words, json === true, context),
    );
}

async function run(session: string, words: readonly string[], asJson: boolean, context: CommandContext): Promise<void> {
  const line = words.length === 1 ? (words[0] ?? "") : words.map(shellWord).join(" ");
  await withSessions(context, (sessions) =>
    interruptibly(context.exit, async (signal) => {
      const result = await sessions.runCommand(session, line, signal);
      if (asJson) context.printJson(result);
      else if (result.output !== "") {
        const lines = result.output.replace(/\n$/, "").split("\n");
        context.print(lines.map(await shownLine(context)).join("\n"));
      }
      if (result.isCut) context.warn("there was more output than is kept: the recording has all of it");
      if (result.exitStatus === undefined) context.warn("the shell does not tell how the command ended");
      else context.exit(result.exitStatus);
    }),
  );
}
