// t2a agent complete, t2a agent fail: brings an agent's work to an end. Its terminal is left as it is.
import type { Command } from "commander";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";
import { readJsonFile } from "./context-options.js";

interface CompleteOptions {
  readonly result?: string;
  readonly json?: boolean;
}

/** Registers `complete`. */
export function registerComplete(parent: Command, context: CommandContext): void {
  parent
    .command("complete")
    .summary("say that an agent's work is done")
    .description(
      "Says that the work of a session is done. Its terminal is left as it is: t2a session kill ends it. Where its program ended well\nby itself, the result is added to it.",
    )
    .addArgument(liveArgument("[session]"))
    .option("--result <file>", "JSON of what came out of it; - is standard input")
    .option("--json", "print the session as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a agent complete TestAgent --result result.json\n  echo '{\"tests\": 12}' | t2a agent complete --result -",
    )
    .action(async (session: string | undefined, { result: file, json }: CompleteOptions) => {
      const reference = sessionOrOwn(session, context);
      const result = file === undefined ? undefined : await readJsonFile(file, context);
      await withSessions(context, async (sessions) => {
        const done = await sessions.completeSession(reference, result);
        if (json) context.printJson(done);
      });
    });
}

interface FailOptions {
  readonly error: string;
  readonly json?: boolean;
}

/** Registers `fail`. */
export function registerFail(parent: Command, context: CommandContext): void {
  parent
    .command("fail")
    .summary("say that an agent's work failed")
    .description(
      "Says that the work of a session failed, and why. Its terminal is left as it is. Where its program failed by itself, the reason is\nadded to it.",
    )
    .addArgument(liveArgument("[session]"))
    .requiredOption("--error <text>", "why")
    .option("--json", "print the session as JSON")
    .addHelpText("after", '\nExamples:\n  t2a agent fail TestAgent --error "2 of 12 tests fail"')
    .action((session: string | undefined, { error, json }: FailOptions) =>
      withSessions(context, async (sessions) => {
        const done = await sessions.failSession(sessionOrOwn(session, context), error);
        if (json) context.printJson(done);
      }),
    );
}
