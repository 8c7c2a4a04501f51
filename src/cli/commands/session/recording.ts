// t2a session pause-recording, resume-recording: the terminal goes on either way.
import type { Command } from "commander";
import type { SessionInfo, SessionManager, SessionReference } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { sessionOrOwn, withSessions } from "../../session-access.js";

/** Registers `pause-recording`. */
export function registerPauseRecording(parent: Command, context: CommandContext): void {
  register(
    parent
      .command("pause-recording")
      .summary("record nothing for a while")
      .description("Pauses a session's recording; its terminal goes on. What is printed meanwhile is kept nowhere.")
      .addHelpText("after", "\nExamples:\n  t2a session pause-recording\n  t2a session pause-recording build"),
    (sessions, session) => sessions.stopRecording(session),
    context,
  );
}

/** Registers `resume-recording`. */
export function registerResumeRecording(parent: Command, context: CommandContext): void {
  register(
    parent
      .command("resume-recording")
      .summary("record again")
      .description("Goes on with a session's recording behind pause-recording.")
      .addHelpText("after", "\nExamples:\n  t2a session resume-recording\n  t2a session resume-recording build"),
    (sessions, session) => sessions.startRecording(session),
    context,
  );
}

function register(
  command: Command,
  change: (sessions: SessionManager, session: SessionReference) => Promise<SessionInfo>,
  context: CommandContext,
): void {
  command
    .addArgument(liveArgument("[session]"))
    .option("--json", "print the session as JSON")
    .action(async (named: string | undefined, { json }: { readonly json?: boolean }) => {
      const reference = sessionOrOwn(named, context);
      const session = await withSessions(context, (sessions) => change(sessions, reference));
      if (json) context.printJson(session);
    });
}
