// t2a session checkpoint, t2a session checkpoints: points that a session can be resumed from.
import type { Command } from "commander";
import type { CheckpointInfo } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

/** Registers the command. */
export function registerCheckpoint(parent: Command, context: CommandContext): void {
  parent
    .command("checkpoint")
    .summary("write a checkpoint of a session now")
    .description(
      "Writes a point that the session can be resumed from: where its recording is, its folder, what runs. That is done by itself every\n" +
        "half hour (session.checkpoint_interval), after each command, and when the session or the daemon ends.",
    )
    .addArgument(liveArgument("[session]"))
    .option("--json", "print the checkpoint as JSON")
    .addHelpText("after", "\nExamples:\n  t2a session checkpoint\n  t2a session checkpoint build --json | jq .number")
    .action(async (named: string | undefined, { json }: { readonly json?: boolean }) => {
      const reference = sessionOrOwn(named, context);
      const checkpoint = await withSessions(context, (sessions) => sessions.checkpoint(reference));
      if (json) context.printJson(checkpoint);
      else context.print(String(checkpoint.number));
    });
}

/** Registers the command. */
export function registerCheckpoints(parent: Command, context: CommandContext): void {
  parent
    .command("checkpoints")
    .summary("list the checkpoints of a session")
    .description(
      "Lists the points that a session can be resumed from, newest first. The newest that is not damaged is used.",
    )
    .addArgument(liveArgument("[session]"))
    .option("--json", "print them as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a session checkpoints build\n  t2a session checkpoints build --json | jq '.[0].cwd'",
    )
    .action(async (named: string | undefined, { json }: { readonly json?: boolean }) => {
      const reference = sessionOrOwn(named, context);
      const checkpoints = await withSessions(context, (sessions) => sessions.listCheckpoints(reference));
      if (json) return context.printJson(checkpoints);
      if (checkpoints.length > 0) context.print(await table(checkpoints));
    });
}

async function table(checkpoints: readonly CheckpointInfo[]): Promise<string> {
  const { plainTable } = await import("../../table.js");
  const { formatDuration } = await import("../../../core/index.js");
  const { visibleText } = await import("../../../terminal/index.js");
  const shown = (text = "") => visibleText(text, { maxLength: 60 });
  return plainTable(
    ["NUMBER", "WRITTEN", "REASON", "AT", "FOLDER", "RUNNING"],
    checkpoints.map(({ number, createdAt, reason, timeNs, cwd, commandLine, isDamaged }) =>
      isDamaged
        ? [String(number), createdAt, "damaged", "", "", ""]
        : [String(number), createdAt, reason, formatDuration(timeNs), shown(cwd), shown(commandLine)],
    ),
  );
}
