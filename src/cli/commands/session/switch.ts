// t2a session switch: another session in place of the one that is seen, by its name or from a list.
import type { Command } from "commander";
import { SessionError } from "../../../core/index.js";
import type { SessionManager } from "../../../session/index.js";
import type { CommandContext } from "../../context.js";
import { liveArgument } from "../../references.js";
import { surroundingSession, withSessions } from "../../session-access.js";

interface SwitchOptions {
  readonly client?: string;
  readonly json?: boolean;
}

/** Registers the command. */
export function registerSwitch(parent: Command, context: CommandContext): void {
  parent
    .command("switch")
    .summary("go to another session")
    .description(
      "Inside of a session: shows another one, which may be chosen from a list, to who is attached to this one. Elsewhere: attaches to the one\nthat is chosen.",
    )
    .addArgument(liveArgument("[session]"))
    .option("--client <id>", "inside of a session: only this client goes")
    .option("--json", "print JSON: the session's id, and the clients that went")
    .addHelpText("after", "\nExamples:\n  t2a session switch\n  t2a session switch build")
    .action((session: string | undefined, options: SwitchOptions) => switchTo(session, options, context));
}

async function switchTo(named: string | undefined, options: SwitchOptions, context: CommandContext): Promise<void> {
  const own = surroundingSession(context);
  await withSessions(context, async (sessions) => {
    const to = named ?? (await choose(own, sessions, context));
    if (to === undefined) return;
    if (own === undefined) return await attachTo(to, sessions, context, options.json === true);
    const { id: here } = await sessions.getSession(own);
    const target = await sessions.getSession(to);
    if (target.live === undefined) {
      throw new SessionError("T2A_SESSION_OVER", `${target.name} is over: t2a session resume goes on with it`);
    }
    const clients = (await sessions.listClients(here))
      .map(({ clientId, label }) => ({ clientId, isOurs: label.startsWith("tty") }))
      .filter(({ clientId, isOurs }) => (options.client === undefined ? isOurs : clientId === options.client))
      .map(({ clientId }) => clientId);
    if (target.id !== here && clients.length > 0) {
      const { sendClients } = await import("../../attach/switch-note.js");
      await sendClients(here, { to: target.id, clients }, sessions);
    }
    if (options.json) context.printJson({ id: target.id, clients: target.id === here ? [] : clients });
    else if (clients.length === 0) context.info("nobody is attached here: nobody goes there");
  });
}

async function attachTo(
  session: string,
  sessions: SessionManager,
  context: CommandContext,
  asJson: boolean,
): Promise<void> {
  const { attachableTty, attachTerminal } = await import("../../attach/attach-terminal.js");
  const tty = await attachableTty(context);
  try {
    const end = await attachTerminal({ sessions, session, tty, isQuiet: asJson }, context);
    if (asJson) context.printJson(end);
  } finally {
    await tty.close();
  }
}

/** The id of the one that the user chooses; undefined where none is wanted. */
async function choose(
  own: string | undefined,
  sessions: SessionManager,
  context: CommandContext,
): Promise<string | undefined> {
  const { attachableTty } = await import("../../attach/attach-terminal.js");
  const { chooseSession } = await import("../../attach/choose-session.js");
  const { colorDepth } = await import("../../../terminal/index.js");
  const live = await sessions.listActive();
  if (live.length === 0)
    throw new SessionError("T2A_SESSION_NOT_FOUND", "no session lives: t2a session new starts one");
  const current = own === undefined ? undefined : (await sessions.getSession(own)).id;
  const tty = await attachableTty(context);
  return await chooseSession({ sessions: live, current, tty, depth: colorDepth(context.io.env) });
}
