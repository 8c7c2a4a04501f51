// t2a session resume, t2a session restore: going on with a session that is over.
import type { Command } from "commander";
import { UsageError } from "../../../core/index.js";
import type { SessionInfo, SessionManager } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { parseWindowSize } from "../../parse.js";
import { sessionArgument } from "../../references.js";
import { surroundingSession, withSessions } from "../../session-access.js";

interface ResumeCommandOptions {
  readonly rerun?: boolean;
  readonly yes?: boolean;
  readonly size?: { readonly cols?: number; readonly rows?: number };
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerResume(parent: Command, context: CommandContext): void {
  addOptions(
    parent
      .command("resume")
      .summary("go on with a session that ended badly")
      .description(
        "Goes on with a session that is over: the same session with a new shell, in the folder and with the variables of its last\n" +
          "checkpoint, and its screen and scrollback back in place. Without a session it is the last that was interrupted, else that failed.",
      )
      .addArgument(sessionArgument("[session]")),
  )
    .addHelpText(
      "after",
      `
What was recorded goes on in a further recording of the session; t2a play, screen and analyze read them as one. A damaged
checkpoint is given up for the one before, which is said.

Examples:
  t2a session resume
  t2a session resume build --rerun
  t2a session resume build --detach --json | jq .notes`,
    )
    .action((session: string | undefined, options: ResumeCommandOptions) => goOn("resume", session, options, context));
}

/** Registers the command. */
export function registerRestore(parent: Command, context: CommandContext): void {
  addOptions(
    parent
      .command("restore")
      .summary("go on with a session of the library, from another machine too")
      .description(
        "As t2a session resume, for a session that is in the library alone: what its recordings tell is its screen and folder. Where the\n" +
          "folder is not on this machine the session goes on in the home folder, which is said.",
      )
      .addArgument(sessionArgument("<session>")),
  )
    .addHelpText("after", "\nExamples:\n  t2a session restore 01JD3\n  t2a session restore build --detach")
    .action((session: string, options: ResumeCommandOptions) => goOn("restore", session, options, context));
}

function addOptions(command: Command): Command {
  return command
    .option("--rerun", "start the command again that was running; asks first")
    .option("-y, --yes", "do not ask")
    .option("--size <COLSxROWS>", "in cells; else that of this terminal, or as it was", parseWindowSize)
    .option("-d, --detach", "do not attach")
    .option("--json", "do not attach, and print the session as JSON");
}

async function goOn(
  how: "resume" | "restore",
  reference: string | undefined,
  options: ResumeCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { attachableTty, attachTerminal, canAttach } = await import("../../attach/attach-terminal.js");
  const isInside = surroundingSession(context) !== undefined;
  const isAttached = options.detach !== true && options.json !== true && !isInside && canAttach(context);
  await withSessions(context, async (sessions) => {
    const isRerun = options.rerun === true && (await mayRerun(sessions, reference, options, context));
    const tty = isAttached ? await attachableTty(context) : undefined;
    try {
      const terminal = tty === undefined || (await keepsSize(sessions, reference)) ? undefined : tty.size();
      const size = options.size ?? terminal;
      const env = Object.entries(context.io.env);
      const wishes = {
        rerun: isRerun,
        cols: size?.cols,
        rows: size?.rows,
        env: Object.fromEntries(env.filter((entry): entry is [string, string] => entry[1] !== undefined)),
      };
      const session =
        how === "resume" || reference === undefined
          ? await sessions.resume(reference, wishes)
          : await sessions.restore(reference, wishes);
      if (options.json) return context.printJson(session);
      await tell(session, context);
      if (tty !== undefined) await attachTerminal({ sessions, session: session.id, tty }, context);
      else context.print(session.id);
    } finally {
      await tty?.close();
    }
  });
}

/** Whether it goes on in the size that it had, whatever terminal it is shown on. */
async function keepsSize(sessions: SessionManager, reference: string | undefined): Promise<boolean> {
  const session = reference === undefined ? await findLast(sessions) : await sessions.getSession(reference);
  return session?.config.keepsSize === true;
}

async function tell({ notes = [] }: SessionInfo, context: CommandContext): Promise<void> {
  const { visibleText } = await import("../../../terminal/index.js");
  for (const note of notes) context.warn(visibleText(note));
}

/** The command is shown and asked for, since what runs twice may do twice. */
async function mayRerun(
  sessions: SessionManager,
  reference: string | undefined,
  { yes }: ResumeCommandOptions,
  context: CommandContext,
): Promise<boolean> {
  if (yes) return true;
  if (context.io.stdin.isTTY !== true) throw new UsageError("--rerun asks first: add --yes where nobody can answer");
  const id = reference ?? (await findLast(sessions))?.id;
  if (id === undefined) return true; // resuming says that there is none
  const session = await sessions.getSession(id);
  const checkpoints = await sessions.listCheckpoints(session.id);
  const line = session.config.command ?? checkpoints.find(({ isDamaged }) => !isDamaged)?.commandLine;
  if (line === undefined) return true; // resuming says that nothing was running
  const { visibleText } = await import("../../../terminal/index.js");
  const { confirm } = await import("../../confirm.js");
  return await confirm(`start "${visibleText(line, { maxLength: 200 })}" again?`, context);
}

async function findLast(sessions: SessionManager): Promise<SessionInfo | undefined> {
  const over = await sessions.listSessions({ isLive: false, limit: 1000 });
  return over.find(({ status }) => status === "interrupted") ?? over.find(({ status }) => status === "failed");
}
