// The manager of sessions that commands use.
import { SessionError } from "../core/index.js";
import type { SessionManager } from "../session/index.js";
import type { CommandContext } from "./context.js";

/**
 * Connects to the daemon. Whoever opens it closes it.
 * @throws SessionError `T2A_DAEMON` where it cannot be started or reached.
 */
export async function openSessions(_context: CommandContext): Promise<SessionManager> {
  throw new SessionError("T2A_DAEMON", "the daemon cannot be reached");
}
