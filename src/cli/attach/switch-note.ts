// How a command that runs in a session asks the clients of that session to go to another one: it leaves a note in the session's state that
// is kept in memory alone, and detaches them; who is detached looks for the note.
import type { JsonValue, SessionManager } from "../../session/index.js";

const KEY = "t2a.switch";
/** An older note was meant for others, milliseconds. */
const MAX_AGE_MS = 10_000;

/** Where a client is to go. */
export interface SwitchNote {
  /** Id of the session to go to. */
  readonly to: string;
  /** The clients that are meant. */
  readonly clients: readonly string[];
}

/** Sends clients of a session to another one. */
export async function sendClients(
  session: string,
  { to, clients }: SwitchNote,
  sessions: Pick<SessionManager, "setState" | "detachClients">,
): Promise<void> {
  const note: JsonValue = { to, clients, at: Date.now() };
  await sessions.setState(KEY, note, { scope: "temp", session });
  for (const client of clients) await sessions.detachClients(session, client);
}

/** The session that a client which was detached is to go to; undefined where it is to go nowhere. */
export async function findSwitch(
  session: string,
  clientId: string,
  sessions: Pick<SessionManager, "getState">,
): Promise<string | undefined> {
  // Where state cannot be read, being detached is all there is to know.
  const note = await sessions.getState(KEY, { scope: "temp", session }).catch(() => undefined);
  if (typeof note !== "object" || note === null || !("to" in note)) return undefined;
  const { to, clients, at } = note;
  const isMeant = Array.isArray(clients) && clients.includes(clientId);
  const isFresh = typeof at === "number" && Math.abs(Date.now() - at) < MAX_AGE_MS;
  return isMeant && isFresh && typeof to === "string" && to !== session ? to : undefined;
}
