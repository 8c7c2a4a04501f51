// What the commands of sessions have in common: the manager for as long as a command runs, and which session is meant where none is named.
import { UsageError } from "../core/index.js";
import type { SessionManager, SessionReference } from "../session/index.js";
import type { CommandContext } from "./context.js";

/** Does something with the manager of sessions, and lets go of it. */
export async function withSessions<T>(
  context: CommandContext,
  work: (sessions: SessionManager) => Promise<T>,
): Promise<T> {
  const { openSessions } = await import("./open-sessions.js");
  const sessions = await openSessions(context);
  try {
    return await work(sessions);
  } finally {
    await sessions.close();
  }
}

/** The session that this command runs in; undefined outside of sessions. */
export function surroundingSession({ io }: CommandContext): SessionReference | undefined {
  return io.env.T2A_SESSION || undefined;
}

/**
 * The session that is named, else the one that the command runs in.
 * @throws UsageError where it runs in none.
 */
export function sessionOrOwn(named: SessionReference | undefined, context: CommandContext): SessionReference {
  const session = named ?? surroundingSession(context);
  if (session === undefined) throw new UsageError("name a session: t2a session ls lists them");
  return session;
}

/** Of `[ID] VALUE`: where one is given it is the value, and the session the one that the command runs in. */
export function sessionAndValue(
  first: string,
  second: string | undefined,
  what: string,
  context: CommandContext,
): { readonly session: SessionReference; readonly value: string } {
  if (second !== undefined) return { session: first, value: second };
  const session = surroundingSession(context);
  if (session === undefined) throw new UsageError(`name a session and ${what}: t2a session ls lists sessions`);
  return { session, value: first };
}
